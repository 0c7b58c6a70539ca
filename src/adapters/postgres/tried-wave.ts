import type pg from 'pg';
import type { ImpactSummary, NotificationKind } from '../../domain/customer.js';
import type { DryRun } from '../../domain/dry-run.js';
import type { Incident } from '../../domain/incident.js';
import type { WaveDecision, WaveVerdict } from '../../notify/decide-wave.js';
import type { AnnouncedWorks, WorksWave } from '../../notify/decide-works.js';
import { LATEST_WAVE } from './dry-run-sql.js';
import { placeOf } from './incident-place.js';
import type { WorkRow } from './works-planner.js';

/** The wave that is tried out. */
export interface TriedWave {
  /** a row of `waves` */
  readonly doc: Readonly<Record<string, unknown>>;
  readonly waveId: string;
  readonly incidentId: string;
  readonly lineageId: string;
  readonly kind: NotificationKind;
  readonly revision: number;
  readonly state: DryRun['wave']['state'];
  readonly reason: string;
  readonly people: number;
  readonly resourceId: string | null;
  readonly coveredAt: Date | number;
  readonly isDecided: boolean;
}

/** The latest wave of a kind that is written down. */
export async function storedWave(
  client: pg.ClientBase,
  incidentId: string,
  kind: NotificationKind,
): Promise<TriedWave | undefined> {
  const { rows } = await client.query<Omit<TriedWave, 'isDecided'>>(LATEST_WAVE, [
    incidentId,
    kind,
  ]);
  return rows[0] && { ...rows[0], isDecided: true };
}

/** What a wave was made from: as the verdict has it, or as it would be if there were one. */
interface Judged {
  readonly wave: Pick<WaveDecision, 'waveId' | 'revision' | 'validUntilMs' | 'estimateMs' | 'kind'>;
  readonly verdict: WaveVerdict;
  readonly nowMs: number;
}

/** The wave of an incident that is not yet. */
export async function incidentTried(
  client: pg.ClientBase,
  { incident, impact }: { readonly incident: Incident; readonly impact: ImpactSummary },
  { wave, verdict, nowMs }: Judged,
): Promise<TriedWave> {
  const place = await placeOf(client, incident.sites);
  const { waveId, kind, revision, validUntilMs, estimateMs } = wave;
  const isDue = verdict.status === 'due' && verdict.kind === kind;
  return {
    doc: {
      ...{ wave_id: waveId, incident_id: incident.id, lineage_id: incident.lineageId, kind },
      ...{ revision, variant: 'full', state: 'expanding' },
      ...{ place: place.name, around: place.isAround, zone: place.zone },
      decided_at: new Date(nowMs),
      valid_until: new Date(validUntilMs),
      estimate_at: estimateMs === null ? null : new Date(estimateMs),
    },
    ...{ waveId, incidentId: incident.id, lineageId: incident.lineageId, kind, revision },
    state: isDue ? verdict.state : 'notDue',
    reason: isDue ? verdict.reason : whyNot(verdict, kind),
    people: impact.expected,
    resourceId: null,
    coveredAt: Number.NEGATIVE_INFINITY,
    isDecided: false,
  };
}

/** The wave of works that is not yet. */
export async function worksTried(
  client: pg.ClientBase,
  row: WorkRow,
  { wave, people, revision }: { wave: WorksWave; people: number; revision: number },
): Promise<TriedWave> {
  const place = await placeOf(client, row.sites);
  const { waveId, subjectId: subject } = wave;
  return {
    doc: {
      ...{ wave_id: waveId, incident_id: subject, lineage_id: subject, kind: 'works' },
      ...{ revision: revision + 1, variant: 'full', state: 'expanding' },
      ...{ place: place.name, around: place.isAround, zone: place.zone },
      valid_until: new Date(wave.validUntilMs),
      starts_at: row.startsAt,
      ends_at: row.endsAt,
      resource_id: row.resourceId,
    },
    waveId,
    ...{ incidentId: subject, lineageId: subject, kind: 'works', revision: revision + 1 },
    ...{ state: wave.state, reason: wave.reason, people, resourceId: row.resourceId },
    coveredAt: Number.NEGATIVE_INFINITY,
    isDecided: false,
  };
}

/** Why works are not told now. */
export function whyNotWorks({ startsAtMs }: AnnouncedWorks, nowMs: number): string {
  return startsAtMs <= nowMs
    ? 'they have begun'
    : 'policy: works are not told, or not at this time';
}

function whyNot(verdict: WaveVerdict, kind: NotificationKind): string {
  return verdict.status === 'none'
    ? verdict.reason
    : `its people are due ${verdict.kind}, not ${kind}`;
}
