import type pg from 'pg';
import type { NoText, SubscriberLookup, SubscriberNetwork } from '../../api/ports.js';
import type { CrmRules } from '../../crm/rules.js';
import { repairBandMs } from '../../domain/repair.js';
import type { ImpactRules } from '../../impact/rules.js';
import type { Texts } from '../../notify/texts.js';
import {
  distinct,
  exposuresOf,
  type PersonExposure,
  type PlaceCell,
  placesOf,
} from './lookup-exposure.js';
import { certaintyOf, linesOf, type Subscription } from './lookup-lines.js';
import { LOST_AMONG, NUMBER_RECORD, SUBSCRIPTIONS } from './lookup-sql.js';
import {
  type Surroundings,
  surroundingsOf,
  type ToldMessage,
  toldOf,
} from './lookup-surroundings.js';
import {
  affectedReason,
  affectedSentence,
  unaffectedReason,
  unaffectedSentence,
  type Wording,
} from './lookup-words.js';
import { phoneKey } from './phone-key.js';
import { query } from './pool.js';

/** What a look-up stands on. */
export interface LookupOptions {
  readonly phoneSecret: string;
  readonly crm: CrmRules;
  readonly impact: ImpactRules;
  readonly texts: Texts;
}

/** An answer is good for this long; presence and incidents move on. */
const VALID_MS = 5 * 60_000;
/** Lines of one contact that are looked at. */
const MOST_LINES = 2000;

interface NumberRecord {
  isOptedOut: boolean;
  isErased: boolean;
}

/** Answers "is this caller affected?" by a number; every statement reads by key. */
export function postgresSubscriberLookup(pool: pg.Pool, options: LookupOptions): SubscriberLookup {
  return {
    async network(number, { language, nowMs }) {
      const key = phoneKey(options.phoneSecret, number);
      const [found, known] = await Promise.all([
        query<Subscription>(pool, SUBSCRIPTIONS, [key, MOST_LINES]),
        query<NumberRecord>(pool, NUMBER_RECORD, [key]),
      ]);
      const { isOptedOut = false, isErased = false } = known.rows[0] ?? {};
      const [first] = found.rows;
      if (first === undefined) return { status: isErased ? 'erased' : 'unknown' };
      const asked = { ...options, subscriptions: found.rows, first, isOptedOut, language, nowMs };
      return { status: 'found', network: await networkOf(pool, asked) };
    },
  };
}

interface Asked extends LookupOptions {
  readonly subscriptions: readonly Subscription[];
  readonly first: Subscription;
  readonly isOptedOut: boolean;
  readonly language: 'fr' | 'en';
  readonly nowMs: number;
}

async function networkOf(pool: pg.Pool, asked: Asked): Promise<SubscriberNetwork> {
  const { subscriptions, first, impact, crm, nowMs } = asked;
  const people = subscriptions.map(({ subscriberId }) => subscriberId);
  const homeSites = distinct(
    subscriptions.flatMap(({ homeSite }) => (homeSite === null ? [] : [homeSite])),
  );
  const told = toldOf(pool, people, nowMs);
  const places = await placesOf(pool, impact, people, nowMs);
  const [messages, exposures, surroundings] = await Promise.all([
    told,
    exposuresOf(pool, impact, { people, homeSites, places, nowMs }),
    surroundingsOf(pool, { ...asked, people, places }),
  ]);
  const own = subscriptions.filter(({ isOwn }) => isOwn).map(({ subscriberId }) => subscriberId);
  const current = exposures.find(
    ({ subscriberId }) => own.length === 0 || own.includes(subscriberId),
  );
  const subscription =
    subscriptions.find(({ subscriberId }) => subscriberId === current?.subscriberId) ?? first;
  const [situation, lines] = await Promise.all([
    situationOf(pool, { ...asked, subscription, current, places, told: messages, surroundings }),
    linesOf(pool, subscriptions, exposures, crm),
  ]);
  const isPartner = crm.partnerBrands.includes(subscription.brand);
  return {
    subscriberId: subscription.subscriberId,
    kind: subscription.kind,
    brand: subscription.brand,
    isPartner,
    noText: noTextOf(subscription, isPartner, asked.isOptedOut),
    ...situation,
    validUntil: new Date(nowMs + VALID_MS).toISOString(),
    told: messages.map(({ lineageId: _, ...each }) => each),
    ...surroundings,
    lines,
  };
}

function noTextOf(
  { kind, isOwn }: Subscription,
  isPartner: boolean,
  isOptedOut: boolean,
): NoText | null {
  if (isOptedOut) return 'optedOut';
  if (isPartner) return 'partner';
  if (kind === 'machine') return 'machine';
  if (kind === 'fleet') return isOwn ? 'managerIsTold' : null;
  return isOwn ? null : 'noNumber';
}

type Situation = Pick<
  SubscriberNetwork,
  | 'affected'
  | 'probability'
  | 'reason'
  | 'service'
  | 'since'
  | 'incidentId'
  | 'cause'
  | 'estimatedRepairAt'
  | 'repairSaidBy'
  | 'sentence'
>;

interface Known extends Asked {
  readonly subscription: Subscription;
  readonly current: PersonExposure | undefined;
  readonly places: readonly PlaceCell[];
  readonly told: readonly ToldMessage[];
  readonly surroundings: Surroundings;
}

async function situationOf(pool: pg.Pool, known: Known): Promise<Situation> {
  const { current, crm, texts, language, nowMs, places, subscription } = known;
  const zone = subscription.zone ?? places.find((place) => place.zone !== null)?.zone ?? null;
  const wording = { texts, language, nowMs, zone };
  const probability = current?.probability ?? 0;
  const affected = certaintyOf(probability, crm);
  if (!current || affected === 'no') return unaffected(known.surroundings, wording, probability);
  const { incident } = current;
  const isTimeSaid = texts.isTimeSaid(repairBandMs(incident.repair));
  const estimatedRepairAt = isTimeSaid ? incident.estimatedRepairAt : null;
  return {
    affected,
    probability,
    reason: await reasonOf(pool, current, known, wording),
    service: current.service,
    since: current.since.toISOString(),
    incidentId: incident.incidentId,
    cause: texts.cause(language, incident.causeKind ?? 'unknown'),
    estimatedRepairAt,
    repairSaidBy: estimatedRepairAt === null ? null : (incident.repair?.source ?? null),
    sentence: affectedSentence(current, affected, known.told, wording),
  };
}

function unaffected(surroundings: Surroundings, wording: Wording, probability: number): Situation {
  return {
    affected: 'no',
    probability,
    reason: unaffectedReason(surroundings, wording),
    service: null,
    since: null,
    incidentId: null,
    cause: null,
    estimatedRepairAt: null,
    repairSaidBy: null,
    sentence: unaffectedSentence(surroundings, wording),
  };
}

async function reasonOf(
  pool: pg.Pool,
  current: PersonExposure,
  { places, impact }: Known,
  wording: Wording,
): Promise<string> {
  const { rows } = await query<{ cellNo: number }>(pool, LOST_AMONG, [
    current.incident.incidentNo,
    distinct(places.map(({ cellNo }) => cellNo)),
  ]);
  const lost = new Set(rows.map(({ cellNo }) => cellNo));
  const keepMs = impact.whereabouts.keepHours * 3_600_000;
  return affectedReason(current, places, lost, { ...wording, keepMs });
}
