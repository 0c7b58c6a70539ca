import type pg from 'pg';
import type { SubscriberLookup, SubscriberNetwork } from '../../api/ports.js';
import type { CrmRules } from '../../crm/rules.js';
import { type Repair, repairBandMs } from '../../domain/repair.js';
import type { ImpactRules } from '../../impact/rules.js';
import type { AgentFacts, Texts } from '../../notify/texts.js';
import { placeOf } from './incident-place.js';
import { CURRENT_INCIDENT, EVIDENCE, RECENT_INCIDENTS, SUBSCRIPTIONS, TOLD } from './lookup-sql.js';
import { phoneKey } from './phone-key.js';
import { query } from './pool.js';

/** What a look-up stands on. */
export interface LookupOptions {
  readonly phoneSecret: string;
  readonly crm: CrmRules;
  readonly impact: ImpactRules;
  readonly texts: Texts;
}

interface Current {
  subscriberId: number;
  incidentId: string;
  lineageId: string;
  probability: number;
  service: 'none' | 'degraded';
  since: Date;
  startedAt: Date;
  causeKind: string;
  estimatedRepairAt: string | null;
  repair: Repair | null;
  sites: string[];
  zone: string | null;
}

interface Evidence {
  seenAt: Date | null;
  isUsual: boolean;
}

interface Told {
  kind: string;
  state: SubscriberNetwork['told'][number]['state'];
  at: Date;
  reason: string | null;
  lineageId: string;
}

const DAY_MS = 86_400_000;
const RECENT_DAYS = 90;
/** An answer is good for this long; presence and incidents move on. */
const VALID_MS = 5 * 60_000;

/** Answers "is this caller affected?" by a number; every statement reads by key. */
export function postgresSubscriberLookup(pool: pg.Pool, options: LookupOptions): SubscriberLookup {
  return {
    async network(number, { language, nowMs }) {
      const key = phoneKey(options.phoneSecret, number);
      const found = await query<{ subscriberId: number }>(pool, SUBSCRIPTIONS, [key]);
      const ids = found.rows.map((row) => row.subscriberId);
      const [first] = ids;
      if (first === undefined) return undefined;
      const since = new Date(nowMs - RECENT_DAYS * DAY_MS);
      const [current, told, recent] = await Promise.all([
        currentOf(pool, ids),
        toldOf(pool, ids, since),
        recentOf(pool, ids, since, language, options.texts),
      ]);
      const subscriberId = current?.subscriberId ?? first;
      const now = await situationOf(pool, current, told, { ...options, language, nowMs });
      const validUntil = new Date(nowMs + VALID_MS).toISOString();
      return {
        subscriberId,
        ...now,
        validUntil,
        told: told.map(({ lineageId: _, at, ...each }) => ({ ...each, at: at.toISOString() })),
        recent,
      };
    },
  };
}

type Situation = Omit<SubscriberNetwork, 'subscriberId' | 'validUntil' | 'told' | 'recent'>;
type Asked = LookupOptions & { readonly language: 'fr' | 'en'; readonly nowMs: number };

async function currentOf(pool: pg.Pool, ids: readonly number[]): Promise<Current | undefined> {
  return (await query<Current>(pool, CURRENT_INCIDENT, [ids])).rows[0];
}

async function toldOf(pool: pg.Pool, ids: readonly number[], since: Date): Promise<Told[]> {
  return (await query<Told>(pool, TOLD, [ids, since])).rows;
}

async function recentOf(
  pool: pg.Pool,
  ids: readonly number[],
  since: Date,
  language: string,
  texts: Texts,
): Promise<SubscriberNetwork['recent']> {
  const { rows } = await query<{
    incidentId: string;
    startedAt: Date;
    endedAt: Date | null;
    causeKind: string;
  }>(pool, RECENT_INCIDENTS, [ids, since]);
  return rows.map(({ incidentId, startedAt, endedAt, causeKind }) => ({
    incidentId,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    cause: texts.cause(language, causeKind),
  }));
}

/** Nothing worth saying below half the probability from which a record is flagged. */
function certaintyOf(probability: number, crm: CrmRules): SubscriberNetwork['affected'] {
  if (probability >= crm.sureAt) return 'yes';
  return probability >= crm.minProbability / 2 ? 'probably' : 'no';
}

async function situationOf(
  pool: pg.Pool,
  current: Current | undefined,
  told: readonly Told[],
  asked: Asked,
): Promise<Situation> {
  const affected = current ? certaintyOf(current.probability, asked.crm) : 'no';
  if (!current || affected === 'no') {
    return {
      affected: 'no',
      reason: asked.texts.agentReason(asked.language, 'none'),
      service: null,
      since: null,
      incidentId: null,
      cause: null,
      estimatedRepairAt: null,
      sentence: asked.texts.noIncidentSentence(asked.language),
    };
  }
  return {
    affected,
    reason: await reasonOf(pool, current, asked),
    service: current.service,
    since: current.since.toISOString(),
    incidentId: current.incidentId,
    cause: asked.texts.cause(asked.language, current.causeKind),
    estimatedRepairAt: asked.texts.isTimeSaid(repairBandMs(current.repair))
      ? current.estimatedRepairAt
      : null,
    sentence: await sentenceOf(pool, current, told, affected, asked),
  };
}

async function sentenceOf(
  pool: pg.Pool,
  current: Current,
  told: readonly Told[],
  certainty: AgentFacts['certainty'],
  { texts, language, nowMs }: Asked,
): Promise<string> {
  const place = await placeOf(pool, current.sites);
  const wasTold = told.some(
    ({ kind, state, lineageId }) =>
      kind === 'onset' &&
      lineageId === current.lineageId &&
      (state === 'accepted' || state === 'delivered'),
  );
  return texts.agentSentence(
    {
      language,
      certainty,
      service: current.service,
      told: wasTold,
      place: place.name,
      zone: current.zone ?? place.zone,
      startedAtMs: current.startedAt.getTime(),
      estimatedRepairAtMs:
        current.estimatedRepairAt === null ? null : Date.parse(current.estimatedRepairAt),
      repairBandMs: repairBandMs(current.repair),
    },
    nowMs,
  );
}

/** The strongest evidence behind a probability, in words. */
async function reasonOf(pool: pg.Pool, current: Current, asked: Asked): Promise<string> {
  const { rows } = await query<Evidence>(pool, EVIDENCE, [
    current.subscriberId,
    current.incidentId,
  ]);
  const { seenAt = null, isUsual = false } = rows[0] ?? {};
  const ageMinutes =
    seenAt === null ? Number.POSITIVE_INFINITY : (asked.nowMs - seenAt.getTime()) / 60_000;
  const sinceSeenMs = current.since.getTime() - (seenAt?.getTime() ?? 0);
  const isFresh = sinceSeenMs <= asked.impact.whereabouts.keepHours * 3_600_000;
  if (seenAt !== null && isFresh) {
    return asked.texts.agentReason(asked.language, 'seen', Math.max(0, Math.round(ageMinutes)));
  }
  return asked.texts.agentReason(asked.language, isUsual ? 'usual' : 'home');
}
