import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LAST_WORDS = 8_000;

/** `tocsin start …` as a person runs it: a process of its own that can be killed at any moment. */
export class ServiceProcess {
  readonly #args: readonly string[];
  readonly #isTerminal: boolean;
  #child: ChildProcess | undefined;
  #said = '';

  /**
   * @param args after `start`
   * @param isTerminal whether it leads a process group, which Ctrl-C then reaches as a whole
   */
  constructor(args: readonly string[], isTerminal = false) {
    this.#args = args;
    this.#isTerminal = isTerminal;
  }

  /** What it has printed last, all lives together. */
  get said(): string {
    return this.#said;
  }

  /** Starts it and does not wait. */
  begin(): void {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'src/main.ts', 'start', ...this.#args],
      {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, INIT_CWD: ROOT },
        detached: this.#isTerminal,
      },
    );
    const hear = (text: Buffer): void => {
      this.#said = (this.#said + text.toString()).slice(-LAST_WORDS);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    this.#child = child;
  }

  /**
   * Waits until a condition throws no more.
   * @throws with its last words, at once when it has ended, else when the time is up
   */
  async until(
    condition: () => Promise<void> | void,
    options: { readonly timeout: number; readonly interval: number },
  ): Promise<void> {
    const deadline = Date.now() + options.timeout;
    for (;;) {
      const isRunning = this.#child?.exitCode === null && this.#child.signalCode === null;
      try {
        if (!isRunning) throw new Error('the service has ended');
        await condition();
        return;
      } catch (error) {
        if (!isRunning || Date.now() > deadline) {
          const why = error instanceof Error ? error.message : String(error);
          throw new Error(`${why}\nlast words of the service:\n${this.#said}`, { cause: error });
        }
      }
      await delay(options.interval);
    }
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it as Ctrl-C on its terminal does, or as a service manager. @returns its exit code */
  async stop(): Promise<number | null> {
    return this.#end(this.#isTerminal ? 'SIGINT' : 'SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return null;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((done) => child.once('close', done));
    if (this.#isTerminal && child.pid !== undefined) process.kill(-child.pid, signal);
    else child.kill(signal);
    return ended;
  }
}
