/** People of one kind who lost service. */
export interface PeopleLost {
  readonly segment: string;
  readonly language: string;
  /** expected number */
  readonly people: number;
  /** mean share of service lost, in [0,1] */
  readonly degree: number;
}

/** Cells of an incident that failed together. */
export interface Cohort {
  /** epoch ms */
  readonly sinceMs: number;
  /** share of the incident's cells; all cohorts' add up to 1 */
  readonly share: number;
}

/** When service is expected back, epoch ms. */
export interface RepairOutlook {
  readonly atMs: number;
  /** ends of the 80 % band; null where one time was given */
  readonly lowMs: number | null;
  readonly highMs: number | null;
}

/** What people lost through one incident, as the forecast needs it. Times are epoch ms of network time. */
export interface IncidentLoad {
  readonly incidentId: string;
  /** kind of the cause, as in the incident */
  readonly causeKind: string;
  readonly startedAtMs: number;
  /** null while it lasts */
  readonly endedAtMs: number | null;
  /** null: not known */
  readonly repair: RepairOutlook | null;
  /** who is affected; who was, once it is over */
  readonly people: readonly PeopleLost[];
  readonly cohorts: readonly Cohort[];
  /** how many had been told by then, rising in both */
  readonly told: readonly { readonly atMs: number; readonly people: number }[];
  /** share of the affected by the area that calls carry; empty when it is not known */
  readonly areas: Readonly<Record<string, number>>;
  /** by how much those told call less, as measured, in [0,1]; without it the rules' figure counts */
  readonly toldReduction?: number;
}

/** Expected number of affected people. */
export function affectedOf(load: IncidentLoad): number {
  return load.people.reduce((sum, { people }) => sum + people, 0);
}

/** Whether most of the affected lost all service rather than some of its quality. */
export function lostService(load: IncidentLoad): 'none' | 'degraded' {
  const lost = load.people.reduce((sum, { people, degree }) => sum + people * degree, 0);
  return lost >= 0.5 * affectedOf(load) ? 'none' : 'degraded';
}
