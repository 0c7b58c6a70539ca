import type { Channel, ImpactSummary, MessageState, NotificationKind } from '../domain/customer.js';
import type { Incident } from '../domain/incident.js';
import type { DispatchDecision } from './decide-dispatch.js';
import type { WaveVerdict } from './decide-wave.js';
import type { DispatchFacts, Switchboard } from './dispatch-facts.js';

/** One message as it is handed over. `to` is personal data: it lives in memory only. */
export interface OutgoingSms {
  readonly messageId: string;
  /** their number, by which push and mail find them too */
  readonly to: string;
  readonly text: string;
  /** what else a channel beside SMS needs; absent for SMS */
  readonly more?: MessageMore;
  /** how long the gateway may go on trying, wall time, at least 1 */
  readonly validitySeconds: number;
}

/** What a notification or mail has besides its text, and by what its system finds the person. */
export interface MessageMore {
  /** title of a notification, subject of a mail */
  readonly title: string | null;
  readonly language: string;
  readonly kind: NotificationKind;
  readonly subscriberId: number;
  /** empty when none is known */
  readonly account: string;
}

/**
 * What came of handing a message over.
 * - `accepted`: the gateway has it
 * - `refused`: it never will, for this reason
 * - `busy`: it surely has not taken it and may later; `retryAfterMs` when it said when
 * - `unknown`: it may or may not have it, and must be asked before anything else is done
 */
export type SendResult =
  | { readonly status: 'accepted'; readonly gatewayId: string }
  | { readonly status: 'refused'; readonly reason: string; readonly isOptOut: boolean }
  | {
      readonly status: 'busy';
      readonly reason: string;
      readonly retryAfterMs: number | null;
      /** whether the gateway itself is in trouble, rather than asking to be slower */
      readonly isOutage: boolean;
    }
  | { readonly status: 'unknown'; readonly reason: string };

/** What the gateway says of a message whose fate is unknown. */
export type FindResult =
  | {
      readonly status: 'found';
      readonly gatewayId: string;
      readonly state: MessageState;
      readonly errorCode: string | null;
    }
  /** `isProof` when its list is complete, so that absent means never taken */
  | { readonly status: 'absent'; readonly isProof: boolean };

/** What identifies a handed-over message at the gateway. Epoch ms, wall time. */
export interface SoughtSms {
  readonly messageId: string;
  readonly to: string;
  readonly text: string;
  readonly handedOverAtMs: number;
  /** ids that other messages of ours own already */
  readonly isTaken: (gatewayId: string) => Promise<boolean>;
}

/** A way out to people, by one channel. */
export interface SmsGateway {
  /** the most that can pass between the start of `send` and its end */
  readonly longestInFlightMs: number;
  /** Hands one message over; never throws and never tries twice by itself. */
  send(sms: OutgoingSms): Promise<SendResult>;
  /** @throws TocsinError `unavailable.gateway` when it cannot be asked now */
  find(sought: SoughtSms): Promise<FindResult>;
  /**
   * What it says now of a message it took; `absent` when it does not know, or no longer. Left out by
   * gateways that cannot be asked. @throws TocsinError `unavailable.gateway` when it cannot be now
   */
  report?(gatewayId: string): Promise<FindResult>;
  /** Begins to pass on what the gateway says by itself; left out where that comes over HTTP. */
  listen?(inbox: GatewayInbox): void;
  /** Fails when the account cannot be reached or used. @throws TocsinError `unavailable.gateway` */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What the deciding leader writes; `Tx` is its transaction. */
export interface MessagePlanner<Tx> {
  /**
   * Applies the policy to an incident as it is now and stores the wave that is due, or what changed
   * of it: more people, another end. A held, cancelled or shadow one stays what it is; `restored` is
   * stored only if somebody was told. Doing it again changes nothing.
   */
  planMessages(
    tx: Tx,
    incident: Incident,
    impact: ImpactSummary,
    nowMs: number,
  ): Promise<WaveVerdict>;
}

/** A message that left the queue; `attempt` guards the row against late results. */
export interface ClaimedSms extends OutgoingSms {
  readonly attempt: number;
  readonly segments: number;
  /** how often the gateway was too busy for it so far */
  readonly refusals: number;
}

/** A way out with a throughput of its own, such as a number or a short code. */
export interface Sender {
  readonly name: string;
  readonly segmentsPerSecond: number;
  /** whose messages it takes; absent: those of every channel */
  readonly channels?: readonly Channel[];
}

/** What the worker asks of the queue in one turn. */
export interface HandOver {
  /** the most messages to look at */
  readonly maxMessages: number;
  /** whose throughput is drawn on, all instances together */
  readonly sender: Sender;
  /** the most segments to hand over, whatever the sender can do; default no limit of its own */
  readonly maxSegments?: number;
  /** how long until a handed-over message may be asked after, wall ms */
  readonly settleAfterMs: number;
  /** network time for decisions, and how much faster than wall time it runs */
  readonly nowMs: number;
  readonly speed: number;
  readonly decide: (facts: DispatchFacts, board: Switchboard) => DispatchDecision;
}

export interface HandOverResult {
  readonly messages: readonly ClaimedSms[];
  /** reason to number of messages */
  readonly suppressed: Readonly<Record<string, number>>;
  readonly held: Readonly<Record<string, number>>;
  /** how many another channel is to carry */
  readonly rerouted: number;
  /** incidents whose messages were decided about, each once */
  readonly incidentIds: readonly string[];
  readonly isKilled: boolean;
  /** how long until the sender can take more, wall ms; 0 when it can now */
  readonly waitMs: number;
}

/** A result to be recorded for a claimed message. */
export interface SendRecord {
  readonly messageId: string;
  readonly attempt: number;
  readonly result: SendResult;
  /** for `busy`: when to try again, wall ms from now */
  readonly retryInMs: number;
}

/** A claimed message whose fate nobody reported in time. */
export interface Unsettled extends ClaimedSms {
  readonly channel: Channel;
  readonly handedOverAtMs: number;
}

/** The durable queue of messages, as the worker uses it. All of it may be repeated safely. */
export interface OutboxQueue {
  /** Turns the next chunk of people of a wave into messages. @returns whether there was one */
  expand(): Promise<boolean>;
  /** Makes messages due again whose waiting is over. @returns how many */
  wake(): Promise<number>;
  /** Claims due messages, decides each again and marks those to send as handed over. */
  handOver(request: HandOver): Promise<HandOverResult>;
  record(records: readonly SendRecord[]): Promise<void>;
  /** Messages that were claimed but surely not sent go back to the queue at once. */
  release(messages: readonly ClaimedSms[]): Promise<void>;
  /** Handed-over messages past their lease; the lease is taken for `leaseMs`. Default all channels. */
  takeUnsettled(
    limit: number,
    leaseMs: number,
    channels?: readonly Channel[],
  ): Promise<Unsettled[]>;
  settle(message: Unsettled, found: FindResult): Promise<MessageState>;
  /** @param channel default SMS */
  isGatewayIdTaken(gatewayId: string, channel?: Channel): Promise<boolean>;
  /** How many messages are pending and claimed. */
  depth(): Promise<Readonly<Record<string, number>>>;
}

/** By what a gateway's word can be traced to a message when it knows neither id. */
export interface MessageTrace {
  readonly to: string;
  /** see `messageMark` */
  readonly mark: number;
}

/** What a gateway says became of a message. */
export interface ReceiptInput {
  readonly gatewayId: string;
  /** the gateway's own word; a repeated receipt is known by it */
  readonly status: string;
  /** what the word means, null when nobody knows it */
  readonly state: MessageState | null;
  readonly errorCode: string | null;
  /** whether the error says that the person opted out at the gateway */
  readonly isOptOut: boolean;
  /** ours, when the gateway gives it back; null when it does not */
  readonly messageId: string | null;
  readonly trace?: MessageTrace;
}

export type ReceiptOutcome = 'applied' | 'repeated' | 'unknownMessage' | 'unknownStatus';

/** A text a subscriber sent. */
export interface InboundSms {
  readonly from: string;
  readonly body: string;
  /** whether the gateway itself has answered it, so that nobody else must */
  readonly isAnswered?: boolean;
}

/** What a subscriber's reply asks for. */
export type ReplyWish = 'out' | 'in' | 'help';

/** Who may be answered. */
export interface HelpAnswers {
  /**
   * Takes the turn of a number that asked for help, at most once an hour and never while messages are
   * stopped; once taken it is not given again. @returns the language they are written to, empty when it
   * is not known, with a name of this turn; undefined when it is not theirs
   */
  take(number: string): Promise<{ readonly language: string; readonly turn: string } | undefined>;
}

/** What gateways tell us; the callback routes write through it. */
export interface GatewayInbox {
  /** Any order, any number of times: a final state is never left. */
  receipt(input: ReceiptInput): Promise<ReceiptOutcome>;
  /** @returns what the person asked for, or undefined when it was no word that asks for something */
  inbound(sms: InboundSms): Promise<ReplyWish | undefined>;
}

/** Messages a gateway took and has not reported on. */
export interface UnreportedMessages {
  /**
   * Takes the gateway's ids of those without news for `waitMs`, and not for longer than `patienceMs`;
   * the same ones not again for `waitMs`.
   */
  take(limit: number, waitMs: number, patienceMs: number): Promise<string[]>;
}
