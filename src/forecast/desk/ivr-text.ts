import { IntlMessageFormat } from 'intl-messageformat';
import { DateTime } from 'luxon';
import type { DeskRules } from './rules.js';

/** What the IVR may say of one incident to callers of one area. Times are epoch ms. */
export interface IvrFacts {
  readonly place: string;
  readonly service: 'none' | 'degraded';
  /** null while it lasts */
  readonly endedAtMs: number | null;
  /** a repair that is sure enough to be said; null: none is */
  readonly repairAtMs: number | null;
  /** IANA zone of the area */
  readonly zone: string | null;
}

/** A text and until when it holds. */
export interface IvrText {
  readonly text: string;
  readonly validUntilMs: number;
}

/**
 * A text for the IVR. It holds for a few minutes, and never beyond the moment it speaks of, so that
 * it falls silent by itself when nobody renews it.
 * @param language a key of `ivr.texts`; another one gives undefined
 */
export function ivrText(
  facts: IvrFacts,
  rules: DeskRules['ivr'],
  language: string,
  nowMs: number,
): IvrText | undefined {
  const texts = Object.hasOwn(rules.texts, language) ? rules.texts[language] : undefined;
  if (texts === undefined) return undefined;
  const { place, zone, endedAtMs, repairAtMs } = facts;
  const say = (message: string, values: Readonly<Record<string, string>>): string =>
    String(new IntlMessageFormat(message, language, undefined, { ignoreTag: true }).format(values));
  const untilMs = nowMs + rules.validMinutes * 60_000;
  if (endedAtMs !== null) return { text: say(texts.restored, { place }), validUntilMs: untilMs };
  const what = say(texts[facts.service], { place });
  if (repairAtMs === null || repairAtMs <= nowMs || zone === null) {
    return { text: what, validUntilMs: untilMs };
  }
  const time = DateTime.fromMillis(repairAtMs, { zone }).toFormat('HH:mm');
  return {
    text: `${what} ${say(texts.until, { time })}`,
    validUntilMs: Math.min(untilMs, repairAtMs),
  };
}
