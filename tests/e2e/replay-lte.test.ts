import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { CauseCandidate, Incident } from '../../src/domain/incident.js';

const ROOT = resolve(import.meta.dirname, '../..');
const DATA = resolve(ROOT, '../shared/data');
const isThere = existsSync(DATA);
if (!isThere) process.stderr.write(`skipped: replay of the LTE sets, which are not at ${DATA}\n`);

const Time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$' });
const MaybeTime = Type.Union([Time, Type.Null()]);
const MaybeNumber = Type.Union([Type.Number(), Type.Null()]);
const Probability = Type.Number({ minimum: 0, maximum: 1 });
const closed = { additionalProperties: false } as const;

const Anomaly = Type.Object(
  {
    objectId: Type.String({ minLength: 1 }),
    kpi: Type.String({ description: 'empty for silence, which is no one KPI' }),
    startedAt: Time,
    detectedAt: Time,
    endedAt: MaybeTime,
    observed: MaybeNumber,
    expected: MaybeNumber,
    score: Probability,
    reason: Type.String({ minLength: 1 }),
  },
  closed,
);

const ReplayedIncident = Type.Object(
  {
    id: Type.String(),
    lineageId: Type.String(),
    state: Incident.properties.state,
    startedAt: Time,
    detectedAt: MaybeTime,
    endedAt: MaybeTime,
    cells: Type.Array(Type.String()),
    sites: Type.Array(Type.String()),
    cause: Type.Object(
      {
        kind: Type.String(),
        id: Type.String(),
        probability: Probability,
        candidates: Type.Array(CauseCandidate),
      },
      closed,
    ),
    severity: Incident.properties.severity,
    explanation: Type.String({ minLength: 1 }),
  },
  closed,
);

/** What the command line promises of `replay --json`. */
const Report = Type.Object(
  {
    samples: Type.Integer({ minimum: 1 }),
    objects: Type.Integer({ minimum: 1 }),
    cells: Type.Integer({ minimum: 0 }),
    from: Time,
    to: Time,
    rejected: Type.Array(
      Type.Object({ reason: Type.String(), count: Type.Integer({ minimum: 1 }) }, closed),
    ),
    anomalies: Type.Array(Anomaly),
    incidents: Type.Array(ReplayedIncident),
    telemetryGaps: Type.Array(
      Type.Object(
        { from: Time, to: MaybeTime, feed: Type.String(), cells: Type.Array(Type.String()) },
        closed,
      ),
    ),
  },
  closed,
);

async function replayed(set: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...['--import', 'tsx', 'src/main.ts', 'replay', join(DATA, set, 'telemetry.csv')],
      ...['--feed', `rules/feeds/${set}.yaml`, '--json'],
    ],
    {
      cwd: ROOT,
      env: { ...process.env, INIT_CWD: ROOT, TZ: 'Asia/Tokyo' },
      maxBuffer: 256 * 1024 * 1024,
    },
  );
  return stdout;
}

/** What each file holds: KPI values that can be read, monitored objects and cells. */
const SETS = [
  { set: 'lte-cells-hourly', samples: 286_379, objects: 38, cells: 38 },
  { set: 'lte-kpis-hourly', samples: 54_525, objects: 3, cells: 3 },
  { set: 'lte-network-hourly', samples: 78_518, objects: 1, cells: 0 },
];

describe.skipIf(!isThere)('replay of real LTE counters', () => {
  test.each(SETS)(
    'prints the documented JSON of $set, the same each time',
    async (given) => {
      const { set, ...held } = given;
      const text = await replayed(set);
      const report: unknown = JSON.parse(text);
      expect([...Value.Errors(Report, report)]).toEqual([]);
      expect(report).toMatchObject(held);
      expect(await replayed(set)).toBe(text);
    },
    300_000,
  );
});
