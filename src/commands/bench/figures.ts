/** A value of a bench's figures: plain JSON, numbers rounded for reading. */
export type Figure = number | string | boolean | null | readonly Figure[] | Figures;

/** Figures by name; may nest. */
export interface Figures {
  readonly [name: string]: Figure;
}

/** To so many decimals; null stays null, and what is no finite number becomes null. */
export function rounded(value: number | null, decimals: number): number | null {
  if (value === null || !Number.isFinite(value)) return null;
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}
