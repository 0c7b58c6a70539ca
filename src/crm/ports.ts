import type { CrmFlag } from '../domain/customer.js';
import type { TocsinError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { FlagVariant } from './due-flags.js';

/** Words of a flag; the notification texts provide them. Times are epoch ms. */
export interface FlagTexts {
  agentSentence(
    facts: FlagVariant & {
      readonly place: string;
      readonly zone: string | null;
      readonly startedAtMs: number;
      readonly estimatedRepairAtMs: number | null;
      readonly repairBandMs: number;
    },
    nowMs: number,
  ): string;
  cause(language: string, kind: string): string;
  /** whether a repair time with a band that wide (ms) is shown to agents */
  isTimeSaid(repairBandMs: number): boolean;
}

/** Keeps what the CRM should show; `Tx` is the deciding leader's transaction. */
export interface FlagMapper<Tx> {
  /** Makes the desired flags those of the incident's subscribers; none when it is over. */
  refresh(tx: Tx, incident: Incident, nowMs: number): Promise<void>;
}

/** Names one flag. */
export interface FlagKey {
  readonly subscriberId: number;
  readonly incidentId: string;
}

/** A flag's key as one text. */
export function flagName({ subscriberId, incidentId }: FlagKey): string {
  return `${subscriberId}/${incidentId}`;
}

/** A flag with the customer's account as the CRM knows it; empty when there is none. */
export interface AccountFlag {
  readonly account: string;
  readonly flag: CrmFlag;
}

/** A flag on its way. `intent` names this very push: a repeat of it after a failure has the same. */
export interface FlagToWrite extends AccountFlag {
  readonly intent: string;
}

/** A flag on its way out, with the customer's account. */
export interface FlagToClear extends FlagKey {
  readonly account: string;
  readonly intent: string;
}

/** What came of a push: how far it went, and what the CRM will never take. */
export interface Pushed {
  /** so many of those given, from the first on, are dealt with */
  readonly dealtWith: number;
  /** those among them that the CRM refused for good, such as an account it does not know */
  readonly refused: readonly { readonly key: FlagKey; readonly reason: string }[];
  /** why the rest is not, null when there is none */
  readonly stoppedBy: TocsinError | null;
}

/**
 * A CRM. Every call may be repeated and then changes nothing.
 * `list` and `check` throw TocsinError `unavailable.crm` while it is away; pushes say so.
 */
export interface CrmConnector {
  /** names its cursor and its metric */
  readonly name: string;
  /** most flags in a push; absent: what the worker likes */
  readonly batch?: number;
  upsert(flags: readonly FlagToWrite[]): Promise<Pushed>;
  clear(keys: readonly FlagToClear[]): Promise<Pushed>;
  /** What it holds, by subscriber and incident, after a key; absent when it cannot say. */
  list?(after: FlagKey | undefined, limit: number): Promise<AccountFlag[]>;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Counts requests of a connector in a calendar day (UTC) that all instances share. */
export interface DailyQuota {
  /** @returns how many of `wanted` may still be made today, at most `perDay` in all */
  take(connector: string, wanted: number, perDay: number): Promise<number>;
}

/** A flag to be written, or with `flag` null to be cleared. */
export interface FlagChange extends FlagKey {
  readonly account: string;
  readonly flag: CrmFlag | null;
  readonly version: number;
  /** whether the connector has been brought to it already */
  readonly isPushed: boolean;
}

/** What else is written down with what the CRM dealt with. */
export interface PushNotes {
  /** how far the changes are done, if it moved */
  readonly cursor?: number;
  /** `flagName` to why it was refused for good */
  readonly refused?: ReadonlyMap<string, string>;
}

/** How a connector's flags stand. */
export interface FlagLag {
  /** not pushed yet */
  readonly pending: number;
  /** how long the oldest of those has waited */
  readonly seconds: number;
  /** that the CRM refused for good */
  readonly refused: number;
}

/** Desired flags against what was pushed, for one connector. */
export interface FlagQueue {
  /** Changes after the connector's cursor, oldest first. */
  changes(connector: string, limit: number): Promise<FlagChange[]>;
  /** Keys on which desired and pushed differ, whatever the cursor says. */
  differences(connector: string, limit: number): Promise<FlagChange[]>;
  /** Writes down what the CRM has taken, or refused for good. */
  pushed(connector: string, changes: readonly FlagChange[], notes?: PushNotes): Promise<void>;
  /** Forgets what was pushed to others than these. @returns the others there were */
  forgetOthers(connectors: readonly string[]): Promise<string[]>;
  /** Puts what the CRM says it holds, from `after` to the last of `held`, in place of our memory. */
  adopt(
    connector: string,
    after: FlagKey | undefined,
    held: readonly AccountFlag[],
    isLast: boolean,
  ): Promise<void>;
  lag(connector: string): Promise<FlagLag>;
}
