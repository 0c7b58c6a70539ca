/** More objects of one feed in one partition than an operator has. */
const MAX_NAMES = 1 << 20;
/** Reports that may be missing in a row without losing the place. */
const LOOK_AHEAD = 8;

/**
 * The order in which names came in the last round. Reports come in much the same order every
 * period: a name found where it was expected needs no search in an inventory too large for a
 * processor's cache. Learns one round, starts anew when an eighth of a round was not as expected.
 */
export class NameOrder {
  #names: string[] = [];
  #place = 0;
  #isLearning = true;
  #misses = 0;

  /** Whether the name is one of the next that are expected; moves on behind it. */
  isNext(name: string): boolean {
    const names = this.#names;
    if (this.#isLearning) {
      if (names[0] !== name) return false;
      this.#isLearning = false;
      this.#place = 1;
      return true;
    }
    for (let ahead = 0; ahead <= LOOK_AHEAD; ahead++) {
      let place = this.#place + ahead;
      if (place >= names.length) place %= names.length;
      if (names[place] !== name) continue;
      this.#place = place + 1;
      return true;
    }
    return false;
  }

  /** Notes a good name that was not expected. */
  add(name: string): void {
    if (this.#isLearning && this.#names.length < MAX_NAMES) this.#names.push(name);
    else if (++this.#misses > this.#names.length / 8) this.clear();
  }

  /** Forgets every name. */
  clear(): void {
    this.#names = [];
    this.#place = 0;
    this.#misses = 0;
    this.#isLearning = true;
  }
}
