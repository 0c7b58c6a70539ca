import { type Figures, rounded } from '../figures.js';
import type { PartOptions, PartResult } from './part.js';
import { IncidentLog, type ListedIncident } from './real-sets/incident-log.js';
import { injectInto, judge, newStages } from './real-sets/inject.js';
import { pathOfSet, REAL_SETS, type RealSet, readRealSet } from './real-sets/read-set.js';
import { recallFigures, recallLines, recallOf } from './real-sets/recall-table.js';
import { loadShippedRules, type ShippedRules } from './warm-world.js';

const PLACES = 60;
const SEEDS = { development: 311, scoring: 9_017 } as const;
const DAYS_IN_MONTH = 30;
const MOST_UNSAID = 25;

/** One set's figures, and the same for people. */
interface SetResult {
  readonly figures: Figures;
  readonly lines: readonly string[];
}

function incidentLines(incidents: readonly ListedIncident[]): string[] {
  return incidents.flatMap(({ startedAt, endedAt, objects, anomalies }) => [
    `  ${startedAt} to ${endedAt ?? 'the end'}: ${objects.join(', ')}`,
    ...anomalies.map(
      ({ kpi, observed, expected, reason }) =>
        `    ${kpi} ${observed ?? 'absent'} for ${expected ?? 'unknown'}: ${reason}`,
    ),
  ]);
}

async function measureSet(
  set: RealSet,
  rules: ShippedRules,
  inject: { readonly places: number; readonly seed: number },
): Promise<SetResult> {
  const log = new IncidentLog();
  await judge(set, newStages(set, rules), set.periods, (step) => log.add(step));
  const incidents = log.list();
  const unsaid = log.unsaid();
  const days = (set.periods.length * set.lane.periodSeconds) / 86_400;
  const judgedDays = Math.max(0, days - rules.detection.warmupDays) * set.objects.length;
  const rate = (incidents.length * 1000) / judgedDays;
  const trials = await injectInto(set, rules, log, inject);
  const recall = recallOf(trials);
  const setRate = rules.detection.falseIncidentsPer1000CellsPerMonth / DAYS_IN_MONTH;
  return {
    figures: {
      objects: set.objects.length,
      objectDaysAfterWarmUp: rounded(judgedDays, 0),
      incidents: incidents.length,
      per1000ObjectDays: rounded(rate, 3),
      setPer1000ObjectDays: rounded(setRate, 3),
      listed: incidents,
      anomaliesInNoIncident: unsaid.length,
      strongestInNoIncident: unsaid.slice(0, MOST_UNSAID),
      trials: trials.length,
      recall: recallFigures(recall),
    },
    lines: [
      `${set.name}: ${incidents.length} incidents in ${judgedDays.toFixed(0)} object-days after ` +
        `warm-up, ${rate.toFixed(2)} per 1,000 (set for false ones: ${setRate.toFixed(3)})`,
      ...incidentLines(incidents),
      `  anomalies in no incident that opened: ${unsaid.length}`,
      ...recallLines(recall),
    ],
  };
}

/**
 * Incidents in real telemetry, each with what a person needs to judge it, and the recall of
 * degradations put into it, with the rules as shipped. Sets that are absent are named and skipped.
 * Shares of recall count an incident open by the last degraded report.
 */
export async function measureRealSets({ scale, set, progress }: PartOptions): Promise<PartResult> {
  const rules = loadShippedRules();
  const inject = { places: Math.max(1, Math.round(PLACES * scale)), seed: SEEDS[set] };
  const figures: Record<string, Figures | string> = {};
  const lines: string[] = [];
  for (const name of REAL_SETS) {
    const real = await readRealSet(name);
    if (real === undefined) {
      figures[name] = 'skipped';
      lines.push(`${name}: skipped, there is no ${pathOfSet(name)}`);
      continue;
    }
    const result = await measureSet(real, rules, inject);
    figures[name] = result.figures;
    lines.push(...result.lines);
    progress(`${name} done`);
  }
  return { figures, lines };
}
