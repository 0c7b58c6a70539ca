import type pg from 'pg';
import type { FoundNumber, NoText, SubscriberLookup, SubscriberNetwork } from '../../api/ports.js';
import type { CrmRules } from '../../crm/rules.js';
import { repairBandMs } from '../../domain/repair.js';
import { eachService, reachChannel, serviceStates } from '../../domain/services.js';
import type { ImpactRules } from '../../impact/rules.js';
import { isManaged } from '../../notify/managed.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import type { Texts } from '../../notify/texts.js';
import { IncidentPlaces } from './incident-places.js';
import {
  distinct,
  exposuresOf,
  type PersonExposure,
  type PlaceCell,
  placesOf,
} from './lookup-exposure.js';
import { certaintyOf, linesOf, type Subscription } from './lookup-lines.js';
import { HAS_CONTACT, NUMBER_RECORD, SUBSCRIPTIONS } from './lookup-sql.js';
import {
  answersOf,
  type CallerAnswer,
  type Surroundings,
  surroundingsOf,
  type ToldMessage,
  toldOf,
} from './lookup-surroundings.js';
import {
  affectedReason,
  affectedSentence,
  saidReason,
  unaffectedReason,
  unaffectedSentence,
  type Wording,
} from './lookup-words.js';
import { phoneKey } from './phone-key.js';
import { prepared } from './prepared.js';

/** What a look-up stands on. */
export interface LookupOptions {
  readonly phoneSecret: string;
  readonly crm: CrmRules;
  readonly impact: ImpactRules;
  readonly texts: Texts;
  /** says whose manager is told in place of a line */
  readonly policy: NotificationPolicy;
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
  const incidentPlaces = new IncidentPlaces(pool);
  return {
    async network(number, { language, nowMs }) {
      const key = phoneKey(options.phoneSecret, number);
      const [found, known] = await Promise.all([
        prepared<Subscription>(pool, SUBSCRIPTIONS, [key, MOST_LINES]),
        prepared<NumberRecord>(pool, NUMBER_RECORD, [key]),
      ]);
      const { isOptedOut = false, isErased = false } = known.rows[0] ?? {};
      const [first] = found.rows;
      if (first === undefined) return { status: isErased ? 'erased' : 'unknown' };
      const who = { subscriptions: found.rows, first, isOptedOut };
      const asked = { ...options, ...who, incidentPlaces, language, nowMs };
      return { status: 'found', ...(await foundOf(pool, asked)) };
    },
  };
}

interface Asked extends LookupOptions {
  readonly incidentPlaces: IncidentPlaces;
  readonly subscriptions: readonly Subscription[];
  readonly first: Subscription;
  readonly isOptedOut: boolean;
  readonly language: 'fr' | 'en';
  readonly nowMs: number;
}

async function foundOf(
  pool: pg.Pool,
  asked: Asked,
): Promise<Pick<FoundNumber, 'network' | 'cells'>> {
  const { subscriptions, first, impact, crm, nowMs } = asked;
  const people = subscriptions.map(({ subscriberId }) => subscriberId);
  const homeSites = distinct(
    subscriptions.flatMap(({ homeSite }) => (homeSite === null ? [] : [homeSite])),
  );
  const told = toldOf(pool, people, nowMs);
  const said = answersOf(pool, people, nowMs);
  const places = await placesOf(pool, impact, people, nowMs);
  const [messages, answers, exposures, surroundings] = await Promise.all([
    told,
    said,
    exposuresOf(pool, impact, { ...asked, people, homeSites, places }),
    surroundingsOf(pool, { ...asked, people, places }),
  ]);
  const own = subscriptions.filter(({ isOwn }) => isOwn).map(({ subscriberId }) => subscriberId);
  const current = exposures.find(
    ({ subscriberId }) => own.length === 0 || own.includes(subscriberId),
  );
  const subscription =
    subscriptions.find(({ subscriberId }) => subscriberId === current?.subscriberId) ?? first;
  const situation = situationOf({
    ...asked,
    subscription,
    current,
    places,
    told: messages,
    answers,
    surroundings,
  });
  const lines = await linesOf(pool, subscriptions, exposures, crm);
  const isPartner = crm.partnerBrands.includes(subscription.brand);
  const network = {
    subscriberId: subscription.subscriberId,
    kind: subscription.kind,
    brand: subscription.brand,
    isPartner,
    noText: await noTextOf(pool, subscription, { ...asked, isPartner }),
    ...situation,
    validUntil: new Date(nowMs + VALID_MS).toISOString(),
    told: messages.map(({ lineageId: _, ...each }) => each),
    ...surroundings,
    lines,
    answers: answers.map(({ actId, answer, at }) => ({ actId, answer, at: at.toISOString() })),
  };
  return { network, cells: distinct(places.map(({ cellId }) => cellId)) };
}

async function noTextOf(
  pool: pg.Pool,
  subscription: Subscription,
  { policy, isPartner, isOptedOut }: Asked & { readonly isPartner: boolean },
): Promise<NoText | null> {
  const { subscriberId, kind, isOwn } = subscription;
  if (isOptedOut) return 'optedOut';
  if (isPartner) return 'partner';
  if (kind === 'machine') return 'machine';
  if (!isManaged(subscription, policy)) return isOwn ? null : 'noNumber';
  if (!isOwn) return null;
  if (kind === 'fleet') return 'managerIsTold';
  const { rows } = await prepared<{ hasContact: boolean }>(pool, HAS_CONTACT, [subscriberId]);
  return rows[0]?.hasContact ? 'managerIsTold' : null;
}

type Situation = Pick<
  SubscriberNetwork,
  | 'affected'
  | 'probability'
  | 'reason'
  | 'service'
  | 'services'
  | 'reach'
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
  readonly answers: readonly CallerAnswer[];
  readonly surroundings: Surroundings;
}

function situationOf(known: Known): Situation {
  const { current, crm, texts, language, nowMs, places, subscription } = known;
  const zone = subscription.zone ?? places.find((place) => place.zone !== null)?.zone ?? null;
  const wording = { texts, language, nowMs, zone };
  const probability = current?.probability ?? 0;
  const affected = certaintyOf(probability, crm);
  if (!current || affected === 'no') return unaffected(known, wording, probability);
  const { incident } = current;
  const isTimeSaid = texts.isTimeSaid(repairBandMs(incident.repair));
  // whoever is said to be affected is not told at once that texts arrive all the same
  const sure = affected === 'yes' ? 1 : probability;
  const estimatedRepairAt = isTimeSaid ? incident.estimatedRepairAt : null;
  return {
    affected,
    probability,
    reason: reasonOf(current, known, wording),
    service: current.service,
    services: serviceStates(current.lost),
    reach: reachChannel(eachService((service) => sure * current.lost[service])),
    since: current.since.toISOString(),
    incidentId: incident.incidentId,
    cause: texts.cause(language, incident.causeKind ?? 'unknown'),
    estimatedRepairAt,
    repairSaidBy: estimatedRepairAt === null ? null : (incident.repair?.source ?? null),
    sentence: affectedSentence(current, affected, known.told, wording),
  };
}

function unaffected(
  { surroundings, answers, subscription }: Known,
  wording: Wording,
  probability: number,
): Situation {
  const nothing = {
    service: null,
    services: null,
    reach: 'sms' as const,
    since: null,
    incidentId: null,
    cause: null,
    estimatedRepairAt: null,
    repairSaidBy: null,
  };
  const last = answers.find(({ subscriberId }) => subscriberId === subscription.subscriberId);
  if (last?.answer === 'stillDown') {
    return {
      ...nothing,
      affected: 'probably',
      probability: Math.max(probability, 0.5),
      reason: saidReason(last, wording),
      since: last.at.toISOString(),
      sentence: wording.texts.stillDownSentence(wording.language),
    };
  }
  return {
    ...nothing,
    affected: 'no',
    probability,
    reason:
      last?.answer === 'notAffected'
        ? saidReason(last, wording)
        : unaffectedReason(surroundings, wording),
    sentence: unaffectedSentence(surroundings, wording),
  };
}

function reasonOf(
  current: PersonExposure,
  { places, impact, answers }: Known,
  wording: Wording,
): string {
  const last = answers.find(
    (each) =>
      each.subscriberId === current.subscriberId &&
      each.incidentId === current.incident.incidentId &&
      (each.answer === 'stillDown' || each.answer === 'notAffected'),
  );
  if (last?.answer === 'stillDown') return saidReason(last, wording);
  const lost = new Set(current.incident.lost.cells);
  const keepMs = impact.whereabouts.keepHours * 3_600_000;
  return affectedReason(current, places, lost, { ...wording, keepMs });
}
