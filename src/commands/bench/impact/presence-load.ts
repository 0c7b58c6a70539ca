import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { PostgresCheckpoints } from '../../../adapters/postgres/checkpoints.js';
import { JournalIntake } from '../../../adapters/postgres/intake.js';
import { PostgresJournal } from '../../../adapters/postgres/journal.js';
import { takeOver } from '../../../adapters/postgres/leader.js';
import { PostgresPresenceWriter } from '../../../adapters/postgres/presence-writer.js';
import { postgresSubscriberLookup } from '../../../adapters/postgres/subscriber-lookup.js';
import { PresenceRunner } from '../../../runtime/presence-runner.js';
import type { Rules } from '../../../service/rules.js';
import { PRESENCE_READ_BYTES } from '../../../service/whereabouts.js';
import type { Figures } from '../figures.js';
import { cellId, draw, imsiOf, numberOf, type Population, usualCellsOf } from './population.js';

const UPDATES_PER_SECOND = 12_000;
const BATCH = 3_000;
const LOOKUPS_PER_SECOND = 50;

/** What runs. */
export interface PresenceBench {
  readonly pool: pg.Pool;
  /** of look-ups alone, as the service has it */
  readonly lookupPool: pg.Pool;
  readonly rules: Rules;
  readonly size: Population;
  readonly phoneSecret: string;
  readonly nowMs: number;
  readonly seconds: number;
}

interface DetectionFigures {
  samples: number;
  seconds: number;
  cpuSeconds: number;
}

/**
 * Sightings at 12,000 a second through journal and presence runner, look-ups of agents, and detection
 * in a process of its own, all at once.
 */
export async function loadWithPresence(bench: PresenceBench): Promise<Figures> {
  const { size, seconds } = bench;
  const worker = fileURLToPath(new URL('./detection-worker.ts', import.meta.url));
  const child = fork(worker, [String(size.cells)], { execArgv: process.execArgv });
  try {
    const run = new PresenceRun(bench);
    await run.start();
    await run.during(seconds);
    const detection = await figuresOf(child);
    return {
      ...run.figures(),
      detectionSamplesPerSecond: Math.round(detection.samples / detection.seconds),
      detectionCpuShare: Math.round((detection.cpuSeconds / detection.seconds) * 100) / 100,
    };
  } finally {
    child.disconnect();
    child.kill();
  }
}

async function figuresOf(child: ChildProcess): Promise<DetectionFigures> {
  child.send('figures');
  const [figures] = (await once(child, 'message')) as [DetectionFigures];
  return figures;
}

class PresenceRun {
  readonly #bench: PresenceBench;
  readonly #intake: JournalIntake;
  readonly #runner: PresenceRunner;
  readonly #latencies: number[] = [];
  #sent = 0;
  #applied = 0;
  #taken = 0;
  #wallSeconds = 0;
  #cpuSeconds = 0;

  constructor(bench: PresenceBench) {
    this.#bench = bench;
    const { pool, rules, nowMs } = bench;
    const journal = new PostgresJournal(pool, PRESENCE_READ_BYTES);
    this.#intake = new JournalIntake(journal, { shards: 1 });
    this.#runner = new PresenceRunner({
      journal,
      checkpoints: new PostgresCheckpoints(pool),
      writer: new PostgresPresenceWriter(pool, rules.impact, 'of the bench'),
      network: { now: () => nowMs + 3_600_000 },
      takeOver: (stream) => takeOver(pool, stream),
      counted: ({
        applied,
        stale,
        contradictory,
        unknownCell,
        unknownSubscriber,
        visitors,
        future,
      }) => {
        this.#applied += applied;
        this.#taken +=
          applied + stale + contradictory + unknownCell + unknownSubscriber + visitors + future;
      },
    });
  }

  start(): Promise<void> {
    return this.#runner.recover();
  }

  async during(seconds: number): Promise<void> {
    const started = performance.now();
    const cpu = process.cpuUsage();
    const until = started + seconds * 1000;
    await Promise.all([
      this.#send(started, until),
      this.#take(until),
      this.#lookUp(started, until),
    ]);
    const used = process.cpuUsage(cpu);
    this.#wallSeconds = (performance.now() - started) / 1000;
    this.#cpuSeconds = (used.user + used.system) / 1e6;
  }

  figures(): Figures {
    const sorted = this.#latencies.sort((a, b) => a - b);
    const at = (share: number): number =>
      Math.round(
        (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 10,
      ) / 10;
    return {
      updatesOffered: this.#sent,
      updatesPerSecond: Math.round(this.#taken / this.#wallSeconds),
      applied: this.#applied,
      seconds: Math.round(this.#wallSeconds * 10) / 10,
      ownCpuShare: Math.round((this.#cpuSeconds / this.#wallSeconds) * 100) / 100,
      lookUps: sorted.length,
      lookUpP50Ms: at(0.5),
      lookUpP99Ms: at(0.99),
    };
  }

  async #send(started: number, until: number): Promise<void> {
    while (performance.now() < until) {
      const due = ((performance.now() - started) / 1000) * UPDATES_PER_SECOND;
      if (this.#sent < due) {
        const items = Array.from({ length: BATCH }, () => this.#sighting(this.#sent++));
        await this.#intake.accept([{ kind: 'presence', items }]);
      } else await delay(20);
    }
  }

  /** A person chosen at random, at one of their cells or, one time in five, anywhere. */
  #sighting(n: number) {
    const { size, nowMs } = this.#bench;
    const person = Math.floor(draw(n, 50) * size.people);
    const usual = usualCellsOf(person, size)[n % 3] ?? 0;
    const cell = n % 5 === 0 ? Math.floor(draw(n, 51) * size.cells) : usual;
    const time = new Date(nowMs + Math.floor(n / 12)).toISOString();
    return { subscriber: imsiOf(person), cell: cellId(cell), time };
  }

  async #take(until: number): Promise<void> {
    while (performance.now() < until || this.#taken < this.#sent) {
      if ((await this.#runner.turn()) === 'idle') await delay(20);
    }
  }

  async #lookUp(started: number, until: number): Promise<void> {
    const { lookupPool, rules, phoneSecret, size, nowMs } = this.#bench;
    const lookup = postgresSubscriberLookup(lookupPool, { ...rules, phoneSecret });
    for (let n = 0; performance.now() < until; n++) {
      const waitMs = started + (n / LOOKUPS_PER_SECOND) * 1000 - performance.now();
      if (waitMs > 0) await delay(waitMs);
      const number = numberOf(Math.floor(draw(n, 60) * size.people));
      const asked = performance.now();
      await lookup.network(number, { language: 'fr', nowMs });
      this.#latencies.push(performance.now() - asked);
    }
  }
}
