import type pg from 'pg';
import type { Repair } from '../../domain/repair.js';
import type { ServiceShares } from '../../domain/services.js';
import { DayPartClock } from '../../impact/day-parts.js';
import type { ImpactRules } from '../../impact/rules.js';
import { type LostCells, lossValues, lostValues, weighingValues } from './impact-lists.js';
import { peopleStatement } from './impact-sql.js';
import type { IncidentPlace } from './incident-place.js';
import type { IncidentPlaces } from './incident-places.js';
import { placesStatement, RUNNING_INCIDENTS } from './lookup-sql.js';
import { unpackLost } from './packed-lost.js';
import { prepared } from './prepared.js';

/** A cell of somebody's places. */
export interface PlaceCell {
  readonly subscriberId: number;
  readonly cellNo: number;
  readonly by: 'seen' | 'usual' | 'home';
  readonly seenAt: Date | null;
  readonly cellId: string;
  /** null when the inventory no longer has the cell */
  readonly siteId: string | null;
  readonly zone: string | null;
}

/** An incident that is on where some people are. */
export interface RunningIncident {
  readonly incidentNo: number;
  readonly incidentId: string;
  readonly lineageId: string;
  readonly startedAt: Date;
  readonly causeKind: string | null;
  readonly estimatedRepairAt: string | null;
  readonly repair: Repair | null;
  readonly place: IncidentPlace;
  /** as `ImpactState.caught` */
  readonly caught: Readonly<Record<string, number>>;
  /** what of it lies at their places */
  readonly lost: LostCells;
}

/** How probably an incident affects one subscription. */
export interface PersonExposure {
  readonly subscriberId: number;
  readonly probability: number;
  readonly service: 'none' | 'degraded';
  /** share of each service lost, if they are affected */
  readonly lost: ServiceShares;
  readonly since: Date;
  readonly incident: RunningIncident;
}

type IncidentRow = Omit<RunningIncident, 'place' | 'lost'> &
  LostCells & { readonly sitesKey: string | null };

interface ExposureRow {
  subscriberId: number;
  probability: number;
  isNone: boolean;
  lost: number;
  since: Date;
}

/** Whom to look at, where they are, and when. */
export interface Asked {
  readonly incidentPlaces: IncidentPlaces;
  readonly people: readonly number[];
  readonly homeSites: readonly string[];
  readonly places: readonly PlaceCell[];
  readonly nowMs: number;
}

/** Where some subscriptions are or usually are, as far as the rules let it be known. */
export async function placesOf(
  pool: pg.Pool,
  rules: ImpactRules,
  people: readonly number[],
  nowMs: number,
): Promise<PlaceCell[]> {
  const statement = placesStatement(rules.whereabouts.mode);
  return (await prepared<PlaceCell>(pool, statement, [people, new Date(nowMs)])).rows;
}

/**
 * How probably incidents that are on affect some people, worked out from their own whereabouts: it
 * holds while lists of affected people are still being made, too. Most probable first.
 */
export async function exposuresOf(
  pool: pg.Pool,
  rules: ImpactRules,
  asked: Asked,
): Promise<PersonExposure[]> {
  const cells = distinct(asked.places.map(({ cellNo }) => cellNo));
  const { rows } = await prepared<IncidentRow>(pool, RUNNING_INCIDENTS, [
    cells,
    asked.homeSites,
    asked.people,
  ]);
  const found = await Promise.all(rows.map((row) => exposuresTo(pool, rules, asked, row)));
  return found
    .flat()
    .sort(
      (a, b) =>
        b.probability - a.probability ||
        a.incident.startedAt.getTime() - b.incident.startedAt.getTime(),
    );
}

async function exposuresTo(
  pool: pg.Pool,
  rules: ImpactRules,
  { people, nowMs, incidentPlaces }: Asked,
  { sitesKey, cells, nones, voice, data, sms, since, ...row }: IncidentRow,
): Promise<PersonExposure[]> {
  const lost = { cells, nones, voice, data, sms, since };
  const place = await incidentPlaces.of(row.incidentNo, sitesKey ?? '');
  const incident = { ...row, lost, place };
  const clock = new DayPartClock(incident.place.zone ?? 'UTC');
  const { rows } = await prepared<ExposureRow>(pool, peopleStatement(rules.whereabouts.mode), [
    incident.incidentNo,
    new Date(nowMs),
    ...weighingValues(rules, clock, nowMs),
    ...lostValues(lost),
    ...lossValues(rules, row.caught),
    people,
  ]);
  return rows.map(({ isNone, lost: packed, ...exposure }) => ({
    ...exposure,
    lost: unpackLost(packed),
    service: isNone ? 'none' : 'degraded',
    incident,
  }));
}

/** Each value once. */
export function distinct<Value>(values: Iterable<Value>): Value[] {
  return [...new Set(values)];
}
