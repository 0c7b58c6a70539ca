import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Feed } from '../../src/domain/feed.js';
import { frenchHolidays } from '../telemetry/calendar.js';

/** Which counters of a simulated report are which KPI. */
export const SIMULATED_KPIS: NonNullable<Feed['kpis']> = {
  availabilityRatio: { column: 'availability_pct', scale: 0.01 },
  rrcSetupSuccessRatio: { successes: 'rrc_successes', attempts: 'rrc_attempts' },
  erabSetupSuccessRatio: { successes: 'erab_successes', attempts: 'erab_attempts' },
  erabDropRatio: { successes: 'erab_drops', attempts: 'erab_releases' },
  dlThroughputMbps: { column: 'dl_throughput_mbps' },
  prbUtilisationRatio: { column: 'prb_dl_pct', scale: 0.01 },
  connectedUsers: { column: 'users_avg' },
  dlVolumeMegabytes: { column: 'dl_volume_mb' },
};

/** How the simulated files are to be read: `feeds/NAME.yaml` reads `NAME.csv` or `NAME.ndjson`. */
export function scenarioFeeds(firstYear: number, lastYear: number): Record<string, Feed> {
  const years = Array.from({ length: lastYear - firstYear + 1 }, (_, at) => firstYear + at);
  return {
    telemetry: {
      name: 'telemetry',
      format: 'csv',
      kind: 'kpi',
      collector: 'simulated',
      time: { column: 'time', format: 'iso', zone: 'Europe/Paris', marks: 'start' },
      period: '15m',
      lateness: '5m',
      holidays: years.flatMap(frenchHolidays),
      object: { column: 'cell', type: 'cell' },
      kpis: SIMULATED_KPIS,
    },
    alarms: { name: 'alarms', format: 'json', kind: 'alarm' },
    presence: { name: 'presence', format: 'csv', kind: 'presence' },
    calls: { name: 'calls', format: 'csv', kind: 'calls' },
    complaints: { name: 'complaints', format: 'csv', kind: 'counts' },
  };
}

/** Writes the feeds of a scenario's years into `folder/feeds`. */
export async function writeFeeds(folder: string, fromMs: number, toMs: number): Promise<void> {
  const feeds = join(folder, 'feeds');
  await mkdir(feeds, { recursive: true });
  const yearOf = (ms: number): number => new Date(ms).getUTCFullYear();
  for (const [name, feed] of Object.entries(scenarioFeeds(yearOf(fromMs), yearOf(toMs)))) {
    await writeFile(join(feeds, `${name}.yaml`), stringify(feed));
  }
}
