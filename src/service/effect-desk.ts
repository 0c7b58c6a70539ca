import type { CountryCode } from 'libphonenumber-js/min';
import type pg from 'pg';
import { storeCalls } from '../adapters/postgres/caller-calls.js';
import type { EffectDesk } from '../api/ports.js';
import type { EffectStore } from '../notify/effect/ports.js';
import { monthSpan, monthStatement, reportEffect } from '../notify/effect/report.js';
import type { EffectRules } from '../notify/effect/rules.js';

/** What answering stands on. */
export interface EffectDeskOptions {
  readonly pool: pg.Pool;
  readonly store: EffectStore;
  readonly rules: EffectRules;
  /** of one segment, in the currency of the costs */
  readonly pricePerSegment: number;
  readonly phoneSecret: string;
  /** of callers' numbers without a country code */
  readonly region: CountryCode;
}

const YEAR_MS = 365 * 86_400_000;

/** Answers from what is measured and kept. */
export function effectDesk(options: EffectDeskOptions): EffectDesk {
  const { pool, store, rules, pricePerSegment: price } = options;
  return {
    report: async (nowMs) => {
      const measured = await store.measured(nowMs - YEAR_MS, nowMs);
      const complaints = await store.complaints(rules.complaints.windowHours);
      return reportEffect(measured, complaints, rules, nowMs);
    },
    statement: async (month) => {
      const { first, next } = monthSpan(month);
      const measured = await store.measured(Date.parse(first), Date.parse(next));
      return monthStatement(first, measured, await store.monthSpent(first, next), { rules, price });
    },
    callers: (calls) => storeCalls(pool, calls, options),
  };
}
