import type pg from 'pg';
import { Registry } from 'prom-client';
import { TwilioGateway } from '../../../adapters/twilio/twilio-gateway.js';
import type { OutboxQueue, SmsGateway } from '../../../notify/ports.js';
import type { Rules } from '../../../service/rules.js';
import { ACCOUNT, type KillOrder, type KillStep, REQUEST_MS } from './kill-steps.js';
import { replaced } from './replaced.js';
import { sendingWorker } from './sending-worker.js';

/** A worker as the service runs it, with the ends it stands on. */
export interface RunningWorker {
  start(): void;
  stop(): Promise<void>;
}

/** Told of what a worker does; what it returns is waited for. */
export interface StepWatch {
  /** a step that a worker can be frozen at has been made */
  after(step: KillStep): Promise<void>;
  /** something new is about to be taken from the queue */
  beforeTaking(): Promise<void>;
}

/** What makes a worker different from the service's. */
export interface WorkerChange {
  readonly watch?: StepWatch;
  readonly isListComplete: boolean;
}

/** An outbox worker over one database, whose connections stay the caller's, and one simulated gateway. */
export function killWorker(
  { pool, gatewayUrl, nowMs }: Pick<KillOrder, 'gatewayUrl' | 'nowMs'> & { pool: pg.Pool },
  rules: Pick<Rules, 'policy' | 'texts'>,
  { watch, isListComplete }: WorkerChange,
): RunningWorker {
  const gateway = new TwilioGateway({
    ...ACCOUNT,
    from: '+33700000000',
    baseUrl: gatewayUrl,
    timeoutMs: REQUEST_MS,
    isListComplete,
  });
  const worker = sendingWorker({
    pool,
    gateway: watch === undefined ? gateway : watchedGateway(gateway, watch),
    rules,
    nowMs,
    segmentsPerSecond: 2000,
    ...(watch === undefined ? {} : { watched: (queue) => watchedQueue(queue, watch) }),
    metrics: new Registry(),
    maxInFlight: 4,
    idleMs: 25,
    breakMs: 20,
    failuresToBreak: 1000,
  });
  const stop = async (): Promise<void> => {
    await worker.stop();
    await gateway.close();
  };
  return { start: () => worker.start(), stop };
}

/** The queue, telling when something is taken from it and when results were written. */
function watchedQueue(queue: OutboxQueue, watch: StepWatch): OutboxQueue {
  return replaced(queue, {
    expand: () => watch.beforeTaking().then(() => queue.expand()),
    wake: () => watch.beforeTaking().then(() => queue.wake()),
    takeUnsettled: async (...asked) => {
      await watch.beforeTaking();
      return queue.takeUnsettled(...asked);
    },
    handOver: async (request) => {
      await watch.beforeTaking();
      const result = await queue.handOver(request);
      for (const _ of result.messages) await watch.after('claimed');
      return result;
    },
    record: async (records) => {
      await queue.record(records);
      for (const _ of records) await watch.after('recorded');
    },
  });
}

/** The gateway, telling when a request is out and when its answer has come. */
function watchedGateway(gateway: SmsGateway, watch: StepWatch): SmsGateway {
  return replaced(gateway, {
    send: async (sms) => {
      const answer = gateway.send(sms);
      await watch.after('requested');
      const result = await answer;
      await watch.after('answered');
      return result;
    },
  });
}
