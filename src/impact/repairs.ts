/** A resource whose repair may end an incident. */
export interface RepairCandidate {
  readonly kind: string;
  readonly id: string;
  /** that it is the cause, in [0,1] */
  readonly probability: number;
  /** share of the incident's loss at cells that depend on it, in [0,1] */
  readonly share: number;
}

/** A running incident with what may have caused it. */
export interface RepairIncident {
  readonly id: string;
  /** user-minutes lost each minute now */
  readonly lossPerMinute: number;
  readonly isEmergencyLost: boolean;
  readonly candidates: readonly RepairCandidate[];
}

/** What the repair of a resource is expected to save at one incident. */
export interface RepairShare {
  readonly incidentId: string;
  readonly probability: number;
  readonly share: number;
  readonly savedPerHour: number;
}

/** A repair, with the user-minutes it is expected to save in each hour that it is done earlier. */
export interface Repair {
  readonly kind: string;
  readonly id: string;
  readonly savedPerHour: number;
  /** expected to bring emergency calling back: probability that it ends one of such incidents */
  readonly emergency: number;
  /** greatest saving first */
  readonly incidents: readonly RepairShare[];
}

/** From this probability on a repair counts among those that bring emergency calling back. */
const LIKELY = 0.5;

/**
 * Repairs of all incidents' candidates, what to repair first at the top: those that probably bring
 * emergency calling back, then by user-minutes saved an hour. What a repair saves is, over the
 * incidents that it may end, the sum of probability × share × user-minutes lost an hour; a resource
 * that is a candidate of several incidents is one repair.
 */
export function rankRepairs(incidents: readonly RepairIncident[]): Repair[] {
  const found = new Map<string, { first: RepairCandidate; shares: RepairShare[]; kept: number }>();
  for (const incident of incidents) {
    for (const candidate of incident.candidates) {
      const key = JSON.stringify([candidate.kind, candidate.id]);
      const entry = found.get(key) ?? { first: candidate, shares: [], kept: 1 };
      const { probability, share } = candidate;
      const savedPerHour = probability * share * incident.lossPerMinute * 60;
      entry.shares.push({ incidentId: incident.id, probability, share, savedPerHour });
      if (incident.isEmergencyLost) entry.kept *= 1 - probability * share;
      found.set(key, entry);
    }
  }
  return [...found.values()]
    .map(({ first: { kind, id }, shares, kept }) => ({
      kind,
      id,
      savedPerHour: shares.reduce((sum, each) => sum + each.savedPerHour, 0),
      emergency: 1 - kept,
      incidents: shares.sort((a, b) => b.savedPerHour - a.savedPerHour),
    }))
    .sort(byUrgency);
}

function byUrgency(a: Repair, b: Repair): number {
  const isFirst = ({ emergency }: Repair): number => (emergency >= LIKELY ? 1 : 0);
  const names = `${a.kind} ${a.id}` < `${b.kind} ${b.id}` ? -1 : 1;
  return isFirst(b) - isFirst(a) || b.savedPerHour - a.savedPerHour || names;
}

/** One sentence on why a repair stands where it does. */
export function explainRepair({ savedPerHour, emergency, incidents }: Repair): string {
  const [first, ...others] = incidents;
  if (first === undefined) return 'It is a candidate of no incident.';
  const { probability, share } = first;
  const lost = savedPerHour === 0 ? 'nothing is lost there now' : saving(first);
  const part = share >= 0.995 ? 'all' : `${Math.round(100 * share)} %`;
  const sentences = [
    `${Math.round(100 * probability)} % likely the cause of ${first.incidentId}, ${part} of which depends on it: ${lost}.`,
  ];
  if (others.length > 0) sentences.push(`It may also end ${others.length} more.`);
  if (emergency >= LIKELY) {
    sentences.push(
      `It brings emergency calling back with ${Math.round(100 * emergency)} % probability.`,
    );
  }
  return sentences.join(' ');
}

function saving({ probability, share, savedPerHour }: RepairShare): string {
  const lost = savedPerHour / (probability * share);
  return `of ${Math.round(lost).toLocaleString('en-GB')} user-minutes lost an hour it is expected to save ${Math.round(savedPerHour).toLocaleString('en-GB')}`;
}
