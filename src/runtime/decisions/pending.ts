import type { Alarm } from '../../domain/alarm.js';
import type { CountInterval } from '../../domain/count-interval.js';
import type { CallInterval, JournalEntry, OperatorAct } from '../../domain/facts.js';
import type { PastIncident } from '../../domain/past-incident.js';
import type { SingleCall } from '../../domain/single-call.js';
import type { Ticket } from '../../domain/ticket.js';

/** What came in since the last tick, by kind. */
export interface Pending {
  alarms: Alarm[];
  calls: CallInterval[];
  singleCalls: SingleCall[];
  counts: CountInterval[];
  acts: OperatorAct[];
  tickets: Ticket[];
  pastCounts: CountInterval[];
  pastIncidents: PastIncident[];
  /** the newest network that was told of */
  networkVersion?: number;
  /** the newest past calls that were told of */
  callsVersion?: number;
}

/** Gathers journal entries up to a tick, in order. */
export function collect(entries: readonly JournalEntry[]): Pending {
  const pending: Pending = {
    alarms: [],
    calls: [],
    singleCalls: [],
    counts: [],
    acts: [],
    tickets: [],
    pastCounts: [],
    pastIncidents: [],
  };
  for (const entry of entries) add(pending, entry);
  return pending;
}

function add(pending: Pending, { fact }: JournalEntry): void {
  if (fact.kind === 'alarms') pending.alarms.push(...fact.items);
  if (fact.kind === 'calls') pending.calls.push(...fact.items);
  if (fact.kind === 'singleCalls') pending.singleCalls.push(...fact.items);
  if (fact.kind === 'counts') pending.counts.push(...fact.items);
  if (fact.kind === 'acts') pending.acts.push(...fact.items);
  if (fact.kind === 'tickets') pending.tickets.push(...fact.items);
  if (fact.kind === 'pastCounts') pending.pastCounts.push(...fact.items);
  if (fact.kind === 'pastIncidents') pending.pastIncidents.push(...fact.items);
  if (fact.kind === 'network') pending.networkVersion = fact.items.at(-1)?.version ?? 0;
  if (fact.kind === 'callHistory') pending.callsVersion = fact.items.at(-1)?.version ?? 0;
}
