import type { ReplayedAnomaly, ReplayedIncident, ReplayReport } from './replay-report.js';

const MOST_INCIDENTS = 40;
const MOST_ANOMALIES = 20;
const MOST_GAPS = 10;

/** A replay as people read it: what went in, then incidents, gaps and the surest anomalies. */
export function describeReplay(report: ReplayReport): string {
  const { samples, objects, cells, from, to, rejected } = report;
  const lines = [
    `${count(samples, 'KPI value')} of ${count(objects, 'object')} (${count(cells, 'cell')}) from ${from ?? '-'} to ${to ?? '-'}`,
    ...rejected.map(({ reason, count: times }) => `  refused: ${reason}, ${times} times`),
    '',
    `${count(report.incidents.length, 'incident')}`,
    ...report.incidents.slice(0, MOST_INCIDENTS).map(incidentLine),
    ...rest(report.incidents.length, MOST_INCIDENTS),
    '',
    `${count(report.telemetryGaps.length, 'telemetry gap')}`,
    ...report.telemetryGaps
      .slice(0, MOST_GAPS)
      .map(
        (gap) =>
          `  ${gap.from} to ${gap.to ?? 'now'}  ${gap.feed}, ${count(gap.cells.length, 'cell')}`,
      ),
    ...rest(report.telemetryGaps.length, MOST_GAPS),
    '',
    `${count(report.anomalies.length, 'anomaly', 'anomalies')}`,
    ...[...report.anomalies]
      .sort((a, b) => b.score - a.score)
      .slice(0, MOST_ANOMALIES)
      .map(anomalyLine),
    ...rest(report.anomalies.length, MOST_ANOMALIES),
  ];
  return `${lines.join('\n')}\n`;
}

function incidentLine(incident: ReplayedIncident): string {
  const { state, severity, startedAt, endedAt, cause, explanation } = incident;
  const cells = count(incident.cells.length, 'cell');
  return `  ${startedAt} to ${endedAt ?? 'now'}  ${state}, ${severity}, ${cells}, ${cause.kind} ${cause.id}: ${explanation}`;
}

function anomalyLine({ startedAt, endedAt, objectId, reason }: ReplayedAnomaly): string {
  return `  ${startedAt} to ${endedAt ?? 'now'}  ${objectId}: ${reason}`;
}

function rest(all: number, shown: number): string[] {
  return all > shown ? [`  … and ${all - shown} more; --json has them all`] : [];
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`;
}
