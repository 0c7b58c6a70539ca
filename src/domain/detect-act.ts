import type { OperatorAct } from './facts.js';

/** What an operator does to detection; it takes effect with the next period that is released. */
export type DetectAct =
  /** the deviations of an object are its new normal */
  | { readonly action: 'acceptLevel'; readonly objectId: string }
  /** back to the models before the present ones; without a feed, of all feeds */
  | { readonly action: 'revertModel'; readonly feed?: string }
  /** the share of periods that may be raised by chance, times this factor in [0.01, 100] */
  | { readonly action: 'correctRate'; readonly feed?: string; readonly factor: number };

/** What an act means to detection; undefined for an act about something else, or without sense. */
export function detectActOf(act: OperatorAct): DetectAct | undefined {
  const feed = act.feed === undefined ? {} : { feed: act.feed };
  if (act.action === 'revertModel') return { action: 'revertModel', ...feed };
  if (act.action === 'acceptLevel' && act.resource !== undefined) {
    return { action: 'acceptLevel', objectId: act.resource.id };
  }
  const factor = Number(act.value);
  if (act.action !== 'correctRate' || !(factor >= 0.01 && factor <= 100)) return undefined;
  return { action: 'correctRate', ...feed, factor };
}
