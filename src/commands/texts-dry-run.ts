import { readFileSync, statSync } from 'node:fs';
import { lastTick } from '../adapters/postgres/last-tick.js';
import { createPool } from '../adapters/postgres/pool.js';
import { callerPath, loadConfig } from '../config.js';
import type { DryRun } from '../domain/dry-run.js';
import { TocsinError } from '../domain/errors.js';
import { otherPacesOf, paceOf } from '../service/gateways.js';
import { dryRunDesk } from '../service/outbox.js';
import type { Rules } from '../service/rules.js';
import { type DatabaseFlags, databaseFromFlags, openDatabase } from './database.js';

/** What is asked of a dry run on the command line. */
export interface DryRunFlags extends DatabaseFlags {
  readonly incident?: string;
  readonly cells?: string;
  readonly kind?: DryRun['kind'];
  readonly repair?: string;
  readonly cause?: string;
}

/**
 * Who would be told what of an incident, or of one that might be; reads the database and leaves it as
 * it is.
 * @throws TocsinError `input.option` for options that do not go together, a time that is none, or an
 *   incident or cells that are not known
 */
export async function dryRun(flags: DryRunFlags, rules: Rules): Promise<DryRun> {
  checkFlags(flags);
  const supposed = flags.cells === undefined ? undefined : supposedOf(flags, flags.cells);
  const config = flags.config === undefined ? undefined : loadConfig(flags.config).config;
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const database = await openDatabase({ ...databaseFromFlags(flags), log });
  const pool = createPool(database.url, { max: 2, applicationName: 'tocsin-dry-run' });
  try {
    const now = await networkNow(pool, config !== undefined);
    const desk = dryRunDesk({
      pool,
      rules,
      phoneSecret: database.phoneSecret,
      network: { now: () => now },
      segmentsPerSecond: config?.gateway ? paceOf(config.gateway) : null,
      otherPaces: otherPacesOf(config ?? {}),
      speed: 1,
    });
    if (supposed) return await desk.ofSupposed(supposed, now);
    const id = flags.incident ?? '';
    const found = await desk.ofIncident(id, now, flags.kind);
    if (found) return found;
    throw new TocsinError('input.option', `--incident: there is no incident ${id}`);
  } finally {
    await pool.end();
    await database.close();
  }
}

function checkFlags({ incident, cells, kind, repair, cause }: DryRunFlags): void {
  if (incident !== undefined && cells !== undefined) {
    throw new TocsinError(
      'input.option',
      '--incident is one that there is, --cells one that might be: allowed is one of them',
    );
  }
  const alone = { '--repair': repair, '--cause': cause };
  const wrong = Object.entries(alone).filter(([, value]) => value !== undefined);
  if (incident !== undefined && wrong.length > 0) {
    throw new TocsinError('input.option', `${wrong[0]?.[0]} goes with --cells only`);
  }
  if (cells !== undefined && kind !== undefined) {
    throw new TocsinError('input.option', '--kind goes with --incident only');
  }
}

async function networkNow(
  pool: ReturnType<typeof createPool>,
  isConfigured: boolean,
): Promise<number> {
  return (isConfigured ? undefined : await lastTick(pool)) ?? Date.now();
}

function supposedOf({ repair, cause }: DryRunFlags, cells: string) {
  return {
    cells: cellsOf(cells),
    ...(repair === undefined ? {} : { repairAt: timeOf(repair) }),
    ...(cause === undefined ? {} : { causeKind: cause }),
  };
}

/** Ids with commas between, or a file with one a line. */
function cellsOf(given: string): string[] {
  const path = callerPath(given);
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const text = isFile ? readFileSync(path, 'utf8') : given;
  const ids = text.split(/[\n,]/).map((each) => each.trim());
  const cells = [...new Set(ids.filter((each) => each !== ''))];
  if (cells.length > 0) return cells;
  throw new TocsinError(
    'input.option',
    '--cells names none, allowed: ids, or a file with one a line',
  );
}

function timeOf(given: string): string {
  const ms = Date.parse(given);
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw new TocsinError(
    'input.option',
    `--repair was "${given}", allowed: a time such as 2026-11-30T18:00:00Z`,
  );
}

/** A dry run for people to read. */
export function dryRunLines(run: DryRun): string[] {
  const { wave, totals, budget } = run;
  const money = (value: number): string => `${value.toFixed(2)} ${budget.currency}`;
  const list = (title: string, each: DryRun['suppressed']): string[] =>
    each.length === 0
      ? []
      : [`${title}: ${each.map(({ reason, people }) => `${people} ${reason}`).join(', ')}`];
  const left = (limit: number | null): string => (limit === null ? 'no limit' : money(limit));
  return [
    `${run.incidentId ?? 'an incident that might be'}, ${run.kind}, at ${run.at}`,
    `wave: ${wave.state} (${wave.reason}), about ${Math.round(wave.people)} people`,
    `supposing that ${run.assumes.join(', ')}`,
    '',
    ...run.messages.flatMap((each) => [
      `${each.people} × ${each.channel === 'sms' ? '' : `${each.channel}, `}${each.segment}, ${each.language}${each.vulnerable ? ', vulnerable' : ''}, service ${each.service}, reach ${each.reach}${each.audience === 'fleet' ? ', fleet' : ''}: ${each.segments} segment${each.segments === 1 ? '' : 's'} ${each.encoding}, ${each.firstAt} to ${each.lastAt}${each.sample === null ? '' : `, such as ${each.sample}`}`,
      `  ${each.title === null ? '' : `${each.title} | `}${each.text}`,
    ]),
    ...run.postponed.map(
      ({ until, people }) => `${people} wait for quiet hours to end at ${until}`,
    ),
    ...list('waiting', run.waiting),
    ...list('not sent', run.suppressed),
    ...list('no message', run.leftOut),
    ...run.already.map(
      ({ state, reason, people }) =>
        `already ${state}${reason === null ? '' : ` (${reason})`}: ${people}`,
    ),
    '',
    `${totals.messages} messages, ${totals.segments} segments, ${money(totals.price)}; ${totals.suppressed} not sent, ${totals.leftOut} without a message`,
    run.segmentsPerSecond === null
      ? 'no gateway says how fast it sends'
      : `at ${run.segmentsPerSecond} segments a second from ${totals.firstAt ?? '-'} to ${totals.lastAt ?? '-'}`,
    `left of the budget after it: incident ${left(budget.perIncident.left)}, month ${left(budget.perMonth.left)}`,
  ];
}
