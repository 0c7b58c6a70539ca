import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { messageOf, TocsinError } from '../../src/domain/errors.js';

const CHUNK = 1 << 18;

/** A text file written piece by piece, without holding it in memory. */
export class TextFile {
  readonly path: string;
  readonly #stream: ReturnType<typeof createWriteStream>;
  #pending = '';
  #failure: unknown;

  constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path);
    this.#stream.on('error', (error) => {
      this.#failure = error;
    });
  }

  /** @throws TocsinError `input.file` when it cannot be written */
  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length < CHUNK) return;
    const chunk = this.#pending;
    this.#pending = '';
    this.#check();
    // `once` rejects with the stream's error, which the check after it throws by name.
    if (!this.#stream.write(chunk)) await once(this.#stream, 'drain').catch(() => undefined);
    this.#check();
  }

  async close(): Promise<void> {
    this.#check();
    await new Promise<void>((resolve, reject) => {
      this.#stream.once('error', reject);
      this.#stream.end(this.#pending, resolve);
    }).catch((error: unknown) => {
      this.#failure = error;
    });
    this.#check();
  }

  #check(): void {
    if (this.#failure === undefined) return;
    const why = messageOf(this.#failure);
    throw new TocsinError('input.file', `${this.path}: cannot be written: ${why}`);
  }
}

/** One field of a CSV file; quoted where it must be. */
export function csvField(value: string | number | boolean | undefined): string {
  const text = value === undefined ? '' : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One line of a CSV file. */
export function csvLine(fields: readonly (string | number | boolean | undefined)[]): string {
  return `${fields.map(csvField).join(',')}\n`;
}
