import type { Alarm } from '../domain/alarm.js';
import type { DetectEvent } from '../domain/anomaly.js';
import type { CountInterval } from '../domain/count-interval.js';
import type { OperatorAct } from '../domain/facts.js';
import type { Ticket } from '../domain/ticket.js';
import { dueMs } from './customers/customer-book.js';

/** An input with the time at which it became known, epoch ms. */
export type QueuedInput =
  | { readonly atMs: number; readonly kind: 'event'; readonly event: DetectEvent }
  | { readonly atMs: number; readonly kind: 'alarm'; readonly alarm: Alarm }
  | { readonly atMs: number; readonly kind: 'act'; readonly act: OperatorAct }
  | { readonly atMs: number; readonly kind: 'ticket'; readonly ticket: Ticket }
  | { readonly atMs: number; readonly kind: 'count'; readonly count: CountInterval };

/** Within one moment: first reports, then counters, alarms raised and cleared, acts, tickets, counts. */
function rankOf(input: QueuedInput): number {
  if (input.kind === 'event') return input.event.type === 'observed' ? 0 : 1;
  if (input.kind === 'act') return 4;
  if (input.kind === 'ticket') return 5;
  if (input.kind === 'count') return 6;
  return input.alarm.perceivedSeverity === 'cleared' ? 3 : 2;
}

function keyOf(input: QueuedInput): string {
  if (input.kind === 'act') return input.act.actId;
  if (input.kind === 'ticket') return input.ticket.ticketId;
  if (input.kind === 'count') return `${input.count.name}\u001f${input.count.area}`;
  if (input.kind === 'alarm') return input.alarm.alarmId;
  const { event } = input;
  return 'anomaly' in event ? event.anomaly.objectId : event.objectId;
}

function compare(a: QueuedInput, b: QueuedInput): number {
  const byTime = a.atMs - b.atMs || rankOf(a) - rankOf(b);
  if (byTime !== 0) return byTime;
  const [x, y] = [keyOf(a), keyOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/**
 * Inputs waiting for their moment, in an order that does not depend on how they came in batches.
 * Inputs of one object, alarm or act at one moment stay in the order given.
 */
export class InputQueue {
  #items: QueuedInput[] = [];
  #isSorted = true;

  /** Detection events count from their `atMs`. */
  addEvents(events: readonly DetectEvent[]): void {
    for (const event of events) this.#items.push({ atMs: event.atMs, kind: 'event', event });
    this.#isSorted &&= events.length === 0;
  }

  /**
   * A raise counts from the time it was raised, a clear from the time it was cleared. A record of an
   * alarm that is over already counts as both. One whose time can't be read is left out.
   */
  addAlarms(alarms: readonly Alarm[]): void {
    for (const alarm of alarms) {
      const raisedMs = Date.parse(alarm.alarmRaisedTime);
      const clearedMs = Date.parse(alarm.alarmClearedTime ?? '');
      if (alarm.perceivedSeverity === 'cleared') {
        const atMs = Number.isNaN(clearedMs) ? raisedMs : clearedMs;
        this.#addAlarm(atMs, alarm);
        continue;
      }
      this.#addAlarm(raisedMs, alarm);
      if (!Number.isNaN(clearedMs))
        this.#addAlarm(Math.max(raisedMs, clearedMs), { ...alarm, perceivedSeverity: 'cleared' });
    }
  }

  /** Acts count from when they were done. */
  addActs(acts: readonly OperatorAct[]): void {
    for (const act of acts) {
      const atMs = Date.parse(act.at);
      if (!Number.isNaN(atMs)) this.#items.push({ atMs, kind: 'act', act });
    }
    this.#isSorted &&= acts.length === 0;
  }

  /** Tickets count from when their word was said. */
  addTickets(tickets: readonly Ticket[]): void {
    for (const ticket of tickets) {
      const atMs = Date.parse(ticket.saidAt);
      if (!Number.isNaN(atMs)) this.#items.push({ atMs, kind: 'ticket', ticket });
    }
    this.#isSorted &&= tickets.length === 0;
  }

  /** Counts of an interval count from the time by which all of them should be in. */
  addCounts(counts: readonly CountInterval[], waitSeconds: number): void {
    for (const count of counts) {
      const atMs = dueMs(count, waitSeconds);
      if (!Number.isNaN(atMs)) this.#items.push({ atMs, kind: 'count', count });
    }
    this.#isSorted &&= counts.length === 0;
  }

  /** Time of the next input; Infinity when there is none. */
  nextAtMs(): number {
    this.#sort();
    return this.#items[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes every input known at `untilMs` or before. */
  takeUntil(untilMs: number): QueuedInput[] {
    this.#sort();
    let count = 0;
    while ((this.#items[count]?.atMs ?? Number.POSITIVE_INFINITY) <= untilMs) count++;
    return this.#items.splice(0, count);
  }

  /** What is waiting, in order; for storing. */
  waiting(): readonly QueuedInput[] {
    this.#sort();
    return this.#items;
  }

  /** Puts stored inputs back. */
  restore(items: readonly QueuedInput[]): void {
    this.#items = [...items];
    this.#isSorted = false;
  }

  #addAlarm(atMs: number, alarm: Alarm): void {
    if (Number.isNaN(atMs)) return;
    this.#items.push({ atMs, kind: 'alarm', alarm });
    this.#isSorted = false;
  }

  #sort(): void {
    if (this.#isSorted) return;
    this.#items.sort(compare);
    this.#isSorted = true;
  }
}
