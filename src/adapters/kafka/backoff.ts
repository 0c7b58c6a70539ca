const FIRST_MS = 250;
const MAX_MS = 15_000;

/**
 * Pause before the next try: doubles from 250 ms to 15 s, half of it random so that instances do
 * not try in step.
 * @param failures tries that failed so far, from 1
 */
export function backoffMs(failures: number): number {
  const ceiling = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
