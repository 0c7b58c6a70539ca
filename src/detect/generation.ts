/** Numbers the models of a lane: shapes and tails in use, and those before them. */
export class Generation {
  #version = 0;
  #previous: number | null = null;
  #latest = 0;
  /** what the present version changed */
  #changed: 'shapes' | 'tails' = 'tails';
  /** an operator went back: nothing is refitted before the next scheduled fit */
  #isHeld = false;

  /** Version in use, from 0: as shipped. */
  get version(): number {
    return this.#version;
  }

  /** Version that `revert` goes back to; null when there is none. */
  get previous(): number | null {
    return this.#previous;
  }

  get changed(): 'shapes' | 'tails' {
    return this.#changed;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Something new is in use. */
  next(changed: 'shapes' | 'tails'): void {
    this.#previous = this.#version;
    this.#version = ++this.#latest;
    this.#changed = changed;
  }

  /** The models before are in use again. */
  reverted(): void {
    this.#version = this.#previous ?? this.#version;
    this.#previous = null;
    this.#isHeld = true;
  }

  /** A scheduled fit is due: what was held is free again. */
  release(): void {
    this.#isHeld = false;
  }

  toJson(): readonly unknown[] {
    return [this.#version, this.#previous, this.#latest, this.#changed, this.#isHeld];
  }

  load(state: readonly unknown[]): void {
    [this.#version, this.#previous, this.#latest, this.#changed, this.#isHeld] = state as [
      number,
      number | null,
      number,
      'shapes' | 'tails',
      boolean,
    ];
  }
}
