import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OpenAlert, watchSurge } from '../../../src/forecast/desk/surge-watch.js';
import { ahead, deskRules, MINUTE, T0 } from './surge-world.js';

const rules = deskRules.surge;

/** Watches one forecast after the other, five minutes apart; gives the news in order. */
function watchAll(forecasts: readonly ReturnType<typeof ahead>[]) {
  let alert: OpenAlert | undefined;
  return forecasts.flatMap((intervals, n) => {
    const nowMs = T0 + n * 5 * MINUTE;
    const verdict = watchSurge(alert, intervals, rules, nowMs);
    alert = verdict.event?.kind === 'allClear' ? undefined : verdict.alert;
    const { event } = verdict;
    return event ? [{ ...event, alertId: verdict.alert?.alertId, minute: n * 5 }] : [];
  });
}

describe('watchSurge', () => {
  it('raises once, with lead time, peak and gap of each queue, worst first', () => {
    const intervals = [
      ...ahead('care', T0, [0, 0, 60, 20], 20),
      ...ahead('sales', T0, [0, 30], 40),
      ...ahead('chat', T0, [2]),
    ];
    const { alert, event, surges, incidents } = watchSurge(undefined, intervals, rules, T0);
    expect(event).toEqual({ kind: 'surge', revision: 1, queues: ['care', 'sales'] });
    expect(incidents).toEqual(['inc-1']);
    expect(surges).toMatchObject([
      {
        queue: 'care',
        from: '2026-03-10T14:30:00.000Z',
        until: '2026-03-10T15:00:00.000Z',
        peakAt: '2026-03-10T14:30:00.000Z',
        peakCalls: 100,
        peakOrdinary: 40,
        extraCalls: 80,
        agents: 25,
        gapAgents: 14,
        gapHours: 3.5,
      },
      { queue: 'sales', gapAgents: -16, gapHours: 0 },
    ]);
    expect(watchSurge(alert, intervals, rules, T0 + MINUTE).event).toBeUndefined();
  });

  it('needs both the calls and the share of what is ordinary', () => {
    const of = (surge: number, ordinary: number) =>
      watchSurge(
        undefined,
        ahead('q', T0, [surge]).map((each) => ({ ...each, ordinary })),
        rules,
        T0,
      ).event?.kind;
    expect(of(9, 10)).toBeUndefined();
    expect(of(10, 41)).toBeUndefined();
    expect(of(10, 40)).toBe('surge');
    expect(of(10, 0)).toBe('surge');
  });

  it('says nothing of a surge beyond the time it looks ahead', () => {
    const far = { ...rules, lookAheadHours: 0.5 };
    const intervals = ahead('q', T0, [0, 0, 50]);
    expect(watchSurge(undefined, intervals, far, T0).event).toBeUndefined();
    expect(watchSurge(undefined, intervals, far, T0 + MINUTE).event?.kind).toBe('surge');
  });

  it('is one alert with one all-clear while an incident flaps every five minutes', () => {
    const flapping = Array.from({ length: 40 }, (_, n) => (n < 30 && n % 2 === 0 ? 50 : 0));
    const news = watchAll(flapping.map((calls, n) => ahead('care', T0 + n * 5 * MINUTE, [calls])));
    expect(news.map(({ kind, minute }) => [kind, minute])).toEqual([
      ['surge', 0],
      ['allClear', 29 * 5 + 30],
    ]);
  });

  it('tells of further queues, each once, and clears all together', () => {
    const both = (n: number, a: number, b: number) => [
      ...ahead('a', T0 + n * 5 * MINUTE, [a]),
      ...ahead('b', T0 + n * 5 * MINUTE, [b]),
    ];
    const pairs: [number, number][] = [[50, 0], [50, 30], [0, 30], [50, 30], ...calm(8)];
    const news = watchAll(pairs.map(([a, b], n) => both(n, a, b)));
    expect(news).toMatchObject([
      { kind: 'surge', revision: 1, queues: ['a'] },
      { kind: 'wider', revision: 2, queues: ['b'] },
      { kind: 'allClear', revision: 3, queues: ['a', 'b'] },
    ]);
    expect(new Set(news.map(({ alertId }) => alertId)).size).toBe(1);
  });

  it('alternates surge and all-clear whatever the forecasts, and every alert has its own id', () => {
    const surge = fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(surge, { maxLength: 60 }), (forecasts) => {
        const news = watchAll(forecasts.map((each, n) => ahead('q', T0 + n * 5 * MINUTE, each)));
        const ends = news.filter(({ kind }) => kind !== 'wider');
        for (const [n, { kind }] of ends.entries()) {
          expect(kind).toBe(n % 2 === 0 ? 'surge' : 'allClear');
        }
        const raised = ends.filter(({ kind }) => kind === 'surge').map(({ alertId }) => alertId);
        expect(new Set(raised).size).toBe(raised.length);
        for (let n = 2; n < ends.length; n += 2) {
          const cleared = ends[n - 1]?.minute ?? 0;
          expect(cleared - (ends[n - 2]?.minute ?? 0)).toBeGreaterThanOrEqual(rules.clearMinutes);
        }
      }),
    );
  });
});

function calm(count: number): [number, number][] {
  return Array.from({ length: count }, () => [0, 0]);
}
