import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { median } from 'simple-statistics';
import { kafkaFromEnvironment } from '../../config.js';
import { messageOf, TocsinError } from '../../domain/errors.js';
import { type BenchResult, cpuTotal, type Measured } from './harness.js';
import type { ContestSetup, ToWorker } from './ingest-contest.js';
import { KPIS_PER_REPORT } from './ingest-reports.js';
import { fillTopic, removeTopic } from './ingest-topic.js';

const CELLS = 200_000;
const PERIODS = 2;
const PARTITIONS = 4;
const RUNS = 5;

interface BenchBroker {
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

/**
 * KPI samples per second from a Kafka topic through decode, validation and detection, beside a bare
 * kafkajs consumer that only parses the same topic. The ratio is of samples per CPU second; the two
 * run by turns, each in a process of its own, both warmed by a first run that does not count.
 *
 * @param options.broker `host:port`; else TOCSIN_TEST_KAFKA, else a broker started with Java
 * @throws TocsinError `unavailable.kafka` when there is no broker
 */
export async function benchIngest(options: {
  scale: number;
  broker?: string;
}): Promise<BenchResult> {
  const broker = await brokerFor(options.broker);
  const topic = `tocsin-bench-${randomUUID()}`;
  const cells = Math.max(PARTITIONS, Math.round(CELLS * options.scale));
  const setup = { brokers: broker.brokers, topic, partitions: PARTITIONS, cells, periods: PERIODS };
  try {
    await fillTopic(setup);
    return await contest(setup);
  } finally {
    await removeTopic(setup).catch(() => undefined);
    await broker.stop();
  }
}

async function brokerFor(given: string | undefined): Promise<BenchBroker> {
  const brokers = given?.split(',') ?? kafkaFromEnvironment();
  if (brokers) return { brokers, stop: async () => undefined };
  try {
    const { startKafka } = await import('../../../tests/services/kafka/broker.js');
    return await startKafka();
  } catch (error) {
    throw new TocsinError(
      'unavailable.kafka',
      `bench ingest needs a Kafka broker: set TOCSIN_TEST_KAFKA=host:port, or install Java 17 and Maven (${messageOf(error)})`,
      { cause: error },
    );
  }
}

async function contest(topic: Omit<ContestSetup, 'role'>): Promise<BenchResult> {
  const ours = await Worker.start({ ...topic, role: 'ours' });
  const baseline = await Worker.start({ ...topic, role: 'baseline' });
  try {
    await ours.run();
    await baseline.run();
    const runs = { ours: [] as Measured[], baseline: [] as Measured[] };
    for (let run = 0; run < RUNS; run++) {
      const order =
        run % 2 === 0 ? (['ours', 'baseline'] as const) : (['baseline', 'ours'] as const);
      for (const role of order) runs[role].push(await (role === 'ours' ? ours : baseline).run());
    }
    return resultOf(topic, runs.ours, runs.baseline);
  } finally {
    ours.end();
    baseline.end();
  }
}

function resultOf(
  { cells, periods }: Omit<ContestSetup, 'role'>,
  ours: readonly Measured[],
  baseline: readonly Measured[],
): BenchResult {
  const figures = figuresOf(ours);
  const bare = figuresOf(baseline);
  return {
    name: 'ingest',
    unit: 'KPI samples per CPU second',
    figures: { cells, kpisPerReport: KPIS_PER_REPORT, reports: cells * periods, ...figures },
    baseline: bare,
    ratio: figures.samplesPerCpuSecond / bare.samplesPerCpuSecond,
    better: 'higher',
    aim: '>= 0.7',
    runs: ours.length,
    cpuSecondsOurs: cpuTotal(ours),
    cpuSecondsBaseline: cpuTotal(baseline),
  };
}

function figuresOf(runs: readonly Measured[]): {
  samplesPerCpuSecond: number;
  samplesPerSecond: number;
  cpuMicrosecondsPerReport: number;
} {
  const perCpu = median(runs.map(({ work, cpuSeconds }) => work / cpuSeconds));
  return {
    samplesPerCpuSecond: Math.round(perCpu),
    samplesPerSecond: Math.round(median(runs.map(({ work, wallSeconds }) => work / wallSeconds))),
    cpuMicrosecondsPerReport: Math.round((1e8 * KPIS_PER_REPORT) / perCpu) / 100,
  };
}

interface Answer {
  readonly ready?: true;
  readonly measured?: Measured;
  readonly error?: string;
}

/** A process that runs one contestant. */
class Worker {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(setup: ContestSetup): Promise<Worker> {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const path = fileURLToPath(new URL(`./ingest-worker.${extension}`, import.meta.url));
    const worker = new Worker(fork(path, { execArgv: [...process.execArgv, '--expose-gc'] }));
    await worker.#ask({ setup });
    return worker;
  }

  async run(): Promise<Measured> {
    const { measured } = await this.#ask({ run: true });
    if (measured) return measured;
    throw new TocsinError('internal', 'a bench worker gave no figures');
  }

  end(): void {
    this.#child.disconnect();
  }

  #ask(message: ToWorker): Promise<Answer> {
    const child = this.#child;
    return new Promise((done, failed) => {
      const gone = (code: number | null): void =>
        failed(new TocsinError('internal', `a bench worker ended with code ${code}`));
      child.once('exit', gone);
      child.once('message', (answer: Answer) => {
        child.off('exit', gone);
        if (answer.error === undefined) done(answer);
        else failed(new TocsinError('internal', `a bench worker failed: ${answer.error}`));
      });
      child.send(message);
    });
  }
}
