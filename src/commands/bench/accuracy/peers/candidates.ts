import type { Alarm } from '../../../../domain/alarm.js';
import type { CaseRun } from '../run-case.js';

/** One thing that may be part of an incident, as any correlator is given it. Times are epoch ms. */
export interface Candidate {
  /** `cell/…`, `site/…`, `link/…` or `node/…` */
  readonly object: string;
  /** when it became known */
  readonly atMs: number;
  readonly startedMs: number;
  /** null while it lasts */
  readonly endedMs: number | null;
}

const PREFIX = { cell: 'cell', site: 'site', link: 'link', function: 'node' } as const;

/** Peers are spared what an operator filters out first: alarms that deny to affect service. */
function isTelling({ perceivedSeverity, serviceAffecting }: Alarm): boolean {
  const isGrave = perceivedSeverity === 'critical' || perceivedSeverity === 'major';
  return isGrave && serviceAffecting !== false;
}

/** What is read of a case. */
export type CandidateSource = Pick<CaseRun, 'alarms'> & {
  readonly report: Pick<CaseRun['report'], 'anomalies'>;
};

/**
 * The anomalies and alarms of a case in order of when they became known.
 * @param leastNats anomalies whose score says less, -ln(1 - score), are left out
 */
export function candidatesOf({ report, alarms }: CandidateSource, leastNats: number): Candidate[] {
  const cleared = new Map<string, number>();
  for (const { alarmId, perceivedSeverity, alarmClearedTime } of alarms) {
    if (perceivedSeverity === 'cleared') cleared.set(alarmId, Date.parse(alarmClearedTime ?? ''));
  }
  const sure = report.anomalies.filter(({ score }) => -Math.log(1 - score) >= leastNats);
  const byCounters = sure.map(({ objectId, detectedAt, startedAt, endedAt }) => ({
    object: `cell/${objectId}`,
    atMs: Date.parse(detectedAt),
    startedMs: Date.parse(startedAt),
    endedMs: endedAt === null ? null : Date.parse(endedAt),
  }));
  const byAlarm = alarms.filter(isTelling).map((alarm) => {
    const raisedMs = Date.parse(alarm.alarmRaisedTime);
    return {
      object: `${PREFIX[alarm.objectType ?? 'function']}/${alarm.objectId}`,
      atMs: raisedMs,
      startedMs: raisedMs,
      endedMs: cleared.get(alarm.alarmId) ?? null,
    };
  });
  return [...byCounters, ...byAlarm].sort((a, b) => a.atMs - b.atMs);
}
