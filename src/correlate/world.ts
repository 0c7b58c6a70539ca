import type { Alarm } from '../domain/alarm.js';
import type { Anomaly, DetectEvent } from '../domain/anomaly.js';
import { AlarmBook, type ClearedAlarm, isServiceAffecting } from './alarm-book.js';
import { AnomalyBook, type FeedFacts } from './anomaly-book.js';
import { CustomerBook } from './customers/customer-book.js';
import { Mutes } from './mutes.js';
import type { ResourceSpace } from './resource-space.js';
import { RiseBook } from './rise-book.js';
import type { CorrelationRules } from './rules.js';
import { StillDownBook } from './still-down.js';
import { type FalseBudget, TrackRecord } from './track-record.js';

/** How long an outage is remembered for what neighbours still show of it. */
const AFTERMATH_MS = 14_400_000;

/** A time in which something held for a cell; epoch ms. */
export interface Spell {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Spells of surplus kept per cell: a crowd is judged by the latest. */
const MOST_SPELLS = 64;

/** A cell that carried too much for this share of its trouble is crowded, not broken. */
const CROWDED_SHARE = 0.25;

/**
 * What telemetry and alarms say of the network at the moment that decisions have reached: facts
 * only, no conclusions. Times are epoch ms.
 */
export class World {
  readonly space: ResourceSpace;
  readonly rules: CorrelationRules;
  readonly feeds: FeedFacts;
  readonly alarms: AlarmBook;
  readonly anomalies: AnomalyBook;
  /** cell → when it carried clearly more than it should, in order; never empty */
  readonly surplus = new Map<number, readonly Spell[]>();
  /** cell → its last silence that ended */
  readonly silences = new Map<number, Spell>();
  /** what cells carried beyond expectation while others were silent */
  readonly rises = new RiseBook();
  /** object → when what was wrong with it ended */
  readonly ended = new Map<number, number>();
  /** cell → end of its last silence or loss of service, for as long as it may matter to neighbours */
  readonly outages = new Map<number, number>();
  /** silent cells that something independent said are down: that holds until they report again */
  readonly witnessed = new Set<number>();
  /** silent cells whose neighbours clearly carry nothing of theirs: likewise until they report */
  readonly unmoved = new Set<number>();
  /** ids of anomalies and alarms that an operator said are no incident */
  readonly dismissed = new Set<string>();
  /** keys of cells that an import took out of the inventory: their silence is no news */
  readonly gone = new Set<string>();
  /** what operators silenced */
  readonly mutes: Mutes;
  /** what callers say is still down */
  readonly stillDown: StillDownBook;
  /** what customers do more of than they should */
  readonly customers: CustomerBook;
  /** what became of past incidents */
  readonly record: TrackRecord;
  /** when the last alarm of any kind came; -Infinity before the first */
  lastAlarmMs = Number.NEGATIVE_INFINITY;
  readonly #badUnder: Uint32Array;

  constructor(
    space: ResourceSpace,
    rules: CorrelationRules,
    feeds: FeedFacts,
    wanted: FalseBudget,
  ) {
    this.space = space;
    this.rules = rules;
    this.feeds = feeds;
    this.alarms = new AlarmBook(space);
    this.anomalies = new AnomalyBook(rules, feeds);
    this.mutes = new Mutes(space);
    this.stillDown = new StillDownBook(rules.stillDown);
    this.customers = new CustomerBook(space, rules.customers, (atMs) => feeds.offsetMs(atMs));
    this.record = new TrackRecord(wanted);
    this.#badUnder = new Uint32Array(space.topology.resourceCount);
  }

  /** Takes a detection event. @returns the resource it is about */
  detect(event: DetectEvent): number {
    if (event.type === 'observed') return this.#observe(event);
    if (event.type === 'surplus') {
      return this.#noteSurplus(event);
    }
    if (event.type === 'rise') {
      const cell = this.space.resolve('cell', event.objectId);
      this.rises.note(cell, event.atMs, event);
      return cell;
    }
    const { anomaly } = event;
    const resource = this.space.resolve(anomaly.objectType, anomaly.objectId);
    if (this.gone.size > 0 && this.gone.has(this.space.keyOf(resource))) return resource;
    const wasBad = this.anomalies.has(resource);
    if (event.type === 'cleared' || anomaly.endedAtMs !== null) {
      this.anomalies.remove(resource, anomaly.id);
      this.dismissed.delete(anomaly.id);
      this.#noteEnd(resource, anomaly.endedAtMs ?? event.atMs);
      const spell = { fromMs: anomaly.startedAtMs, untilMs: anomaly.endedAtMs ?? event.atMs };
      if (anomaly.kind === 'silence') this.silences.set(resource, spell);
      if (this.#isLoss(anomaly, resource)) this.outages.set(resource, spell.untilMs);
    } else {
      this.anomalies.put(resource, anomaly);
    }
    const isBad = this.anomalies.has(resource);
    if (this.anomalies.verdict(resource)?.silentOnly !== true) {
      this.witnessed.delete(resource);
      this.unmoved.delete(resource);
    }
    if (wasBad !== isBad) this.#countBad(resource, isBad ? 1 : -1);
    return resource;
  }

  /** Takes an alarm notification. @returns what it cleared */
  alarm(alarm: Alarm, atMs: number): ClearedAlarm[] {
    this.lastAlarmMs = Math.max(this.lastAlarmMs, atMs);
    if (alarm.perceivedSeverity !== 'cleared') {
      this.alarms.raise(alarm, atMs);
      return [];
    }
    const cleared = this.alarms.clear(alarm, atMs);
    for (const { alarm: each, clearedAtMs } of cleared) {
      this.dismissed.delete(each.alarmId);
      if (isServiceAffecting(each)) this.#noteEnd(each.resource, clearedAtMs);
    }
    return cleared;
  }

  /** Puts a stored anomaly back. */
  restoreAnomaly(anomaly: Parameters<AnomalyBook['put']>[1]): void {
    this.detect({ type: 'raised', atMs: anomaly.detectedAtMs, anomaly });
  }

  /** Probability from which an incident opens: the rule's, raised when too many were false. */
  openAbove(): number {
    const { openAbove } = this.rules.evidence;
    const odds = (openAbove / (1 - openAbove)) * Math.exp(this.record.extraNats());
    return odds / (1 + odds);
  }

  /** Whether the cell carried clearly more than it should at some time from `sinceMs` on. */
  hasRisen(cell: number, sinceMs: number): boolean {
    const last = this.surplus.get(cell)?.at(-1);
    return last !== undefined && last.untilMs >= sinceMs;
  }

  /**
   * Whether what is wrong with the cell since `sinceMs`, and known since `knownMs`, goes with a crowd:
   * it carried clearly more than it should just then, or for much of the time until now.
   */
  isCrowded(cell: number, sinceMs: number, knownMs: number, nowMs: number): boolean {
    let crowdedMs = 0;
    for (const { fromMs, untilMs } of this.surplus.get(cell) ?? []) {
      if (fromMs <= knownMs && knownMs <= untilMs) return true;
      crowdedMs += Math.max(0, Math.min(untilMs, nowMs) - Math.max(fromMs, sinceMs));
    }
    return crowdedMs > 0 && crowdedMs >= CROWDED_SHARE * (nowMs - sinceMs);
  }

  /**
   * The silence that ended with part of a period out of service, which says that the cell was down
   * all along: the first report after an outage holds the minutes before the repair.
   */
  silenceBefore(cell: number): Spell | undefined {
    const silence = this.silences.get(cell);
    if (silence === undefined) return undefined;
    const { periodMs } = this.feeds;
    const isTold = this.anomalies
      .of(cell)
      .some(
        ({ kind, feed, kpi, startedAtMs }) =>
          kind !== 'silence' &&
          (kind !== 'deviation' || this.feeds.roleOf(feed, kpi) === 'availability') &&
          Math.abs(startedAtMs - silence.untilMs) <= periodMs,
      );
    return isTold ? silence : undefined;
  }

  /** How many cells under the resource have an active anomaly. */
  badUnder(resource: number): number {
    const known = this.#badUnder[resource];
    if (known !== undefined) return known;
    return this.space.isCell(resource) && this.anomalies.has(resource) ? 1 : 0;
  }

  /** When reports after a failure at `atMs` must be in, if the object still reports. */
  confirmedBy(atMs: number): number {
    return atMs + this.feeds.periodMs + this.feeds.reportedAfterMs;
  }

  /** Forgets what ended or ran out before `atMs`. */
  forget(atMs: number): void {
    for (const [resource, endedMs] of this.ended) {
      if (endedMs < atMs) this.ended.delete(resource);
    }
    this.mutes.forget(atMs);
    const longAgo = atMs - AFTERMATH_MS;
    for (const [cell, endedMs] of this.outages) if (endedMs < longAgo) this.outages.delete(cell);
    for (const cell of this.surplus.keys()) {
      if (!this.hasRisen(cell, atMs) && !this.anomalies.has(cell)) this.surplus.delete(cell);
    }
    for (const [cell, { untilMs }] of this.silences) {
      if (untilMs < atMs && !this.anomalies.has(cell)) this.silences.delete(cell);
    }
  }

  #isLoss({ kind, feed, kpi }: Anomaly, resource: number): boolean {
    if (kind === 'silence') return this.witnessed.has(resource);
    if (kind !== 'deviation') return true;
    return this.feeds.roleOf(feed, kpi) === 'availability';
  }

  #noteSurplus(event: DetectEvent & { type: 'surplus' }): number {
    const cell = this.space.resolve('cell', event.objectId);
    const { atMs: fromMs, untilMs } = event;
    const spells = [...(this.surplus.get(cell) ?? [])];
    const last = spells.at(-1);
    if (last !== undefined && last.untilMs >= fromMs)
      spells[spells.length - 1] = { ...last, untilMs: Math.max(untilMs, last.untilMs) };
    else spells.push({ fromMs, untilMs });
    this.surplus.set(cell, spells.slice(-MOST_SPELLS));
    return cell;
  }

  #observe(event: DetectEvent & { type: 'observed' }): number {
    const resource = this.space.resolve(event.objectType, event.objectId);
    if (event.objectType === 'cell') this.space.observe(event.feed, resource);
    return resource;
  }

  #noteEnd(resource: number, atMs: number): void {
    this.ended.set(resource, Math.max(atMs, this.ended.get(resource) ?? atMs));
  }

  #countBad(resource: number, by: 1 | -1): void {
    const bad = this.#badUnder;
    if (resource >= bad.length || !this.space.isCell(resource)) return;
    bad[resource] = (bad[resource] ?? 0) + by;
    for (const above of this.space.ancestorsOf(resource)) bad[above] = (bad[above] ?? 0) + by;
  }
}
