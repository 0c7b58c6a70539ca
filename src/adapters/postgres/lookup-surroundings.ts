import type pg from 'pg';
import type { SubscriberNetwork } from '../../api/ports.js';
import type { CrmRules } from '../../crm/rules.js';
import type { AgentAnswer } from '../../domain/agent-answer.js';
import type { Texts } from '../../notify/texts.js';
import { distinct, type PlaceCell } from './lookup-exposure.js';
import { ANSWERS, RECENT_INCIDENTS, TOLD, UNSEEN_CELLS, WORKS_ABOVE } from './lookup-sql.js';
import { prepared } from './prepared.js';

const DAY_MS = 86_400_000;
const RECENT_DAYS = 90;
const RECURRING_DAYS = 30;
/** Works that begin within this time are worth saying. */
const WORKS_AHEAD_MS = DAY_MS;

/** A message to somebody, with what it was about. */
export type ToldMessage = SubscriberNetwork['told'][number] & { readonly lineageId: string };

/** What happened and happens where somebody is, whether or not it affects them now. */
export type Surroundings = Pick<SubscriberNetwork, 'recent' | 'recurring' | 'works' | 'sight'>;

/** Messages to some subscriptions in the last 90 days, newest first. */
export async function toldOf(
  pool: pg.Pool,
  people: readonly number[],
  nowMs: number,
): Promise<ToldMessage[]> {
  const since = new Date(nowMs - RECENT_DAYS * DAY_MS);
  const { rows } = await prepared<Omit<ToldMessage, 'at'> & { at: Date }>(pool, TOLD, [
    people,
    since,
  ]);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** What somebody told an agent. */
export interface CallerAnswer {
  readonly actId: string;
  readonly answer: AgentAnswer;
  readonly at: Date;
  readonly subscriberId: number;
  /** null when it is about no incident */
  readonly incidentId: string | null;
}

/** What some subscriptions told agents in the last 24 hours, newest first. */
export async function answersOf(
  pool: pg.Pool,
  people: readonly number[],
  nowMs: number,
): Promise<CallerAnswer[]> {
  const values = [people, new Date(nowMs - DAY_MS), new Date(nowMs)];
  return (await prepared<CallerAnswer>(pool, ANSWERS, values)).rows;
}

/** Where, whose and in which words. */
export interface SurroundingsAsked {
  readonly people: readonly number[];
  readonly places: readonly PlaceCell[];
  readonly nowMs: number;
  readonly language: string;
  readonly texts: Texts;
  readonly crm: CrmRules;
}

/** Past incidents, planned works and missing measurements at somebody's places. */
export async function surroundingsOf(
  pool: pg.Pool,
  asked: SurroundingsAsked,
): Promise<Surroundings> {
  const [history, works, sight] = await Promise.all([
    historyOf(pool, asked),
    worksAt(pool, asked),
    sightOf(pool, asked.places),
  ]);
  return { ...history, works, sight };
}

interface RecentRow {
  incidentId: string;
  startedAt: Date;
  endedAt: Date | null;
  causeKind: string | null;
  isAtPlace: boolean;
  wasAffected: boolean;
}

async function historyOf(
  pool: pg.Pool,
  { people, places, nowMs, language, texts, crm }: SurroundingsAsked,
): Promise<Pick<Surroundings, 'recent' | 'recurring'>> {
  const cells = distinct(places.map(({ cellNo }) => cellNo));
  const since = new Date(nowMs - RECENT_DAYS * DAY_MS);
  const { rows } = await prepared<RecentRow>(pool, RECENT_INCIDENTS, [cells, people, since]);
  const monthAgoMs = nowMs - RECURRING_DAYS * DAY_MS;
  const incidents = rows.filter(
    ({ isAtPlace, startedAt }) => isAtPlace && startedAt.getTime() >= monthAgoMs,
  ).length;
  const recent = rows.map(({ incidentId, startedAt, endedAt, causeKind, wasAffected }) => ({
    incidentId,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    cause: texts.cause(language, causeKind ?? 'unknown'),
    wasAffected,
  }));
  return { recent, recurring: { incidents, isRecurring: incidents >= crm.recurringFrom } };
}

interface WorkRow {
  workId: string;
  startsAt: Date;
  endsAt: Date;
  description: string | null;
}

async function worksAt(
  pool: pg.Pool,
  { places, nowMs }: SurroundingsAsked,
): Promise<Surroundings['works']> {
  const ids = distinct(
    places.flatMap(({ cellId, siteId }) => (siteId === null ? [cellId] : [cellId, siteId])),
  );
  if (ids.length === 0) return [];
  const { rows } = await prepared<WorkRow>(pool, WORKS_ABOVE, [
    ids,
    new Date(nowMs),
    new Date(nowMs + WORKS_AHEAD_MS),
  ]);
  return rows.map(({ startsAt, endsAt, ...work }) => ({
    ...work,
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    isOn: startsAt.getTime() <= nowMs,
  }));
}

async function sightOf(
  pool: pg.Pool,
  places: readonly PlaceCell[],
): Promise<Surroundings['sight']> {
  const cells = distinct(places.map(({ cellId }) => cellId));
  if (cells.length === 0) return { state: 'clear', since: null };
  const { rows } = await prepared<{ fromAt: Date; cells: string[] }>(pool, UNSEEN_CELLS, [cells]);
  const [first] = rows;
  if (first === undefined) return { state: 'clear', since: null };
  const unseen = new Set(rows.flatMap((row) => row.cells));
  const state = unseen.size === cells.length ? 'none' : 'partly';
  return { state, since: first.fromAt.toISOString() };
}
