import { setMaxListeners } from 'node:events';
import type { Producer } from 'kafkajs';
import { Pusher, sleep } from '../../simulators/demo/pusher.js';
import type { CellEffect } from '../../simulators/faults/conditions.js';
import { PERIOD_MS } from '../../simulators/telemetry/calendar.js';
import { TelemetryGenerator } from '../../simulators/telemetry/generator.js';
import { lineSink } from '../../simulators/telemetry/sinks.js';
import { loadKafkaJs } from '../../src/adapters/kafka/record-batches.js';
import type { Alarm } from '../../src/domain/alarm.js';
import { messageOf } from '../../src/domain/errors.js';
import type { Influx1 } from '../services/influx1.js';
import { PERIOD_SECONDS, type Surroundings } from './chain-config.js';
import type { SmallWorld } from './small-world.js';

const REPORT_MS = PERIOD_SECONDS * 1000;

/** The alarm that clears another one now. */
function clearing(alarm: Alarm): Alarm {
  return {
    ...alarm,
    perceivedSeverity: 'cleared',
    alarmClearedTime: new Date(Date.now()).toISOString(),
  };
}

/**
 * The operator's systems on the wall clock: every few seconds cells report through Kafka, those of
 * one healthy site through HTTP, and the fibre through InfluxDB; alarms are raised and cleared.
 */
export class Operator {
  /** alarms that are up */
  readonly raised: Alarm[] = [];
  /** periods reported so far, by start in epoch ms */
  readonly periods: number[] = [];
  readonly pusher: Pusher;
  /** what went wrong on the way; empty at the end of a good run */
  readonly troubles: string[] = [];
  readonly #world: SmallWorld;
  readonly #around: Surroundings;
  readonly #influx: Influx1;
  readonly #producer: Producer;
  readonly #generator: TelemetryGenerator;
  readonly #abort = new AbortController();
  #effects: CellEffect[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(world: SmallWorld, around: Surroundings, influx: Influx1) {
    const { Kafka } = loadKafkaJs();
    this.#world = world;
    this.#around = around;
    this.#influx = influx;
    this.#producer = new Kafka({ brokers: [...around.brokers], logLevel: 0 }).producer();
    this.#generator = new TelemetryGenerator(world.world.network, {
      seed: world.world.seed,
      effects: () => this.#effects,
    });
    // Every report that waits for a service that is down listens to it.
    setMaxListeners(0, this.#abort.signal);
    this.pusher = new Pusher({
      baseUrl: `http://127.0.0.1:${around.port}`,
      writeToken: around.writeToken,
      signal: this.#abort.signal,
      onTrouble: (line) => void this.troubles.push(line),
    });
  }

  /** The site whose cells are pushed over HTTP; it stays healthy. */
  get pushedSite(): number {
    const { network } = this.#world.world;
    return network.sites.findIndex(({ index }) => !this.#world.fibre.sites.includes(index));
  }

  async start(): Promise<void> {
    await this.#producer.connect();
    this.#running = this.#report();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#producer.disconnect();
  }

  /** Cuts the fibre: the line's own alarm comes through Kafka, those of its sites through HTTP. */
  async cut(): Promise<void> {
    const { fibre, lost, world } = this.#world;
    this.#effects = [{ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, cells: lost, isOut: true }];
    const alarmRaisedTime = new Date(Date.now()).toISOString();
    const common = {
      alarmType: 'communicationsAlarm',
      perceivedSeverity: 'critical',
      serviceAffecting: true,
      alarmRaisedTime,
    } as const;
    const line: Alarm = {
      ...common,
      alarmId: `line-${alarmRaisedTime}`,
      objectType: 'link',
      objectId: fibre.id,
      probableCause: 'lossOfSignal',
    };
    const sites = fibre.sites.map(
      (site): Alarm => ({
        ...common,
        alarmId: `site-${site}-${alarmRaisedTime}`,
        objectType: 'site',
        objectId: world.network.sites[site]?.siteId ?? '',
        probableCause: 'communicationsSubsystemFailure',
      }),
    );
    this.raised.push(line, ...sites);
    await this.#send('alarms', [line]);
    await this.pusher.records('alarms', sites);
  }

  /** The fibre is spliced: counters are well again, alarms clear, the line's one through Kafka. */
  async mend(): Promise<void> {
    this.#effects = [];
    const [line, ...sites] = this.raised.splice(0).map(clearing);
    await this.#send('alarms', line === undefined ? [] : [line]);
    await this.pusher.records('alarms', sites);
  }

  /** Sightings through Kafka; calls of half of the queues through Kafka, of the others through HTTP. */
  async sendPeopleAndCalls(): Promise<void> {
    const { sightings, newCalls } = this.#world;
    await this.#send('presence', sightings);
    await this.#send(
      'calls',
      newCalls.filter((_, i) => i % 2 === 0),
    );
    await this.pusher.records(
      'calls',
      newCalls.filter((_, i) => i % 2 === 1),
    );
  }

  async #send(topic: 'alarms' | 'presence' | 'calls', items: readonly unknown[]): Promise<void> {
    await this.#producer.send({
      topic: this.#around.topics[topic],
      messages: items.map((item) => ({ value: JSON.stringify(item) })),
    });
  }

  async #report(): Promise<void> {
    const { signal } = this.#abort;
    let startMs = Math.floor(Date.now() / REPORT_MS) * REPORT_MS - REPORT_MS;
    while (!signal.aborted) {
      await sleep(startMs + REPORT_MS - Date.now(), signal);
      if (signal.aborted) return;
      try {
        await this.#reportPeriod(startMs);
        this.periods.push(startMs);
      } catch (error) {
        if (!signal.aborted) this.troubles.push(messageOf(error));
      }
      startMs += REPORT_MS;
    }
  }

  async #reportPeriod(startMs: number): Promise<void> {
    const { network } = this.#world.world;
    const made = this.#generator.period(Math.floor(startMs / PERIOD_MS) * PERIOD_MS);
    const period = { ...made, periodStartMs: startMs };
    const lineOf = (cell: number): string => {
      const sink = lineSink(network);
      sink.add(period, cell);
      return sink.finish() ?? '';
    };
    const pushed = new Set(network.sites[this.pushedSite]?.cells);
    const messages = network.cells
      .filter(({ index }) => !pushed.has(index))
      .map(({ index, cellId }) => ({ key: cellId, value: lineOf(index) }));
    await this.#producer.send({ topic: this.#around.topics.kpi, messages });
    await this.#influx.write(this.#around.influx.database, this.#linkLine(startMs));
    // A service that is down must not hold up the others; the pusher tries again by itself.
    void this.pusher.lines([...pushed].map(lineOf).join(''));
  }

  #linkLine(startMs: number): string {
    const lost = this.#effects.length > 0 ? 100 : 0;
    const fields = `utilisation_pct=${lost > 0 ? 0 : 40},loss_pct=${lost},delay_ms=4`;
    return `link_kpi,link=${this.#world.fibre.id} ${fields} ${startMs}000000`;
  }
}
