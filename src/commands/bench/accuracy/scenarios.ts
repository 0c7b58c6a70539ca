import type { Figures } from '../figures.js';
import { type CaseFailure, describeFailure, faultsOf } from './case-failures.js';
import type { PartOptions, PartResult } from './part.js';
import type { CaseRun } from './run-case.js';
import { SCENARIO_KINDS } from './scenario-kinds.js';
import { rowFigures, rowOf, type ScenarioRow } from './score-cases.js';
import { asShare, tableLines } from './table.js';

const HEAD = [
  ...['scenario', 'alarms', 'cases', 'true', 'reported', 'precision', 'recall', 'ARI', 'pooled'],
  ...['cause', 'delay s', 'listed s', 'in aim', 'and cause', 'open s', 'p90 s', 'in aim'],
  ...['wrong texts', 'gap texts', 'asked', 'wrongly'],
];

function rowsOf(runs: readonly CaseRun[]): ScenarioRow[] {
  const pick = (name: string | null, hasAlarms: boolean | null): CaseRun[] =>
    runs.filter(
      ({ plan }) =>
        (name === null || plan.scenario === name) &&
        (hasAlarms === null || plan.hasAlarms === hasAlarms),
    );
  const each = SCENARIO_KINDS.flatMap(({ name }) => [
    rowOf(name, 'alarms', pick(name, true)),
    rowOf(name, 'silent', pick(name, false)),
  ]);
  const all = [
    rowOf('all', 'alarms', pick(null, true)),
    rowOf('all', 'silent', pick(null, false)),
    rowOf('all', 'both', runs),
  ];
  return [...each, ...all];
}

function lineOf({ name, alarms, totals, wall, ...row }: ScenarioRow) {
  const whole = (value: number | null): number | null =>
    value === null ? null : Math.round(value);
  return [
    name,
    alarms,
    totals.cases,
    totals.trueIncidents,
    totals.reported,
    asShare(totals.precision),
    asShare(totals.recall),
    asShare(totals.ari),
    asShare(totals.ariPooled),
    asShare(totals.rightCauseFirst),
    whole(totals.medianDelaySeconds),
    whole(wall.listed.medianSeconds),
    asShare(wall.listed.withinAim),
    asShare(wall.rightCause.withinAim),
    whole(wall.open.medianSeconds),
    whole(wall.open.p90Seconds),
    asShare(wall.open.withinAim),
    row.wrongTexts,
    row.gapOrCrowdTexts,
    row.asked,
    row.askedWrongly,
  ];
}

function failureLines(failures: readonly CaseFailure[]): string[] {
  const inOneLine = (what: string, each: Figures): string =>
    `  ${what}: ${Object.values(each).join(' | ')}`;
  return failures.flatMap((failure) => [
    `${failure.case}: ${failure.false} false, ${failure.missed} missed (${failure.world})`,
    ...failure.true.map((each) => inOneLine('true', each)),
    ...failure.reported.map((each) => inOneLine('said', each)),
    ...failure.wrongTexts.map((each) => inOneLine('wrong text', each)),
    ...failure.gapOrCrowdTexts.map((each) => inOneLine('text to a gap or crowd', each)),
  ]);
}

/**
 * Simulated truth: every kind of scenario in several worlds, with alarms and without, replayed and
 * scored as `tocsin replay` and `tocsin score` do. Delay is in event time; wall delays are those of
 * the running service, where reports come minutes after their period.
 */
export async function scoreScenarios(options: PartOptions): Promise<PartResult> {
  const runs = await options.runs();
  const rows = rowsOf(runs);
  const failed = runs.filter((run) => faultsOf(run) > 0).sort((a, b) => faultsOf(b) - faultsOf(a));
  const failures = failed.map(describeFailure);
  const worlds = [...new Set(runs.map(({ world }) => world))];
  const warmUpFalse = worlds.reduce((sum, { falseIncidents }) => sum + falseIncidents, 0);
  return {
    figures: {
      set: options.set,
      worlds: worlds.length,
      cells: worlds.map(({ network }) => network.cells.length),
      falseIncidentsInWarmUp: warmUpFalse,
      table: rows.map(rowFigures),
      failures,
    },
    lines: [
      `${options.set} cases, ${worlds.length} worlds, ${warmUpFalse} false incidents in their healthy past`,
      ...tableLines(HEAD, rows.map(lineOf)),
      '',
      ...failureLines(failures),
    ],
  };
}
