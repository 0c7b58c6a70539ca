import { setTimeout as delay } from 'node:timers/promises';
import type { Channel } from '../domain/customer.js';
import { messageOf } from '../domain/errors.js';
import { decideAtDispatch } from '../notify/decide-dispatch.js';
import type { NotificationPolicy } from '../notify/policy.js';
import type { OutboxQueue, Sender, SmsGateway } from '../notify/ports.js';
import type { Texts } from '../notify/texts.js';
import type { Clock } from './clock.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';
import type { MessageNews } from './message-news.js';
import type { OutboxMetrics } from './outbox-metrics.js';
import { OutboxSender } from './outbox-sender.js';

/** What messages of one channel leave by. */
export interface ChannelWay {
  readonly channel: Channel;
  readonly gateway: SmsGateway;
  readonly sender: Sender;
}

/** What all channels share, and how patient each is. */
export interface ChannelWorkerOptions {
  readonly queue: OutboxQueue;
  readonly policy: NotificationPolicy;
  readonly texts: Texts;
  /** network time, and how many times as fast as wall time it runs */
  readonly network: Clock;
  readonly speed: number;
  readonly health: Health;
  readonly log: Logger;
  /** most messages handed over whose result is not written yet; default 64 */
  readonly maxInFlight?: number;
  /** when a message without a result is asked after; default and least: four times a request's life */
  readonly settleAfterMs?: number;
  readonly idleMs?: number;
  readonly breakMs?: number;
  readonly failuresToBreak?: number;
}

/** What a channel's worker tells, and which channels there are. */
export interface ChannelSurroundings {
  readonly channels: readonly Channel[];
  readonly metrics: OutboxMetrics;
  readonly news: MessageNews;
}

const SETTLE_BATCH = 20;
const MOST_LOOKED_AT = 500;
/**
 * A message starts within a quarter of the time after which its fate is asked for, and ends within a
 * quarter more: the other half is for requests that a gateway is slow to list.
 */
const REQUEST_LIVES = 4;
const DEFAULT_BREAK_MS = 5_000;
const NOBODY_KNOWS = { status: 'absent', isProof: false } as const;

/**
 * Hands over what is due by one channel at its sender's pace, and settles what has an unknown fate. The
 * kill switch is read in the very transaction that lets messages leave.
 */
export class ChannelWorker {
  readonly #options: ChannelWorkerOptions;
  readonly #way: ChannelWay;
  readonly #around: ChannelSurroundings;
  readonly #sender: OutboxSender;
  readonly #loops: readonly Loop[];
  readonly #settleAfterMs: number;
  /** what the channel is called in `/health` */
  readonly #component: string;
  readonly #now = (): number => performance.now();

  constructor(options: ChannelWorkerOptions, way: ChannelWay, around: ChannelSurroundings) {
    this.#options = options;
    this.#way = way;
    this.#around = around;
    this.#settleAfterMs = Math.max(
      options.settleAfterMs ?? 0,
      REQUEST_LIVES * way.gateway.longestInFlightMs,
    );
    this.#component = way.channel === 'sms' ? 'gateway' : `${way.channel} gateway`;
    this.#sender = this.#createSender();
    const { health, log, idleMs = 250 } = options;
    const by = way.channel === 'sms' ? '' : ` by ${way.channel}`;
    const loop = (name: string, turn: (signal: AbortSignal) => Promise<Turn>, idle: number): Loop =>
      new Loop({ name, idleMs: idle, turn, health, log });
    this.#loops = [
      loop(`messages${by}`, (signal) => this.#sendTurn(signal), idleMs),
      loop(`messages${by} of unknown fate`, () => this.#settleTurn(), idleMs * 4),
    ];
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  /** Takes nothing more from the queue, waits for what is under way and writes its results. */
  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((each) => each.stop()));
    await this.#sender.below(1);
  }

  #createSender(): OutboxSender {
    const { queue, log, health, breakMs = DEFAULT_BREAK_MS, failuresToBreak = 5 } = this.#options;
    const { gateway, channel } = this.#way;
    const { metrics, news } = this.#around;
    return new OutboxSender({
      queue,
      gateway,
      log,
      breakMs,
      failuresToBreak,
      now: this.#now,
      random: Math.random,
      onResult: (result) => {
        metrics.sent.inc({ channel, result });
        if (result === 'accepted') health.set(this.#component, 'up', 'accepts messages');
      },
      onRecorded: () => news.moved(),
      onBreaker: (isOpen, why) => {
        metrics.breakerOpen.set({ channel }, isOpen ? 1 : 0);
        health.set(this.#component, isOpen ? 'down' : 'up', why);
      },
    });
  }

  /** Hands over as much as budget and places allow. */
  async #sendTurn(signal: AbortSignal): Promise<Turn> {
    const { maxInFlight = 64 } = this.#options;
    this.#around.news.tell(this.#now());
    if (this.#sender.pauseMs() > 0) return 'idle';
    await this.#sender.below(this.#sender.isProbing ? 1 : maxInFlight);
    if (signal.aborted || this.#sender.pauseMs() > 0) return 'idle';
    const isProbing = this.#sender.isProbing;
    const free = isProbing ? 1 : maxInFlight - this.#sender.underWay;
    const turn = await this.#handOver(free, signal);
    if (isProbing && turn === 'idle') await this.#askGateway();
    return turn;
  }

  /** With no message left to try it with, a gateway that failed is asked whether it is back. */
  async #askGateway(): Promise<void> {
    const { health, breakMs = DEFAULT_BREAK_MS } = this.#options;
    this.#sender.pauseUntil(this.#now() + breakMs);
    try {
      await this.#way.gateway.check();
      health.set(this.#component, 'up', 'answers again');
    } catch (error) {
      health.set(this.#component, 'down', messageOf(error));
    }
  }

  async #handOver(maxMessages: number, signal: AbortSignal): Promise<Turn> {
    const { queue, policy, texts, network, speed } = this.#options;
    const { sender } = this.#way;
    const { channels, news } = this.#around;
    const claimedAtMs = this.#now();
    const nowMs = network.now();
    const result = await queue.handOver({
      maxMessages: Math.min(MOST_LOOKED_AT, maxMessages),
      sender,
      ...(this.#sender.isProbing ? { maxSegments: 1 } : {}),
      settleAfterMs: this.#settleAfterMs,
      nowMs,
      speed,
      decide: (facts, board) =>
        decideAtDispatch(facts, { ...board, channels }, policy, texts, nowMs),
    });
    for (const message of result.messages) {
      this.#sender.start(message, claimedAtMs + this.#settleAfterMs / REQUEST_LIVES);
    }
    news.left(result.incidentIds, this.#now());
    this.#count('suppress', result.suppressed);
    this.#count('hold', result.held);
    if (result.waitMs > 0) {
      await waitFor(Math.min(1000, result.waitMs), signal);
      return 'busy';
    }
    const isBusy =
      result.messages.length + result.rerouted > 0 ||
      Object.keys(result.suppressed).length > 0 ||
      Object.keys(result.held).length > 0;
    return isBusy ? 'busy' : 'idle';
  }

  #count(decision: string, reasons: Readonly<Record<string, number>>): void {
    for (const [reason, count] of Object.entries(reasons)) {
      this.#around.metrics.decided.inc({ decision, reason }, count);
    }
  }

  /** Asks the gateway about messages whose fate is unknown. */
  async #settleTurn(): Promise<Turn> {
    const { queue } = this.#options;
    const { sender, channel, gateway } = this.#way;
    const { metrics, news } = this.#around;
    const unsettled = await queue.takeUnsettled(SETTLE_BATCH, this.#settleAfterMs, sender.channels);
    for (const message of unsettled) {
      // No number any more, or its own channel is not set up any more: there is nobody to ask.
      const canAsk = message.to !== '' && message.channel === channel;
      const isTaken = (gatewayId: string): Promise<boolean> =>
        queue.isGatewayIdTaken(gatewayId, channel);
      const found = canAsk ? await gateway.find({ ...message, isTaken }) : NOBODY_KNOWS;
      const state = await queue.settle(message, found);
      metrics.settled.inc({ state });
      news.moved();
    }
    return unsettled.length === SETTLE_BATCH ? 'busy' : 'idle';
  }
}

/** Lets time pass; less when the worker is to stop. */
async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
