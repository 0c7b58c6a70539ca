import { resolve } from 'node:path';
import { Random } from '../../../../simulators/random.js';
import { loadYaml } from '../../../adapters/rules/load-yaml.js';
import type { CallInterval } from '../../../domain/facts.js';
import { Forecaster } from '../../../forecast/forecaster.js';
import { ForecastRules } from '../../../forecast/rules.js';
import type { IncidentLoad } from '../../../forecast/surge/incident-load.js';
import type { PartResult } from '../accuracy/part.js';
import type { CasePartOptions } from '../bench-parts.js';
import { rounded } from '../figures.js';

const QUEUES = 50;
const STEPS = 96;
const INCIDENTS = 20;
const RUNS = 9;
const LIMIT_MS = 200;
const QUARTER_MS = 900_000;
const NOW_MS = Date.UTC(2026, 4, 5, 10, 7);

/** Time of one reforecast of a large call centre: 50 queues, 96 intervals, 20 open incidents. */
export async function timeReforecast(options: CasePartOptions): Promise<PartResult> {
  const rules = {
    ...loadYaml(resolve(import.meta.dirname, '../../../../rules/forecast.yaml'), ForecastRules),
    horizonHours: (STEPS * QUARTER_MS) / 3_600_000,
  };
  const forecaster = new Forecaster(rules);
  const queues = Math.max(1, Math.round(QUEUES * options.scale));
  options.progress('history');
  forecaster.observe(history(queues));
  const roster = rosterOf(queues);
  const loads = Array.from({ length: INCIDENTS }, (_, i) => loadOf(i));
  options.progress('patterns');
  forecaster.forecast(NOW_MS, loads, roster);
  const [wall, cpu]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    forecaster.observe([arrival(run, NOW_MS - 420_000 + run)]);
    const [started, used] = [performance.now(), process.cpuUsage()];
    forecaster.forecast(NOW_MS + run, loads, roster);
    wall.push(performance.now() - started);
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
  }
  const median = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const figures = {
    queues,
    intervals: STEPS,
    openIncidents: INCIDENTS,
    wallMs: rounded(median(wall), 0),
    cpuMs: rounded(median(cpu), 0),
  };
  const baseline = { limitMs: LIMIT_MS };
  const lines = Object.entries({ ...figures, ...baseline }).map(
    ([what, value]) => `  ${what.padEnd(28)} ${value}`,
  );
  return { figures, baseline, ratios: { wall: median(wall) / LIMIT_MS }, lines };
}

function arrival(queue: number, startMs: number): CallInterval {
  const start = new Date(Math.floor(startMs / QUARTER_MS) * QUARTER_MS).toISOString();
  return { queue: `queue-${queue}`, start, intervalSeconds: 900, offered: 12 };
}

function history(queues: number): CallInterval[] {
  const calls: CallInterval[] = [];
  const random = new Random(5, 'reforecast');
  const from = Date.UTC(2026, 3, 14);
  for (let at = from; at + QUARTER_MS + 600_000 <= NOW_MS; at += QUARTER_MS) {
    const hour = new Date(at).getUTCHours();
    const busy = hour >= 6 && hour < 20 ? 1 : 0.2;
    for (let queue = 0; queue < queues; queue++) {
      const offered = random.negativeBinomial((15 + 2 * queue) * busy, 30);
      const start = new Date(at).toISOString();
      const abandoned = random.binomial(offered, 0.05);
      calls.push({ queue: `queue-${queue}`, start, intervalSeconds: 900, offered, abandoned });
    }
  }
  return calls;
}

function rosterOf(queues: number) {
  return Array.from({ length: queues }, (_, queue) =>
    Array.from({ length: STEPS + 48 }, (_, step) => ({
      queue: `queue-${queue}`,
      startMs: Date.UTC(2026, 4, 5) + step * QUARTER_MS,
      intervalSeconds: 900,
      agents: Math.round((15 + 2 * queue) * 0.55),
    })),
  ).flat();
}

function loadOf(i: number): IncidentLoad {
  const startedAtMs = NOW_MS - (i + 1) * 600_000;
  return {
    incidentId: `incident-${i}`,
    causeKind: 'site',
    startedAtMs,
    endedAtMs: null,
    repair: {
      atMs: NOW_MS + 3_600_000 * (1 + i / 4),
      lowMs: NOW_MS + 1_800_000,
      highMs: NOW_MS + 7_200_000 * (1 + i / 4),
    },
    people: [{ segment: 'consumer', language: 'fr', people: 3000 + 1000 * i, degree: 1 }],
    cohorts: [{ sinceMs: startedAtMs, share: 1 }],
    told: [{ atMs: startedAtMs + 300_000, people: 500 }],
    areas: {},
  };
}
