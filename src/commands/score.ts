import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { complaints } from '../adapters/rules/complaints.js';
import { callerPath } from '../config.js';
import { messageOf, TocsinError } from '../domain/errors.js';
import { ScoredReplay, type TruthRow } from '../scoring/replay-document.js';
import { periodOf } from '../scoring/replay-period.js';
import { type Scoring, scoreReplay } from '../scoring/score-replay.js';
import { openCsv } from '../sources/csv-rows.js';
import { durationOption } from './option-values.js';

interface ScoreFlags {
  readonly period?: number;
  readonly json?: boolean;
}

/** `tocsin score REPLAY.json TRUTH.csv`. */
export function registerScore(program: Command): void {
  program
    .command('score')
    .description('compares a replay with the truth')
    .argument('<replay>', 'what `tocsin replay --json` printed')
    .argument('<truth>', 'CSV: incident_id,cell_id,started_at,ended_at[,cause_kind,cause_id]')
    .option(
      '--period <duration>',
      'what the truth is widened by each side; default: worked out from the anomalies, else 15m',
      durationOption,
    )
    .option('--json', 'print one JSON document')
    .action(runScore);
}

async function runScore(replayFile: string, truthFile: string, flags: ScoreFlags): Promise<void> {
  const replay = await readReplay(callerPath(replayFile));
  const truth = await readTruth(callerPath(truthFile));
  const periodMs = flags.period === undefined ? periodOf(replay) : flags.period * 1000;
  const scoring = scoreReplay(replay, truth, periodMs);
  const text = flags.json === true ? JSON.stringify(scoring.score) : forPeople(scoring, periodMs);
  process.stdout.write(`${text}\n`);
}

/**
 * Reads what `tocsin replay --json` printed.
 * @throws TocsinError `input.file` when it cannot be read or is no such document
 */
async function readReplay(path: string): Promise<ScoredReplay> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new TocsinError('input.file', `${path}: cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const [first] = complaints(ScoredReplay, document);
  if (first !== undefined) {
    const hint = 'it must be what `tocsin replay --json` printed';
    throw new TocsinError('input.file', `${path}: ${first.text}; ${hint}`);
  }
  return document as ScoredReplay;
}

const NEEDED = ['incident_id', 'cell_id', 'started_at', 'ended_at'] as const;

/**
 * Reads the truth. An empty `ended_at` means until the end of the replay.
 * @throws TocsinError `input.file` naming the row and what is allowed
 */
async function readTruth(path: string): Promise<TruthRow[]> {
  const refuse = (detail: string): never => {
    throw new TocsinError('input.file', `${path}: ${detail}`);
  };
  let broken: string | undefined;
  const { header, rows } = await openCsv(path, ',', (detail) => {
    broken ??= detail;
  });
  const columns = header.map((name) => name.trim());
  for (const name of NEEDED) {
    if (!columns.includes(name))
      refuse(`column ${name} is missing, needed: ${NEEDED.join(', ')} [, cause_kind, cause_id]`);
  }
  const truth: TruthRow[] = [];
  for await (const { row, number } of rows) {
    const of = (name: string): string => row[columns.indexOf(name)] ?? '';
    const time = (name: string): number => {
      const atMs = Date.parse(of(name));
      const given = JSON.stringify(of(name));
      return Number.isNaN(atMs)
        ? refuse(`row ${number}: ${name} was ${given}, allowed: ISO 8601`)
        : atMs;
    };
    if (of('incident_id') === '') refuse(`row ${number}: incident_id is empty`);
    const startedAtMs = time('started_at');
    const endedAtMs = of('ended_at') === '' ? null : time('ended_at');
    if (endedAtMs !== null && endedAtMs < startedAtMs)
      refuse(`row ${number}: ended_at ${of('ended_at')} is before started_at ${of('started_at')}`);
    truth.push({
      incidentId: of('incident_id'),
      cellId: of('cell_id'),
      startedAtMs,
      endedAtMs,
      causeKind: of('cause_kind') || null,
      causeId: of('cause_id') || null,
    });
  }
  if (broken !== undefined) refuse(broken);
  return truth;
}

function share(value: number | null): string {
  return value === null ? 'not defined' : value.toFixed(3);
}

function forPeople({ score, matches, falseIds, missedIds }: Scoring, periodMs: number): string {
  const delay = score.medianDelaySeconds;
  const rate = score.falseIncidentsPer1000CellDays;
  const lines = [
    `precision ${share(score.precision)}  recall ${share(score.recall)}  F1 ${share(score.f1)}`,
    `median delay ${delay === null ? 'not defined' : `${delay} s`}`,
    `adjusted Rand index ${share(score.adjustedRandIndex)}  right cause first ${share(score.rightCauseFirst)}`,
    `false incidents per 1,000 cell-days ${rate === null ? 'not defined' : rate.toPrecision(3)}`,
    `truth widened by ${periodMs / 1000} s each side`,
    '',
    ...matches.map(
      ({ reportedId, trueId, delaySeconds, isRightCause }) =>
        `found   ${trueId} as ${reportedId} after ${delaySeconds} s${isRightCause === false ? ', wrong cause' : ''}`,
    ),
    ...missedIds.map((id) => `missed  ${id}`),
    ...falseIds.map((id) => `false   ${id}`),
  ];
  return lines.join('\n').trimEnd();
}
