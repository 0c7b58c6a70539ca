import type { EffectDesign, EffectFigure } from '../../../domain/effect.js';
import { count, percent } from '../../format.js';

/** `31 % (22 to 39 %)`. */
export function sharesOf({ value, lo, hi }: EffectFigure): string {
  return `${percent(value)} (${percent(lo)} to ${percent(hi)})`;
}

/** `1,204 (810 to 1,630)`, whole numbers. */
export function countsOf({ value, lo, hi }: EffectFigure): string {
  return `${whole(value)} (${whole(lo)} to ${whole(hi)})`;
}

function whole(value: number): string {
  return value < 0 ? `−${count(Math.round(-value))}` : count(Math.round(value));
}

export const DESIGN_NAMES: Record<EffectDesign, string> = {
  controlGroup: 'Control group',
  sendingOrder: 'Order of sending',
  areaOrder: 'Order of areas',
};
