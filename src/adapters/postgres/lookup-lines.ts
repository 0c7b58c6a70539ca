import type pg from 'pg';
import type { Affected, SubscriberNetwork } from '../../api/ports.js';
import type { CrmRules } from '../../crm/rules.js';
import type { SubscriptionKind } from '../../domain/customer.js';
import { maskNumber } from '../../domain/mask.js';
import type { PersonExposure } from './lookup-exposure.js';
import { LINE_NAMES } from './lookup-sql.js';
import { prepared } from './prepared.js';

/** Affected lines that one answer lists. */
const MOST_LISTED = 50;

/** A subscription that a number belongs to. */
export interface Subscription {
  readonly subscriberId: number;
  /** the number is its own, rather than its contact */
  readonly isOwn: boolean;
  readonly kind: SubscriptionKind;
  readonly brand: string;
  readonly segment: string;
  readonly zone: string | null;
  readonly homeSite: string | null;
  /** how many subscriptions the number belongs to */
  readonly total: number;
}

/** Nothing is worth saying below half the probability from which a record is flagged. */
export function certaintyOf(probability: number, crm: CrmRules): Affected {
  if (probability >= crm.sureAt) return 'yes';
  return probability >= crm.minProbability / 2 ? 'probably' : 'no';
}

/** Which of a manager's lines are affected; null for a number that is nobody's contact. */
export async function linesOf(
  pool: pg.Pool,
  subscriptions: readonly Subscription[],
  exposures: readonly PersonExposure[],
  crm: CrmRules,
): Promise<SubscriberNetwork['lines']> {
  const lines = new Map(
    subscriptions.flatMap((each) => (each.isOwn ? [] : [[each.subscriberId, each]])),
  );
  if (lines.size === 0) return null;
  const worst = new Map<number, PersonExposure>();
  for (const each of exposures) {
    if (lines.has(each.subscriberId) && !worst.has(each.subscriberId))
      worst.set(each.subscriberId, each);
  }
  const judged = [...worst.values()]
    .map((each) => ({ ...each, affected: certaintyOf(each.probability, crm) }))
    .filter(({ affected }) => affected !== 'no');
  const listed = judged.slice(0, MOST_LISTED);
  const names = await namesOf(
    pool,
    listed.map(({ subscriberId }) => subscriberId),
  );
  const count = (word: Affected): number =>
    judged.filter(({ affected }) => affected === word).length;
  const own = subscriptions.length - lines.size;
  return {
    total: (subscriptions[0]?.total ?? 0) - own,
    lookedAt: lines.size,
    yes: count('yes'),
    probably: count('probably'),
    affected: listed.map(({ subscriberId, affected, service }) => ({
      subscriberId,
      line: names.get(subscriberId) ?? null,
      kind: lines.get(subscriberId)?.kind ?? 'fleet',
      affected,
      service,
    })),
  };
}

async function namesOf(pool: pg.Pool, people: readonly number[]): Promise<Map<number, string>> {
  if (people.length === 0) return new Map();
  const { rows } = await prepared<{ subscriberId: number; value: string }>(pool, LINE_NAMES, [
    people,
  ]);
  return new Map(rows.map(({ subscriberId, value }) => [subscriberId, maskNumber(value)]));
}
