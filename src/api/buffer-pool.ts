/** Sizes are rounded up to this, so that bodies of about one size share buffers. */
const STEP_BYTES = 128 * 1024;

/**
 * Lends buffers and takes them back, so that a stream of large bodies does not make the garbage
 * collector find each of them. Keeps a bounded number of bytes; what is above it is let go.
 */
export class BufferPool {
  readonly #maxFreeBytes: number;
  #free: Buffer[] = [];
  #freeBytes = 0;

  /** @param maxFreeBytes bytes kept while nobody uses them, default 32 MB */
  constructor(maxFreeBytes = 32 * 1024 * 1024) {
    this.#maxFreeBytes = maxFreeBytes;
  }

  /** @returns a buffer of at least `bytes`, with whatever it held before */
  take(bytes: number): Buffer {
    const size = Math.max(1, Math.ceil(bytes / STEP_BYTES)) * STEP_BYTES;
    const place = this.#free.findLastIndex(({ length }) => length >= size && length <= 4 * size);
    if (place < 0) return Buffer.allocUnsafeSlow(size);
    const [found] = this.#free.splice(place, 1);
    this.#freeBytes -= found?.length ?? 0;
    return found ?? Buffer.allocUnsafeSlow(size);
  }

  /** Takes back what `take` lent; nobody may look at it any more. */
  give(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > this.#maxFreeBytes) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.length;
  }
}
