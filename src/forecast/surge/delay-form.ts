import { errorFunction } from 'simple-statistics';

/** How long people take to call: a gamma distribution. */
export interface DelayForm {
  readonly meanMinutes: number;
  /** one of `DELAY_SHAPES`: up to 1 it begins at its peak, 2 rises first */
  readonly shape: number;
}

/** Shapes considered; for these the distribution has a closed form. */
export const DELAY_SHAPES: readonly number[] = [0.5, 1, 1.5, 2];

/** Share that has called so many minutes after the loss, 0 to 1 (regularised gamma, DLMF 8.4). */
export function calledBy(form: DelayForm, minutes: number): number {
  if (minutes <= 0) return 0;
  const x = (form.shape * minutes) / form.meanMinutes;
  const left = Math.exp(-x);
  if (form.shape === 1) return 1 - left;
  if (form.shape === 2) return 1 - (1 + x) * left;
  if (form.shape === 0.5) return errorFunction(Math.sqrt(x));
  return Math.max(0, errorFunction(Math.sqrt(x)) - 2 * Math.sqrt(x / Math.PI) * left);
}
