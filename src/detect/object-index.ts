/** Numbers the objects of a lane; numbers of objects taken out of service are given out again. */
export class ObjectIndex {
  readonly #numberOf = new Map<string, number>();
  readonly #ids: string[] = [];
  #free: number[] = [];
  #isSorted = true;
  #sorted: number[] = [];
  /** number after the one found last: reports of one period name objects in much the same order */
  #expected = 0;

  /** Numbers given out so far: every object's is below it. */
  get size(): number {
    return this.#ids.length;
  }

  /** Objects in service. */
  get count(): number {
    return this.#numberOf.size;
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  /** @returns the object's number, or -1 */
  find(id: string): number {
    if (this.#expected >= this.#ids.length) this.#expected = 0;
    if (this.#ids[this.#expected] === id && id !== '') return this.#expected++;
    const found = this.#numberOf.get(id) ?? -1;
    if (found >= 0) this.#expected = found + 1;
    return found;
  }

  /** @returns the object's number, or -1; unlike `find` it expects nothing of the next one */
  numberOf(id: string): number {
    return this.#numberOf.get(id) ?? -1;
  }

  /** @returns the id, or the empty text for a number not in service */
  idOf(object: number): string {
    return this.#ids[object] ?? '';
  }

  /** Gives an unknown object a number. The id is copied, so that no larger text is kept alive. */
  add(id: string): number {
    const own = JSON.parse(JSON.stringify(id)) as string;
    const object = this.#free.pop() ?? this.#ids.length;
    this.#ids[object] = own;
    this.#numberOf.set(own, object);
    this.#isSorted = false;
    return object;
  }

  remove(object: number): void {
    const id = this.#ids[object];
    if (id === undefined || id === '') return;
    this.#numberOf.delete(id);
    this.#ids[object] = '';
    this.#free.push(object);
    this.#isSorted = false;
  }

  /** @returns numbers of the objects in service in order of their ids */
  sorted(): readonly number[] {
    if (this.#isSorted) return this.#sorted;
    this.#sorted = [...this.#numberOf.values()].sort((a, b) =>
      this.idOf(a) < this.idOf(b) ? -1 : 1,
    );
    this.#isSorted = true;
    return this.#sorted;
  }

  toJson(): { ids: string[]; free: number[] } {
    return { ids: [...this.#ids], free: [...this.#free] };
  }

  load(state: { ids: string[]; free: number[] }): void {
    this.#numberOf.clear();
    this.#ids.length = 0;
    for (const [object, id] of state.ids.entries()) {
      this.#ids.push(id);
      if (id !== '') this.#numberOf.set(id, object);
    }
    this.#free = [...state.free];
    this.#isSorted = false;
  }
}
