import type { Alarm } from '../../src/domain/alarm.js';
import { type Clock, pacedClock } from '../../src/runtime/clock.js';
import { AreaComplaints } from '../calls/area-complaints.js';
import { CallCentre } from '../calls/call-centre.js';
import { msisdnOf, subscriberOf } from '../population/identities.js';
import { presenceOf } from '../population/records.js';
import { ServiceTruth } from '../population/service.js';
import { mix3, textHash } from '../random.js';
import { type SmsGateway, startSmsGateway } from '../sms-gateway.js';
import { PERIOD_MS } from '../telemetry/calendar.js';
import { Delivery, ORDINARY_DELIVERY } from '../telemetry/delivery.js';
import { TelemetryGenerator } from '../telemetry/generator.js';
import { lineSink } from '../telemetry/sinks.js';
import { createWorld, type World } from '../world.js';
import { FaultPlan } from './fault-plan.js';
import { Pusher, sleep } from './pusher.js';
import { isInReach } from './reach.js';

/** What a demo needs to know of the service it feeds. */
export interface DemoOptions {
  /** of the service, such as `http://127.0.0.1:8080` */
  readonly baseUrl: string;
  readonly writeToken: string;
  /** where the SMS gateway listens on loopback; 0 for any free port */
  readonly gatewayPort: number;
  readonly accountSid: string;
  readonly authToken: string;
  readonly seed: number;
  /** network time at the start, and how many times as fast as life it runs from there */
  readonly networkStartMs: number;
  readonly speed: number;
  /** network time of the very first start with this data; default `networkStartMs` */
  readonly planStartMs?: number;
  /** size of the world; must be that of the history */
  readonly sites?: number;
  readonly cells?: number;
  readonly subscribers?: number;
  /** share of subscribers whose sightings are told; default 0.1 */
  readonly presenceShare?: number;
}

/** A running demo. */
export interface Demo {
  readonly gateway: SmsGateway;
  /** Ends feeding and the gateway; what is under way is given up. */
  stop(): Promise<void>;
  /** Settles when feeding has ended. */
  readonly finished: Promise<void>;
}

/** What a demo says while it runs. */
export interface DemoWatch {
  readonly onTrouble?: (line: string) => void;
  /** what time it is, and until when network time may go on before more has been handed over */
  readonly onTime?: (nowMs: number, limitMs: number) => void;
}

/** Calls are known this long after their quarter hour. */
const CALLS_AFTER_MS = 240_000;
/** Past that is worked through silently at a start, so that callers of a running fault exist. */
const WARM_PERIODS = 12;

/** One in 400 of those told texts back STOP, this long after. */
const REPLY_AFTER_MS = 8_000;
/** How far network time may go on while something due is still being handed over. */
const GRACE_MS = 120_000;

/** One thing to hand over at a network time. */
interface Due {
  readonly atMs: number;
  readonly send: () => Promise<void>;
}

/**
 * Feeds a service through its public inputs, in step with network time: telemetry after every
 * period, alarms as they are raised, sightings and calls; and is its SMS gateway.
 */
export async function startDemo(
  options: DemoOptions,
  { onTrouble = () => undefined, onTime = () => undefined }: DemoWatch = {},
): Promise<Demo> {
  const world = createWorld(options);
  const plan = new FaultPlan(world, {
    seed: options.seed,
    fromMs: options.planStartMs ?? options.networkStartMs,
    firstAfterMs: Math.min(20 * 60_000, 20_000 * options.speed),
  });
  plan.extend(options.networkStartMs);
  const progress = new Progress(options, onTime);
  const networkMs = (): number => progress.nowMs();
  const service = new ServiceTruth(world, () => plan.effects);
  const centre = new CallCentre(world, service, { seed: options.seed });
  const inboundUrl = new URL('/api/v1/gateway/twilio/inbound', options.baseUrl).href;
  const gateway: SmsGateway = await startSmsGateway({
    port: options.gatewayPort,
    accountSid: options.accountSid,
    authToken: options.authToken,
    seed: options.seed,
    carrierRetryMs: Math.max(2_000, 300_000 / options.speed),
    keep: 200_000,
    hasCoverage: (to) => isInReach(world, service, to, networkMs()),
    onStatus: ({ status, to, from }) => {
      if (status !== 'delivered') return;
      centre.told(subscriberOf(to), networkMs());
      if (from?.startsWith('+') && mix3(options.seed, textHash(to), 53) % 400 === 0) {
        const reply = { from: to, to: from, body: 'STOP', url: inboundUrl };
        setTimeout(() => void gateway.inbound(reply), REPLY_AFTER_MS).unref();
      }
    },
  });
  const aborter = new AbortController();
  const pusher = new Pusher({ ...options, signal: aborter.signal, onTrouble });
  const complaints = new AreaComplaints(world, options.seed);
  const people = { service, centre, complaints };
  const feeder = new Feeder({ options, world, plan, ...people, pusher, networkMs, progress });
  const finished = feeder.run(aborter.signal);
  return {
    gateway,
    finished,
    stop: async () => {
      aborter.abort();
      await finished;
      await gateway.stop();
    },
  };
}

interface FeederParts {
  readonly options: DemoOptions;
  readonly world: World;
  readonly plan: FaultPlan;
  readonly service: ServiceTruth;
  readonly centre: CallCentre;
  readonly complaints: AreaComplaints;
  readonly pusher: Pusher;
  readonly networkMs: () => number;
  readonly progress: Progress;
}

/**
 * Network time that waits for its own feed: while something is handed over, time goes on by at most
 * `GRACE_MS`, well within the lateness that feeds allow.
 */
class Progress {
  readonly #clock: Clock;
  readonly #onTime: NonNullable<DemoWatch['onTime']>;
  #limitMs: number;

  constructor({ networkStartMs, speed }: DemoOptions, onTime: NonNullable<DemoWatch['onTime']>) {
    this.#limitMs = networkStartMs + GRACE_MS;
    this.#onTime = onTime;
    this.#clock = pacedClock(networkStartMs, speed, () => this.#limitMs);
  }

  nowMs(): number {
    return this.#clock.now();
  }

  /** Everything due before this network time has been handed over. */
  handedOver(untilMs: number): void {
    this.#limitMs = Math.max(this.#limitMs, untilMs + GRACE_MS);
    this.#onTime(this.nowMs(), this.#limitMs);
  }
}

/** Works out what is due next, waits for its time, hands it over; one thing at a time. */
class Feeder {
  readonly #parts: FeederParts;
  readonly #generator: TelemetryGenerator;
  readonly #delivery: Delivery<string>;
  readonly #alarmsSent = new Set<string>();
  #due: Due[] = [];
  /** start of the next period to work out */
  #periodMs: number;

  constructor(parts: FeederParts) {
    const { network } = parts.world;
    const { seed, networkStartMs } = parts.options;
    this.#parts = parts;
    this.#generator = new TelemetryGenerator(network, { seed, effects: () => parts.plan.effects });
    this.#delivery = new Delivery(ORDINARY_DELIVERY, seed, () => lineSink(network));
    this.#periodMs = Math.floor(networkStartMs / PERIOD_MS) * PERIOD_MS - PERIOD_MS;
  }

  async run(signal: AbortSignal): Promise<void> {
    for (let back = WARM_PERIODS; back > 0; back--) {
      this.#parts.centre.interval(this.#periodMs - back * PERIOD_MS);
    }
    while (!signal.aborted) {
      const next = this.#due[0];
      this.#parts.progress.handedOver(Math.min(next?.atMs ?? this.#periodMs, this.#periodMs));
      if (next === undefined || next.atMs > this.#periodMs) {
        await this.#sleepUntil(this.#periodMs, signal);
        if (!signal.aborted) this.#planPeriod();
        continue;
      }
      await this.#sleepUntil(next.atMs, signal);
      this.#due.shift();
      if (!signal.aborted) await next.send();
    }
  }

  async #sleepUntil(atMs: number, signal: AbortSignal): Promise<void> {
    const { networkMs, options } = this.#parts;
    for (;;) {
      const leftMs = (atMs - networkMs()) / options.speed;
      if (leftMs <= 0 || signal.aborted) return;
      await sleep(Math.min(leftMs, 60_000), signal);
    }
  }

  /** Puts everything that a period brings into the order of its time. */
  #planPeriod(): void {
    const { world, plan, service, pusher, options } = this.#parts;
    const startMs = this.#periodMs;
    const endMs = startMs + PERIOD_MS;
    this.#periodMs = endMs;
    plan.extend(endMs);
    const due: Due[] = this.#delivery
      .take(this.#generator.period(startMs))
      .map(({ atMs, batch }) => ({ atMs, send: () => pusher.lines(batch) }));
    const seen = [...presenceOf(world, service, startMs, options.presenceShare ?? 0.1)];
    due.push({ atMs: endMs, send: () => pusher.records('presence', seen) });
    due.push({ atMs: endMs + CALLS_AFTER_MS, send: () => this.#sendCalls(startMs) });
    for (const { atMs, alarm } of this.#newAlarms(endMs)) {
      due.push({ atMs, send: () => pusher.records('alarms', [alarm]) });
    }
    this.#due = [...this.#due, ...due].sort((a, b) => a.atMs - b.atMs);
  }

  /** Calls are counted when they are due, so that texts delivered meanwhile have their effect. */
  async #sendCalls(startMs: number): Promise<void> {
    const { centre, complaints, pusher } = this.#parts;
    await pusher.records('calls', centre.interval(startMs));
    const callers = centre.takeCallers().map(({ subscriber, atMs }) => ({
      caller: msisdnOf(subscriber),
      at: new Date(atMs).toISOString(),
    }));
    await pusher.records('callers', callers);
    await pusher.records('counts', complaints.interval(startMs, centre.callers));
  }

  /** Alarms up to then that were not yet planned; after a restart the last day's are told again. */
  #newAlarms(untilMs: number): { atMs: number; alarm: Alarm }[] {
    const found: { atMs: number; alarm: Alarm }[] = [];
    for (const fault of this.#parts.plan.faults) {
      for (const { atMs, alarm } of fault.alarms) {
        const key = `${alarm.alarmId} ${alarm.perceivedSeverity}`;
        if (atMs > untilMs || this.#alarmsSent.has(key)) continue;
        this.#alarmsSent.add(key);
        found.push({ atMs, alarm });
      }
    }
    if (this.#alarmsSent.size > 50_000) this.#forgetAlarms();
    return found;
  }

  #forgetAlarms(): void {
    const known = new Set(
      this.#parts.plan.faults.flatMap(({ alarms }) => alarms.map(({ alarm }) => alarm.alarmId)),
    );
    for (const key of this.#alarmsSent) {
      if (!known.has(key.split(' ')[0] ?? '')) this.#alarmsSent.delete(key);
    }
  }
}
