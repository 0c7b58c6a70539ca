/** At most so many requests on their way at once; who waits is served in order. */
export class Window {
  readonly #size: number;
  readonly #waiting: ((isFree: boolean) => void)[] = [];
  #used = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** @returns whether there was a place within `timeoutMs`; then `leave` must follow */
  async enter(timeoutMs: number): Promise<boolean> {
    if (this.#used < this.#size) {
      this.#used++;
      return true;
    }
    return new Promise<boolean>((resolve) => {
      const settle = (isFree: boolean): void => {
        clearTimeout(timer);
        resolve(isFree);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(settle), 1);
        resolve(false);
      }, timeoutMs);
      this.#waiting.push(settle);
    });
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next(true);
    else this.#used--;
  }
}
