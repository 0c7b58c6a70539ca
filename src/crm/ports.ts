import type { CrmFlag } from '../domain/customer.js';
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

/** A flag with the customer's account as the CRM knows it; empty when there is none. */
export interface AccountFlag {
  readonly account: string;
  readonly flag: CrmFlag;
}

/**
 * A CRM. Every call may be repeated and then changes nothing.
 * All throw TocsinError `unavailable.crm` while it is away.
 */
export interface CrmConnector {
  /** names its cursor and its metric */
  readonly name: string;
  upsert(flags: readonly AccountFlag[]): Promise<void>;
  clear(keys: readonly FlagKey[]): Promise<void>;
  /** What it holds, by subscriber and incident, after a key; absent when it cannot say. */
  list?(after: FlagKey | undefined, limit: number): Promise<AccountFlag[]>;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A flag to be written, or with `flag` null to be cleared. */
export interface FlagChange extends FlagKey {
  readonly account: string;
  readonly flag: CrmFlag | null;
  readonly version: number;
}

/** Desired flags against what was pushed, for one connector. */
export interface FlagQueue {
  /** Changes after the connector's cursor, oldest first. */
  changes(connector: string, limit: number): Promise<FlagChange[]>;
  /** Keys on which desired and pushed differ, whatever the cursor says. */
  differences(connector: string, limit: number): Promise<FlagChange[]>;
  /** Writes down what the CRM has taken. @param cursor how far the changes are done, if it moved */
  pushed(connector: string, changes: readonly FlagChange[], cursor?: number): Promise<void>;
  /** Puts what the CRM says it holds, from `after` to the last of `held`, in place of our memory. */
  adopt(
    connector: string,
    after: FlagKey | undefined,
    held: readonly AccountFlag[],
    isLast: boolean,
  ): Promise<void>;
  /** Flags not pushed yet, and how long the oldest of them has waited in seconds. */
  lag(connector: string): Promise<{ pending: number; seconds: number }>;
}
