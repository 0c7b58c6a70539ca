/** Header that says where a re-keyed report came from. */
export const SOURCE_HEADER = 'tocsin-source';

/** Text of the header: topic, partition, offset, and the report's place in its message. */
export function sourceHeader(
  topic: string,
  partition: number,
  offset: number,
  index: number,
): string {
  return `${topic}/${partition}/${offset}/${index}`;
}

/**
 * Tells what was written twice. A writer goes through a source partition in order and starts again
 * from an earlier offset after a failure, so within one partition of the target whatever does not
 * lie beyond the last report of the same source partition is a repeat. After a restart the marks
 * are empty: a repeat that then gets through has the same content, and detection counts it as such.
 */
export class SourceMarks {
  readonly #last = new Map<string, { offset: number; index: number }>();

  /** Remembers a report. @returns whether it lies beyond the last one of its source */
  isNew(header: Uint8Array): boolean {
    const text = Buffer.from(header.buffer, header.byteOffset, header.length).toString('utf8');
    const [, source, at, place] = /^(.+)\/(\d+)\/(\d+)$/.exec(text) ?? [];
    if (source === undefined) return true;
    const offset = Number(at);
    const index = Number(place);
    const last = this.#last.get(source);
    if (last && (offset < last.offset || (offset === last.offset && index <= last.index))) {
      return false;
    }
    this.#last.set(source, { offset, index });
    return true;
  }
}
