const MAX_IDS = 1 << 20;
const MAX_ARENA = 64 * 1024 * 1024;

/**
 * Text of ids by their bytes, so that an id seen before costs a hash and a comparison and no new
 * string. Open addressing over one byte arena; emptied when it holds a million ids or 64 MB, so
 * that made-up ids cannot fill the memory.
 */
export class IdTable {
  readonly #decode: (bytes: Uint8Array) => string;
  #slots = new Int32Array(4096);
  #ids: string[] = [];
  #starts: number[] = [];
  #arena = new Uint8Array(64 * 1024);
  #used = 0;
  /** entry after the one found last: reports of one period name the same objects in the same order */
  #next = 0;

  /** @param decode makes an id's text of its bytes; may throw, then nothing is remembered */
  constructor(decode: (bytes: Uint8Array) => string) {
    this.#decode = decode;
  }

  /** Text of `bytes[start, end)`. @throws what `decode` throws */
  text(bytes: Uint8Array, start: number, end: number): string {
    const guess = this.#next;
    if (guess < this.#ids.length && this.#equals(guess, bytes, start, end)) {
      this.#next = guess + 1 === this.#ids.length ? 0 : guess + 1;
      return this.#ids[guess] as string;
    }
    const hash = hashOf(bytes, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) break;
      if (this.#equals(entry - 1, bytes, start, end)) {
        this.#next = entry;
        return this.#ids[entry - 1] as string;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, bytes.subarray(start, end));
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[id] as number;
    const to = this.#starts[id + 1] ?? this.#used;
    if (to - from !== end - start) return false;
    const arena = this.#arena;
    for (let i = 0; i < to - from; i++) if (arena[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #add(slot: number, bytes: Uint8Array): string {
    const id = this.#decode(bytes);
    if (this.#ids.length >= MAX_IDS || this.#used + bytes.length > MAX_ARENA) {
      this.#clear();
      return id;
    }
    if (this.#used + bytes.length > this.#arena.length) {
      const wide = new Uint8Array(2 * (this.#used + bytes.length));
      wide.set(this.#arena);
      this.#arena = wide;
    }
    this.#arena.set(bytes, this.#used);
    this.#starts.push(this.#used);
    this.#used += bytes.length;
    this.#slots[slot] = this.#ids.push(id);
    if (this.#ids.length * 2 > this.#slots.length) this.#widen();
    return id;
  }

  #widen(): void {
    const { length } = this.#slots;
    this.#slots = new Int32Array(length * 2);
    const mask = length * 2 - 1;
    for (let id = 0; id < this.#ids.length; id++) {
      const end = this.#starts[id + 1] ?? this.#used;
      let slot = hashOf(this.#arena, this.#starts[id] as number, end) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id + 1;
    }
  }

  #clear(): void {
    this.#slots = new Int32Array(4096);
    this.#ids = [];
    this.#starts = [];
    this.#used = 0;
    this.#next = 0;
  }
}

/** 32-bit FNV-1a, its high half folded in since tables use the low bits. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash ^ (hash >>> 15);
}
