import type { MessageFile } from './message-file.js';
import type { ReplyWish } from './ports.js';

/** Words that carriers have everybody honour, whatever languages there are. */
const EVERYWHERE = {
  out: ['STOP', 'STOPALL', 'STOPSMS', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'],
  in: ['START', 'UNSTOP'],
  help: ['HELP', 'INFO'],
} as const;

/** The words that replies are known by, all languages together. */
export class ReplyWords {
  readonly #wishes = new Map<string, ReplyWish>();
  readonly #languages = new Map<string, string>();

  /** Where a word stands in two lists, opting out comes before opting in, and that before help. */
  constructor(files: readonly Pick<MessageFile, 'language' | 'replies'>[]) {
    for (const wish of ['help', 'in', 'out'] as const) {
      for (const word of EVERYWHERE[wish]) this.#wishes.set(bare(word), wish);
      for (const { language, replies } of files) {
        for (const word of replies?.[wish] ?? []) {
          this.#wishes.set(bare(word), wish);
          this.#languages.set(bare(word), language);
        }
      }
    }
  }

  /**
   * What a reply asks for. Case, accents, spaces and punctuation do not count, so that "stop",
   * " Arrêt !" and "A R R E T" all opt out; a longer sentence asks for nothing.
   */
  wishOf(body: string): ReplyWish | undefined {
    return this.#wishes.get(bare(body));
  }

  /** The language that a reply is a word of; undefined for one of no or of every language. */
  languageOf(body: string): string | undefined {
    return this.#languages.get(bare(body));
  }

  /** Words that opt out, in capitals and without accents. */
  get out(): ReadonlySet<string> {
    const words = [...this.#wishes].filter(([, wish]) => wish === 'out');
    return new Set(words.map(([word]) => word));
  }
}

/** Letters alone, in capitals and without their marks. */
function bare(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toUpperCase();
}
