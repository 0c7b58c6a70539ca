import type pg from 'pg';
import {
  callHistory,
  complaintHistory,
  demoStartMs,
  telemetryHistory,
} from '../../simulators/demo/demo-history.js';
import { optOutRecords, subscriberRecords } from '../../simulators/population/records.js';
import { networkImports } from '../../simulators/world/import-rows.js';
import { createWorld, type World } from '../../simulators/world.js';
import { PostgresCheckpoints } from '../adapters/postgres/checkpoints.js';
import type { ImportKindName } from '../adapters/postgres/import-kinds.js';
import { copyRows } from '../adapters/postgres/import-rows.js';
import { KpiHistory } from '../adapters/postgres/kpi-history.js';
import { takeOver } from '../adapters/postgres/leader.js';
import { query } from '../adapters/postgres/pool.js';
import { createCorrelate } from '../correlate/correlate.js';
import { createDetect } from '../detect/detect.js';
import type { Fact } from '../domain/facts.js';
import { replay } from '../replay.js';
import { telemetryStream } from '../runtime/ports.js';
import { packState } from '../runtime/shard-runner.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import { lanesOf, type Rules } from './rules.js';
import type { Steps } from './steps.js';

/** Which simulated world an installation holds, kept so that a restart goes on with it. */
export interface DemoState {
  readonly seed: number;
  /** network time of the very first start, epoch ms */
  readonly planStartMs: number;
}

export interface DemoDataOptions {
  readonly pool: pg.Pool;
  readonly phoneSecret: string;
  readonly rules: Rules;
  readonly feeds: readonly CompiledFeed[];
  readonly seed: number;
  readonly steps: Steps;
}

const DAY_MS = 86_400_000;
const CALL_DAYS = 56;
const COMPLAINT_DAYS = 21;
const TELEMETRY_DAYS = 14;
/** Charts reach back this far; the rest of the history only warms the models. */
const CHART_DAYS = 2;

/** The world this database was filled with; undefined for a new one. */
export async function savedDemo(pool: pg.Pool): Promise<DemoState | undefined> {
  const { rows } = await query<{ value: DemoState }>(
    pool,
    `select value from settings where key = 'demo'`,
  );
  return rows[0]?.value;
}

/**
 * Fills a new database: a simulated network and its subscribers, eight weeks of calls, and two weeks
 * of telemetry that go through replay, so that models are warm. The last thing written says that
 * all of it is there; after a crash it is done again.
 */
export async function createDemo(options: DemoDataOptions): Promise<DemoState> {
  const { pool, seed, steps, rules } = options;
  const world = await steps.run('building the simulated region', async () => createWorld({ seed }));
  const planStartMs = demoStartMs(Date.now(), rules.forecast.zone);
  await importNetwork(options, world);
  await importPeople(options, world, planStartMs);
  await warmModels(options, world, planStartMs);
  const state = { seed, planStartMs };
  await query(pool, `insert into settings (key, value) values ('demo', $1)`, [
    JSON.stringify(state),
  ]);
  return state;
}

type Records = Parameters<typeof copyRows>[2];

function importInto({ pool, phoneSecret }: DemoDataOptions) {
  return async (kind: ImportKindName, records: Records): Promise<number> =>
    (await copyRows(pool, kind, records, { phoneSecret })).rows;
}

async function importNetwork(options: DemoDataOptions, world: World): Promise<void> {
  const load = importInto(options);
  const { rows } = world.network;
  await options.steps.run('importing the network', async () => {
    for (const [kind, records] of networkImports(rows)) await load(kind, records);
    return `${rows.sites.length} sites, ${rows.cells.length} cells`;
  });
}

async function importPeople(
  options: DemoDataOptions,
  world: World,
  untilMs: number,
): Promise<void> {
  const load = importInto(options);
  await options.steps.run('importing subscribers', async () => {
    const subscribers = await load('subscribers', subscriberRecords(world));
    const optOuts = await load('optouts', optOutRecords(world));
    return `${subscribers.toLocaleString('en-GB')} subscribers, ${optOuts} opted out`;
  });
  await options.steps.run('importing eight weeks of calls', async () => {
    const span = { fromMs: untilMs - CALL_DAYS * DAY_MS, toMs: untilMs };
    return `${(await load('calls', callRecords(world, span))).toLocaleString('en-GB')} intervals`;
  });
}

function* callRecords(world: World, span: { fromMs: number; toMs: number }) {
  for (const call of callHistory(world, span)) yield { area: '', ...call };
}

async function warmModels(options: DemoDataOptions, world: World, toMs: number): Promise<void> {
  const { pool, rules, feeds, steps } = options;
  const fromMs = toMs - TELEMETRY_DAYS * DAY_MS;
  const lanes = lanesOf(feeds);
  const history = new KpiHistory(pool);
  const detect = createDetect(lanes, rules.detection, (period) => {
    if (period.periodStartMs >= toMs - CHART_DAYS * DAY_MS) history.observe(period);
  });
  const correlate = createCorrelate(world.network.rows, rules.correlation, lanes, {
    wanted: rules.detection,
  });
  // Complaints are learnt for two weeks before any counts, so that much more is given.
  correlate.counts(complaintHistory(world, { fromMs: toMs - COMPLAINT_DAYS * DAY_MS, toMs }));
  await steps.run('replaying 14 days of telemetry', async (progress) => {
    const totals = await replay(
      flushing(telemetryHistory(world, { fromMs, toMs }), history),
      { detect, correlate },
      {
        lanes,
        isSorted: true,
        onProgress: ({ nowMs }) => progress((nowMs - fromMs) / (toMs - fromMs)),
      },
    );
    await history.flush();
    const stream = telemetryStream(0);
    await new PostgresCheckpoints(pool).save(stream, {
      schemaVersion: 1,
      epoch: await takeOver(pool, stream),
      streamOffset: -1,
      tickMs: toMs,
      state: packState(0, detect.snapshot()),
    });
    await saveDecisions(pool, correlate.snapshot(), toMs);
    return `${totals.samples.toLocaleString('en-GB')} samples`;
  });
}

/** Writes chart history as it fills, which the replay itself cannot wait for. */
async function* flushing(facts: AsyncIterable<Fact>, history: KpiHistory): AsyncGenerator<Fact> {
  for await (const fact of facts) {
    if (history.fullBuffers > 0) await history.flushFull();
    yield fact;
  }
}

async function saveDecisions(pool: pg.Pool, state: Uint8Array, tickMs: number): Promise<void> {
  await query(
    pool,
    `insert into decision_state (singleton, state, control_offset, tick_ms, cursors, leader_epoch)
     values (true, $1, -1, $2, '{}', 0)
     on conflict (singleton) do update set state = excluded.state, tick_ms = excluded.tick_ms`,
    [Buffer.from(state.buffer, state.byteOffset, state.byteLength), tickMs],
  );
}
