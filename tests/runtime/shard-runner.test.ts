import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadYaml } from '../../src/adapters/rules/load-yaml.js';
import { createDetect } from '../../src/detect/detect.js';
import { DetectionRules } from '../../src/detect/rules.js';
import type { Fact, OperatorAct } from '../../src/domain/facts.js';
import type { LaneSpec } from '../../src/domain/lane.js';
import { ReportBlockBuilder } from '../../src/domain/report-block.js';
import { ShardRunner } from '../../src/runtime/shard-runner.js';
import { MemoryCheckpoints, MemoryEvents, MemoryHistory, MemoryJournal } from './memory-ports.js';

const STREAM = 'telemetry/0';
const START_MS = Date.parse('2026-01-05T00:00:00Z');
const PERIOD_MS = 900_000;
const rules = loadYaml(
  new URL('../../rules/detection.yaml', import.meta.url).pathname,
  DetectionRules,
);
const lane: LaneSpec = {
  feed: 'pm',
  collector: 'pm',
  objectType: 'cell',
  periodSeconds: 900,
  latenessSeconds: 300,
  zone: 'UTC',
  holidays: [],
  kpis: [
    { name: 'users', definition: { kind: 'count', unit: 'users', bad: 'low', traffic: true } },
    {
      name: 'availability',
      definition: { kind: 'gauge', unit: 'share', range: [0, 1], bad: 'low' },
    },
  ],
};

const PERIODS = 10 * 96;

function detectionAct(what: Pick<OperatorAct, 'action' | 'value' | 'resource'>): Fact {
  const who = { actId: `act_${what.action}`, at: '2026-01-14T00:00:00.000Z', actor: 'Zoé' };
  return { kind: 'acts', items: [{ ...who, why: 'of the test', ...what }] };
}

/** What stands before the ticks of some periods: acts on detection and changes of the network. */
const BETWEEN = new Map<number, Fact[]>([
  [0, [{ kind: 'network', items: [{ version: 1 }] }]],
  [9 * 96, [detectionAct({ action: 'correctRate', value: '0.5' })]],
  [PERIODS - 12, [detectionAct({ action: 'acceptLevel', resource: { id: 'A' } })]],
  [PERIODS - 4, [{ kind: 'network', items: [{ version: 2 }] }]],
]);

/** Ten days of three cells; the last six hours one of them is dead. */
function history(): Fact[] {
  const facts: Fact[] = [];
  for (let period = 0; period < PERIODS; period++) {
    const startMs = START_MS + period * PERIOD_MS;
    const builder = new ReportBlockBuilder({ ...lane, kpis: ['users', 'availability'] }, 4);
    for (const [i, cell] of ['A', 'B', 'C'].entries()) {
      const isDead = i === 0 && period >= PERIODS - 24;
      const row = builder.addRow(cell, startMs);
      builder.set(row, 0, isDead ? 0 : 50 + ((period * 7 + i * 3) % 11));
      builder.set(row, 1, isDead ? 0 : 1);
    }
    facts.push({ kind: 'reports', block: builder.finish() });
    facts.push(...(BETWEEN.get(period) ?? []));
    facts.push({ kind: 'tick', nowMs: startMs + PERIOD_MS + 300_000 });
  }
  return facts;
}

const facts = history();

interface World {
  journal: MemoryJournal;
  checkpoints: MemoryCheckpoints;
  events: MemoryEvents;
  history: MemoryHistory;
}

function world(): World {
  const made = {
    journal: new MemoryJournal(),
    checkpoints: new MemoryCheckpoints(),
    events: new MemoryEvents(),
    history: new MemoryHistory(),
  };
  made.journal.add(STREAM, ...facts);
  return made;
}

function runner({ journal, checkpoints, events, history }: World): ShardRunner {
  return new ShardRunner({
    stream: STREAM,
    journal,
    checkpoints,
    events,
    history,
    detect: () => createDetect([lane], rules, history.observe),
    lanes: new Map([['pm', 900]]),
    takeOver: async () => 1,
    vendors: async (version) => new Map([['A', version < 2 ? 'Acme' : 'Bolt']]),
    counted: () => undefined,
    saved: async () => undefined,
    checkpointMs: Number.POSITIVE_INFINITY,
    wallNow: () => 0,
  });
}

const signal = new AbortController().signal;

async function drain(shard: ShardRunner, turns = Number.POSITIVE_INFINITY): Promise<void> {
  for (let turn = 0; turn < turns; turn++) if ((await shard.turn(signal)) === 'idle') return;
}

async function uninterrupted(): Promise<string> {
  const all = world();
  const shard = runner(all);
  await shard.recover();
  await drain(shard);
  return JSON.stringify([...all.events.rows.values()]);
}

describe('ShardRunner', () => {
  it('hands over the same verdicts however often it is killed, with or without a checkpoint', async () => {
    const expected = await uninterrupted();
    expect(expected).toContain('"objectId":"A"');
    expect(expected).toContain("new normal on an operator's word");
    const life = fc.record({ turns: fc.integer({ min: 1, max: 12 }), saves: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 4 }), async (lives) => {
        const all = world();
        for (const { turns, saves } of lives) {
          const shard = runner(all);
          await shard.recover();
          await drain(shard, turns);
          if (saves) await shard.checkpoint();
        }
        const last = runner(all);
        await last.recover();
        await drain(last);
        expect(JSON.stringify([...all.events.rows.values()])).toBe(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('writes every released period for charts before a checkpoint covers it', async () => {
    const all = world();
    for (const turns of [3, 5, 2]) {
      const shard = runner(all);
      await shard.recover();
      await drain(shard, turns);
      await shard.checkpoint();
      // killed a little later: what was released after the checkpoint is released again
      await drain(shard, 1);
      all.history.forget();
    }
    const last = runner(all);
    await last.recover();
    await drain(last);
    await last.checkpoint();
    expect(all.history.written.size).toBe(PERIODS);
  });

  it('lets charts be written in the middle of a tick that releases days', async () => {
    const all = world();
    const reports = facts.filter(({ kind }) => kind === 'reports');
    const tick = facts.at(-1);
    if (!tick) throw new Error('no tick');
    all.journal.streams.set(STREAM, [...reports.slice(0, 500), tick]);
    const shard = runner(all);
    await shard.recover();
    await drain(shard);
    await shard.checkpoint();
    expect(all.history.written.size).toBe(PERIODS);
    expect(all.history.mostWaiting).toBeLessThanOrEqual(9);
  });

  it('counts reports of a feed that is configured no more and goes on', async () => {
    const all = world();
    const builder = new ReportBlockBuilder({ ...lane, feed: 'gone', kpis: ['users'] }, 1);
    builder.set(builder.addRow('A', START_MS), 0, 1);
    all.journal.streams.set(STREAM, [{ kind: 'reports', block: builder.finish() }, ...facts]);
    const shard = runner(all);
    await shard.recover();
    await drain(shard);
    expect(all.events.rows.size).toBeGreaterThan(0);
  });
});
