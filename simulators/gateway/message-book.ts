import { randomBytes } from 'node:crypto';
import type { SimulatorClock } from '../clock.js';
import type { Random } from '../random.js';
import type { GatewayFaults } from './faults.js';
import { countSegments } from './segments.js';

/** Twilio's message statuses that this gateway uses. */
export type MessageStatus = 'accepted' | 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed';

/** One message the gateway took on: what the judge of "nobody is told twice" counts. */
export interface GatewayMessage {
  readonly sid: string;
  readonly to: string;
  readonly from: string | null;
  readonly messagingServiceSid: string | null;
  readonly body: string;
  readonly segments: number;
  readonly validitySeconds: number;
  /** the customer's callback, in which Tocsin carries its own ids; null when none was asked */
  readonly statusCallback: string | null;
  /** when it was taken, epoch ms */
  readonly atMs: number;
  sentAtMs: number | null;
  updatedAtMs: number;
  status: MessageStatus;
  errorCode: number | null;
}

/** What a customer asks for. */
export interface MessageRequest {
  readonly to: string;
  readonly from: string | null;
  readonly messagingServiceSid: string | null;
  readonly body: string;
  readonly statusCallback: string | null;
  readonly validitySeconds: number;
}

/** What the book stands on. */
export interface MessageBookOptions {
  readonly clock: SimulatorClock;
  readonly random: Random;
  readonly faults: GatewayFaults;
  /** the sender's throughput */
  readonly segmentsPerSecond: number;
  /** whether the phone can be reached at that moment; asked at every attempt */
  readonly hasCoverage: (to: string, nowMs: number) => boolean;
  /** time between a carrier's attempts at a phone that is out of reach */
  readonly carrierRetryMs: number;
  /** after that a carrier gives up even within the validity period */
  readonly carrierPatienceMs: number;
  /** messages remembered; beyond it the oldest are forgotten */
  readonly keep: number;
  /** told of each change of status, the first one excluded as at Twilio */
  readonly onStatus: (message: GatewayMessage) => Promise<void>;
}

/** Messages from being taken to their end, on the clock. */
export class MessageBook {
  readonly #options: MessageBookOptions;
  readonly #messages = new Map<string, GatewayMessage>();
  /** when the sender's line is free again */
  #freeAtMs = 0;

  constructor(options: MessageBookOptions) {
    this.#options = options;
  }

  get(sid: string): GatewayMessage | undefined {
    return this.#messages.get(sid);
  }

  /** All remembered messages, oldest first. */
  list(): GatewayMessage[] {
    return [...this.#messages.values()];
  }

  take(request: MessageRequest): GatewayMessage {
    const now = this.#options.clock.nowMs();
    const message: GatewayMessage = {
      ...request,
      sid: `SM${randomBytes(16).toString('hex')}`,
      segments: countSegments(request.body),
      atMs: now,
      sentAtMs: null,
      updatedAtMs: now,
      status: request.messagingServiceSid === null ? 'queued' : 'accepted',
      errorCode: null,
    };
    this.#messages.set(message.sid, message);
    if (this.#messages.size > this.#options.keep) this.#forgetOldest();
    this.#schedule(message, now);
    return message;
  }

  #schedule(message: GatewayMessage, now: number): void {
    const { clock, segmentsPerSecond } = this.#options;
    const expiresAt = now + message.validitySeconds * 1000;
    const start = Math.max(now, this.#freeAtMs);
    if (start > expiresAt) {
      clock.at(expiresAt, () => this.#change(message, 'failed', 30036));
      return;
    }
    this.#freeAtMs = start + (message.segments * 1000) / segmentsPerSecond;
    if (message.status === 'accepted') clock.at(now + 50, () => this.#change(message, 'queued'));
    clock.at(Math.max(this.#freeAtMs, now + 100), () => this.#send(message, expiresAt));
  }

  async #send(message: GatewayMessage, expiresAt: number): Promise<void> {
    const { clock, random, carrierPatienceMs } = this.#options;
    const now = clock.nowMs();
    message.sentAtMs = now;
    const giveUpAt = Math.min(expiresAt, now + carrierPatienceMs);
    clock.at(now + random.between(400, 4_000), () => this.#attempt(message, giveUpAt));
    await this.#change(message, 'sent');
  }

  async #attempt(message: GatewayMessage, giveUpAt: number): Promise<void> {
    const { clock, random, faults, hasCoverage, carrierRetryMs } = this.#options;
    const now = clock.nowMs();
    if (random.chance(faults.unknownNumberRate)) {
      await this.#change(message, 'undelivered', 30005);
    } else if (hasCoverage(message.to, now)) {
      await this.#change(message, 'delivered');
    } else if (now >= giveUpAt) {
      await this.#change(message, 'undelivered', 30003);
    } else {
      const next = Math.min(giveUpAt, now + carrierRetryMs);
      clock.at(next, () => this.#attempt(message, giveUpAt));
    }
  }

  async #change(
    message: GatewayMessage,
    status: MessageStatus,
    errorCode: number | null = null,
  ): Promise<void> {
    message.status = status;
    message.errorCode = errorCode;
    message.updatedAtMs = this.#options.clock.nowMs();
    await this.#options.onStatus(message);
  }

  #forgetOldest(): void {
    for (const sid of this.#messages.keys()) {
      this.#messages.delete(sid);
      return;
    }
  }
}
