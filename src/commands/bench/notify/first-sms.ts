import type pg from 'pg';
import { Registry } from 'prom-client';
import { PostgresFlagStore } from '../../../adapters/postgres/crm-store.js';
import { PostgresDecisionStore } from '../../../adapters/postgres/decision-store.js';
import { PostgresImpactStore } from '../../../adapters/postgres/impact-store.js';
import { ImpactWorker } from '../../../adapters/postgres/impact-worker.js';
import { Leadership } from '../../../adapters/postgres/leader.js';
import { createPool, query } from '../../../adapters/postgres/pool.js';
import { PostgresSurgeDesk } from '../../../adapters/postgres/surge-desk.js';
import { PostgresWaveStore } from '../../../adapters/postgres/wave-store.js';
import { TwilioGateway } from '../../../adapters/twilio/twilio-gateway.js';
import { TocsinError } from '../../../domain/errors.js';
import type { Incident } from '../../../domain/incident.js';
import { followUp } from '../../../pipeline.js';
import { wallClock } from '../../../runtime/clock.js';
import { Health } from '../../../runtime/health.js';
import { createLog } from '../../../runtime/log.js';
import { Loop } from '../../../runtime/loop.js';
import { outboxQueue } from '../../../service/outbox.js';
import { loadRules, type Rules } from '../../../service/rules.js';
import type { PartResult } from '../accuracy/part.js';
import { rounded } from '../figures.js';
import { incidentOver } from '../impact/mapping.js';
import {
  fillNetwork,
  fillSightings,
  importPeople,
  learning,
  type Population,
} from '../impact/population.js';
import { ACCOUNT } from './kill-steps.js';
import { unasked } from './message-world.js';
import { ownDatabase } from './own-database.js';
import type { NotifyPartOptions } from './part.js';
import { replaced } from './replaced.js';
import { sendingWorker } from './sending-worker.js';
import { startSimulator } from './simulator-process.js';

/** Of a country of so many people, half of whose cells are lost, a little over a million are affected. */
const PEOPLE = 1_600_000;
const PEOPLE_PER_CELL = 50;
/** The service's own sizes; they shrink with the country, so that its list takes as many steps. */
const INLINE_PEOPLE = 20_000;
const STEP_PEOPLE = 100_000;
const NOW_MS = Date.UTC(2026, 0, 14, 13, 0);
const SECRET = 'a secret for measuring only';
const IDLE_MS = 250;
const LONGEST_MS = 120_000;

/** When each stage was over, in the order of stages; monotonic ms. */
const STAGES = ['decision', 'list', 'wave', 'expansion', 'handOver'] as const;
type Stage = (typeof STAGES)[number];
type Ends = Map<Stage, number>;

/**
 * From an incident's opening to the first SMS that a local gateway has accepted: its decision, its
 * list made by the worker, the wave decided upon, its first messages, the hand-over. All that works
 * is what the service runs, with the pauses that the service makes.
 */
export async function measureFirstSms(options: NotifyPartOptions): Promise<PartResult> {
  const people = Math.max(2000, Math.round(PEOPLE * options.scale));
  const url = await ownDatabase(options.templateUrl, 'tocsin_first_sms');
  const pool = createPool(url);
  const leader = await Leadership.tryAcquire(url);
  if (!leader) throw new TocsinError('internal', 'nobody else can lead a fresh database');
  try {
    const size = { people, cells: Math.ceil(people / PEOPLE_PER_CELL), denseCells: 1 };
    options.progress(`${people} people are loaded`);
    await load(pool, size);
    const rules = telling(learning(loadRules()), people);
    const incident = incidentOver('inc_1', 0, Math.ceil(size.cells / 2), { nowMs: NOW_MS });
    options.progress('the incident opens');
    const [openedAt, ends] = await firstSms(
      { pool, leader, rules, scale: options.scale },
      incident,
    );
    return resultOf(await affectedIn(pool), openedAt, ends);
  } finally {
    await leader.release();
    await pool.end();
  }
}

/** Texts by learnt whereabouts have a legal basis here, and nobody is asked. */
function telling(rules: Rules, people: number): Rules {
  const policy = unasked(rules.policy, people);
  const onset = { ...policy.kinds.onset, locationBasis: { default: 'a bench' } };
  return { ...rules, policy: { ...policy, kinds: { ...policy.kinds, onset } } };
}

async function load(pool: pg.Pool, size: Population): Promise<void> {
  await fillNetwork(pool, size);
  await importPeople(pool, size, SECRET);
  await fillSightings(pool, NOW_MS);
  await query(pool, 'analyze');
}

interface Service {
  readonly pool: pg.Pool;
  readonly leader: Leadership;
  readonly rules: Rules;
  readonly scale: number;
}

/** Opens the incident beside running workers. @returns when it opened and when each stage was over */
async function firstSms(service: Service, incident: Incident): Promise<[number, Ends]> {
  const ends: Ends = new Map();
  let resolve: () => void = () => undefined;
  const isHandedOver = new Promise<void>((settle) => {
    resolve = settle;
  });
  const end = (stage: Stage, atMs = performance.now()): void => {
    if (!ends.has(stage)) ends.set(stage, atMs);
    if (stage === 'handOver') resolve();
  };
  const { store, lists } = leaderWork(service, end);
  const sender = await startSender(service, end);
  lists.start();
  const timer = setTimeout(resolve, LONGEST_MS);
  try {
    const openedAt = performance.now();
    await store.transact(async (tx) => {
      await tx.saveIncident({ incident, events: [] });
      await followUp(tx, incident, NOW_MS);
    });
    end('decision');
    await isHandedOver;
    return [openedAt, ends];
  } finally {
    clearTimeout(timer);
    await Promise.all([lists.stop(), sender.stop()]);
  }
}

/** Decisions, and the loop that makes long lists, as the leader has them. */
function leaderWork(
  { pool, leader, rules, scale }: Service,
  end: (stage: Stage, atMs?: number) => void,
): { store: PostgresDecisionStore; lists: Loop } {
  const inlinePeople = Math.max(1, Math.round(INLINE_PEOPLE * scale));
  const stepPeople = Math.max(1, Math.round(STEP_PEOPLE * scale));
  const work = {
    impact: new PostgresImpactStore(rules.impact, { inlinePeople, stepPeople }),
    waves: new PostgresWaveStore({ policy: rules.policy }),
    flags: new PostgresFlagStore(rules.crm, rules.texts, inlinePeople),
    desk: new PostgresSurgeDesk(rules.desk, []),
  };
  const leadership = (): Leadership => leader;
  let turnBeganAt = 0;
  const completed = (): void => {
    end('list', turnBeganAt);
    end('wave');
  };
  const worker = new ImpactWorker({ ...work, pool, leadership, now: () => NOW_MS, completed });
  const turn = (): ReturnType<ImpactWorker['turn']> => {
    turnBeganAt = performance.now();
    return worker.turn();
  };
  const around = { health: new Health(wallClock, wallClock), log: createLog('silent') };
  return {
    store: new PostgresDecisionStore(pool, leadership, work),
    lists: new Loop({ name: 'lists', idleMs: IDLE_MS, turn, ...around }),
  };
}

async function startSender({ pool, rules }: Service, end: (stage: Stage) => void) {
  const process = await startSimulator('gateway');
  const twilio = new TwilioGateway({ ...ACCOUNT, from: '+33700000000', baseUrl: process.url });
  const gateway = replaced(twilio, {
    send: async (sms) => {
      const result = await twilio.send(sms);
      if (result.status === 'accepted') end('handOver');
      return result;
    },
  });
  const queue = outboxQueue({ pool, rules, phoneSecret: SECRET, network: { now: () => NOW_MS } });
  const watched = replaced(queue, {
    expand: async () => {
      const isExpanded = await queue.expand();
      if (isExpanded) end('expansion');
      return isExpanded;
    },
  });
  const metrics = new Registry();
  const worker = sendingWorker({
    ...{ pool, gateway, rules, metrics, nowMs: NOW_MS, idleMs: IDLE_MS },
    watched: () => watched,
  });
  worker.start();
  const stop = async (): Promise<void> => {
    await worker.stop();
    await twilio.close();
    process.stop();
  };
  return { stop };
}

async function affectedIn(pool: pg.Pool): Promise<number> {
  const { rows } = await query<{ count: number }>(
    pool,
    'select count(*) from incident_subscribers where affected_to is null',
  );
  return rows[0]?.count ?? 0;
}

function resultOf(affected: number, openedAt: number, ends: Ends): PartResult {
  let before = openedAt;
  const seconds: Record<string, number | null> = {};
  for (const stage of STAGES) {
    const at = ends.get(stage);
    seconds[stage] = at === undefined ? null : rounded((at - before) / 1000, 3);
    before = at ?? before;
  }
  const isTold = ends.has('handOver');
  const total = (before - openedAt) / 1000;
  const shares = STAGES.map((stage) => `${names[stage]} ${seconds[stage] ?? '–'}`).join(', ');
  return {
    figures: { affected, seconds: isTold ? rounded(total, 3) : null, stages: seconds },
    ...(isTold ? {} : { broken: `nothing was handed over within ${LONGEST_MS / 1000} s` }),
    lines: [
      `${affected} people affected: ${isTold ? `${total.toFixed(1)} s` : 'never'} from the incident's opening to the first SMS handed over (aim under 10 s)`,
      `  seconds of it: ${shares}`,
    ],
  };
}

const names: Readonly<Record<Stage, string>> = {
  decision: 'decision',
  list: 'list',
  wave: 'wave',
  expansion: 'expansion',
  handOver: 'hand-over',
};
