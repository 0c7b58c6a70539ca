import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createKafkaBus } from '../../adapters/kafka/client.js';
import { KafkaJournal } from '../../adapters/kafka/kafka-journal.js';
import type { TickLog } from '../../adapters/kafka/ports.js';
import { loadYaml } from '../../adapters/rules/load-yaml.js';
import { createDetect } from '../../detect/detect.js';
import { DetectionRules } from '../../detect/rules.js';
import { TocsinError } from '../../domain/errors.js';
import type { DeadLetter } from '../../domain/facts.js';
import { ReportBlockBuilder } from '../../domain/report-block.js';
import type { DetectStage } from '../../pipeline.js';
import type { CompiledFeed } from '../../sources/compiled-feed.js';
import type { Contestant, ContestSetup } from './ingest-contest.js';
import {
  benchFeed,
  cellName,
  cellsOf,
  FIRST_PERIOD_MS,
  KPIS_PER_REPORT,
  PERIOD_MS,
  rowOf,
} from './ingest-reports.js';

/** Periods that the models have seen before the first run: past their warm-up of a day. */
const WARM_PERIODS = 30;
const HOUR_MS = 3_600_000;

interface Shard {
  readonly stream: string;
  detect: DetectStage;
  offset: number;
}

/** The bench ticks by itself. */
const noTicks: TickLog = {
  countBefore: async () => 0,
  read: async () => [],
  append: async () => undefined,
  actsThrough: async () => -1,
  prune: async () => 0,
};

/** Tocsin's own way: the topic as journal, decode, validation, and detection with warm models. */
export async function ours(setup: ContestSetup): Promise<Contestant> {
  const feed = benchFeed();
  const states = warmStates(setup, feed);
  const refusals: DeadLetter[] = [];
  const journal = openJournal(setup, feed, refusals);
  journal.start();
  while (journal.streams.length < setup.partitions) await delay(5);
  let shards: Shard[] = [];
  return {
    prepare: async () => {
      shards = states.map((state, partition) => {
        const detect = newDetect(feed);
        detect.restore(state);
        return { stream: `kafka:${setup.topic}/${partition}`, detect, offset: -1 };
      });
    },
    run: async () => {
      const rows = await ingestAll(setup, journal, shards);
      const endMs = FIRST_PERIOD_MS + setup.periods * PERIOD_MS + HOUR_MS;
      for (const { detect } of shards) detect.advance(endMs);
      const [refused] = refusals;
      if (refused) throw new TocsinError('internal', `a report was refused: ${refused.detail}`);
      return rows * KPIS_PER_REPORT;
    },
  };
}

function openJournal(
  setup: ContestSetup,
  feed: CompiledFeed,
  refusals: DeadLetter[],
): KafkaJournal {
  const log = pino({ level: 'silent' });
  const inventory = new Set(Array.from({ length: setup.cells }, (_, cell) => cellName(cell)));
  return new KafkaJournal(createKafkaBus({ brokers: setup.brokers }, log), {
    groupId: `bench-${randomUUID()}`,
    topics: [{ topic: setup.topic, feed }],
    decoding: {
      context: {
        aliases: {
          version: 1,
          resolve: () => undefined,
          isKnown: (_, cell) => inventory.has(cell),
        },
        deadLetters: { record: (letter) => refusals.push(letter) },
      },
    },
    ticks: noTicks,
    status: () => undefined,
    log,
    assigned: () => undefined,
    revoked: () => undefined,
  });
}

function newDetect(feed: CompiledFeed): DetectStage {
  const path = fileURLToPath(new URL('../../../rules/detection.yaml', import.meta.url));
  const rules = { ...loadYaml(path, DetectionRules), warmupDays: 1 };
  if (!feed.lane) throw new TocsinError('internal', 'the bench feed has no lane');
  return createDetect([feed.lane], rules);
}

/** States of detection that know every cell of their partition, one after the other in memory. */
function warmStates(setup: ContestSetup, feed: CompiledFeed): Uint8Array[] {
  return Array.from({ length: setup.partitions }, (_, partition) => {
    const cells = cellsOf(setup, partition);
    const detect = newDetect(feed);
    for (let period = -WARM_PERIODS; period < 0; period++) {
      const kpis = feed.kpis.map(({ name }) => name);
      const shape = { feed: feed.name, objectType: 'cell', periodSeconds: 3600, kpis } as const;
      const builder = new ReportBlockBuilder(shape, cells.length);
      const startMs = FIRST_PERIOD_MS + period * PERIOD_MS;
      for (const cell of cells)
        rowOf(cell, period, builder, builder.addRow(cellName(cell), startMs));
      detect.ingest(builder.finish());
      detect.advance(startMs + PERIOD_MS + HOUR_MS);
    }
    return detect.snapshot();
  });
}

async function ingestAll(
  setup: ContestSetup,
  journal: KafkaJournal,
  shards: readonly Shard[],
): Promise<number> {
  let rows = 0;
  while (rows < setup.cells * setup.periods) {
    let found = 0;
    for (const shard of shards) {
      for (const { offset, fact } of await journal.read(shard.stream, shard.offset, 64)) {
        if (fact.kind === 'reports') {
          shard.detect.ingest(fact.block);
          found += fact.block.rows;
        }
        shard.offset = offset;
      }
    }
    rows += found;
    if (found === 0) await delay(2);
  }
  return rows;
}
