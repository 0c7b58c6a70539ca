import { setTimeout as delay } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { messageOf } from '../domain/errors.js';
import { decideAtDispatch } from '../notify/decide-dispatch.js';
import type { NotificationPolicy } from '../notify/policy.js';
import type { OutboxQueue, Sender, SmsGateway } from '../notify/ports.js';
import type { Texts } from '../notify/texts.js';
import type { Clock } from './clock.js';
import type { LiveEvent } from './decisions/ports.js';
import type { Health } from './health.js';
import type { Logger } from './log.js';
import { Loop, type Turn } from './loop.js';
import { MessageNews } from './message-news.js';
import { OutboxMetrics } from './outbox-metrics.js';
import { OutboxSender } from './outbox-sender.js';
import { WaveExpander } from './wave-expander.js';

export interface OutboxWorkerOptions {
  readonly queue: OutboxQueue;
  readonly gateway: SmsGateway;
  readonly policy: NotificationPolicy;
  readonly texts: Texts;
  /** network time, and how many times as fast as wall time it runs */
  readonly network: Clock;
  readonly speed: number;
  readonly sender: Sender;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: Registry;
  /** hears that an incident's messages have moved on, about once a second at most */
  readonly publish: (event: LiveEvent) => void;
  /** most messages handed over whose result is not written yet; default 64 */
  readonly maxInFlight?: number;
  /** when a message without a result is asked after; default and least: four times a request's life */
  readonly settleAfterMs?: number;
  readonly idleMs?: number;
  readonly breakMs?: number;
  readonly failuresToBreak?: number;
}

const SETTLE_BATCH = 20;
const MOST_LOOKED_AT = 500;
/**
 * A message starts within a quarter of the time after which its fate is asked for, and ends within a
 * quarter more: the other half is for requests that a gateway is slow to list.
 */
const REQUEST_LIVES = 4;
const DEFAULT_BREAK_MS = 5_000;

/**
 * Carries out what was decided: expands waves into messages, hands them over at the sender's pace,
 * and settles those whose fate is unknown. Any number of workers may run beside each other; a crash
 * at any point leaves rows that say what is known. The kill switch is read in the very transaction
 * that lets messages leave.
 */
export class OutboxWorker {
  readonly #options: OutboxWorkerOptions;
  readonly #metrics: OutboxMetrics;
  readonly #sender: OutboxSender;
  readonly #expander: WaveExpander;
  readonly #news: MessageNews;
  readonly #loops: readonly Loop[];
  readonly #settleAfterMs: number;
  readonly #now = (): number => performance.now();

  constructor(options: OutboxWorkerOptions) {
    this.#options = options;
    this.#metrics = new OutboxMetrics(options.metrics);
    this.#settleAfterMs = Math.max(
      options.settleAfterMs ?? 0,
      REQUEST_LIVES * options.gateway.longestInFlightMs,
    );
    const { network, publish } = options;
    this.#news = new MessageNews((id) =>
      publish({ type: 'messages', id, at: new Date(network.now()).toISOString() }),
    );
    this.#sender = this.#createSender();
    const { health, log, idleMs = 250 } = options;
    this.#expander = new WaveExpander(options);
    const loop = (name: string, turn: (signal: AbortSignal) => Promise<Turn>, idle: number): Loop =>
      new Loop({ name, idleMs: idle, turn, health, log });
    this.#loops = [
      loop('messages', (signal) => this.#sendTurn(signal), idleMs),
      loop('messages of unknown fate', () => this.#settleTurn(), idleMs * 4),
    ];
  }

  start(): void {
    this.#expander.start();
    for (const loop of this.#loops) loop.start();
  }

  /** Takes nothing more from the queue, waits for what is under way and writes its results. */
  async stop(): Promise<void> {
    await Promise.all([this.#expander, ...this.#loops].map((each) => each.stop()));
    await this.#sender.below(1);
  }

  /** A receipt has come for some message. */
  received(): void {
    this.#news.moved();
  }

  #createSender(): OutboxSender {
    const {
      queue,
      gateway,
      log,
      health,
      breakMs = DEFAULT_BREAK_MS,
      failuresToBreak = 5,
    } = this.#options;
    return new OutboxSender({
      queue,
      gateway,
      log,
      breakMs,
      failuresToBreak,
      now: this.#now,
      random: Math.random,
      onResult: (result) => {
        this.#metrics.sent.inc({ result });
        if (result === 'accepted') health.set('gateway', 'up', 'accepts messages');
      },
      onRecorded: () => this.#news.moved(),
      onBreaker: (isOpen, why) => {
        this.#metrics.breakerOpen.set(isOpen ? 1 : 0);
        health.set('gateway', isOpen ? 'down' : 'up', why);
      },
    });
  }

  /** Hands over as much as budget and places allow. */
  async #sendTurn(signal: AbortSignal): Promise<Turn> {
    const { maxInFlight = 64 } = this.#options;
    this.#news.tell(this.#now());
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
    const { gateway, health, breakMs = DEFAULT_BREAK_MS } = this.#options;
    this.#sender.pauseUntil(this.#now() + breakMs);
    try {
      await gateway.check();
      health.set('gateway', 'up', 'answers again');
    } catch (error) {
      health.set('gateway', 'down', messageOf(error));
    }
  }

  async #handOver(maxMessages: number, signal: AbortSignal): Promise<Turn> {
    const { queue, policy, texts, network, speed, sender } = this.#options;
    const claimedAtMs = this.#now();
    const nowMs = network.now();
    const result = await queue.handOver({
      maxMessages: Math.min(MOST_LOOKED_AT, maxMessages),
      sender,
      ...(this.#sender.isProbing ? { maxSegments: 1 } : {}),
      settleAfterMs: this.#settleAfterMs,
      nowMs,
      speed,
      decide: (facts, board) => decideAtDispatch(facts, board, policy, texts, nowMs),
    });
    for (const message of result.messages) {
      this.#sender.start(message, claimedAtMs + this.#settleAfterMs / REQUEST_LIVES);
    }
    this.#news.left(result.incidentIds, this.#now());
    this.#count('suppress', result.suppressed);
    this.#count('hold', result.held);
    if (result.waitMs > 0) {
      await waitFor(Math.min(1000, result.waitMs), signal);
      return 'busy';
    }
    const isBusy =
      result.messages.length > 0 ||
      Object.keys(result.suppressed).length > 0 ||
      Object.keys(result.held).length > 0;
    return isBusy ? 'busy' : 'idle';
  }

  #count(decision: string, reasons: Readonly<Record<string, number>>): void {
    for (const [reason, count] of Object.entries(reasons)) {
      this.#metrics.decided.inc({ decision, reason }, count);
    }
  }

  /** Asks the gateway about messages whose fate is unknown. */
  async #settleTurn(): Promise<Turn> {
    const { queue, gateway } = this.#options;
    const unsettled = await queue.takeUnsettled(SETTLE_BATCH, this.#settleAfterMs);
    for (const message of unsettled) {
      const found =
        message.to === ''
          ? { status: 'absent' as const, isProof: false }
          : await gateway.find({
              ...message,
              isTaken: (gatewayId) => queue.isGatewayIdTaken(gatewayId),
            });
      const state = await queue.settle(message, found);
      this.#metrics.settled.inc({ state });
      this.#news.moved();
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
