import { AreaComplaints } from '../../../../simulators/calls/area-complaints.js';
import { CallCentre } from '../../../../simulators/calls/call-centre.js';
import { buildFault } from '../../../../simulators/faults/build-fault.js';
import type { Fault, FaultKind } from '../../../../simulators/faults/types.js';
import { ServiceTruth } from '../../../../simulators/population/service.js';
import { Random } from '../../../../simulators/random.js';
import { PERIOD_MS } from '../../../../simulators/telemetry/calendar.js';
import { createWorld, type World } from '../../../../simulators/world.js';
import { createCorrelate } from '../../../correlate/correlate.js';
import type { CorrelationRules } from '../../../correlate/rules.js';
import type { Incident } from '../../../domain/incident.js';
import { rounded } from '../figures.js';
import { poissonInterval } from './false-rate/poisson-interval.js';
import type { CaseSet, PartOptions, PartResult } from './part.js';
import { loadShippedRules } from './warm-world.js';

const DAY_MS = 86_400_000;
const MONTH_DAYS = 30;
const WARM_UP_DAYS = 21;
const OUTAGE_DAYS = 40;
const HEALTHY_DAYS = 90;
const WORLDS = 4;
const SITES = 120;
const SUBSCRIBERS = 60_000;
/** First seeds of each set: neither set has one of the other. */
const FIRST_SEED: Readonly<Record<CaseSet, number>> = { development: 61_001, scoring: 83_001 };
const KINDS: readonly FaultKind[] = [
  'sitePower',
  'transportCut',
  'aggregationFailure',
  'regionalPowerCut',
];
/** Outages of which fewer have called are no matter of customers' word. */
const LEAST_CALLERS = 10;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Suspicion {
  readonly knownMs: number;
  readonly cells: ReadonlySet<string>;
}

interface TrueOutage extends Span {
  readonly cells: ReadonlySet<string>;
  /** who called because of it within its first two hours */
  callers: number;
}

/** One outage every other day, at any hour, of which nothing but customers tells. */
function outagesOf(world: World, seed: number, fromMs: number): Fault[] {
  const random = new Random(seed, 'customers');
  return Array.from({ length: OUTAGE_DAYS / 2 }, (_, n) => {
    const startMs = fromMs + (2 * n + random.between(0, 1)) * DAY_MS;
    const durationMs = random.between(60, 300) * 60_000;
    const kind = random.pick(KINDS);
    return buildFault(world.network, seed, `I${n}`, { kind, fromMs: startMs, durationMs });
  });
}

function truthOf({ network }: World, { truth }: Fault): TrueOutage {
  const cells = truth.flatMap((each) => each.cells);
  return {
    fromMs: Math.min(...cells.map((each) => each.fromMs)),
    toMs: Math.max(...cells.map((each) => each.toMs)),
    cells: new Set(cells.map(({ cell }) => network.cells[cell]?.cellId ?? '')),
    callers: 0,
  };
}

interface Run {
  readonly areas: number;
  readonly days: number;
  readonly suspicions: readonly Suspicion[];
  readonly outages: readonly TrueOutage[];
}

/** Lets a world live and its customers complain; correlation hears of nothing else. */
function live(
  world: World,
  rules: CorrelationRules,
  seed: number,
  days: number,
  isHealthy: boolean,
) {
  const fromMs = Date.parse('2026-01-05T00:00:00Z') + (seed % 300) * DAY_MS;
  const warmMs = fromMs + WARM_UP_DAYS * DAY_MS;
  const faults = isHealthy ? [] : outagesOf(world, seed, warmMs);
  const outages = faults.map((fault) => truthOf(world, fault));
  const effects = faults.flatMap((fault) => fault.effects);
  const centre = new CallCentre(world, new ServiceTruth(world, () => effects), {
    seed,
  });
  const complaints = new AreaComplaints(world, seed);
  const stage = createCorrelate(world.network.rows, rules);
  const suspicions = new Map<string, Suspicion>();
  let areas = 0;
  for (let startMs = fromMs; startMs < warmMs + days * DAY_MS; startMs += PERIOD_MS) {
    centre.interval(startMs);
    for (const outage of outages) {
      if (startMs >= outage.fromMs - PERIOD_MS && startMs < outage.fromMs + 2 * 3_600_000)
        outage.callers += centre.callers.length;
    }
    const counts = complaints.interval(startMs, centre.callers);
    areas = counts.length;
    stage.counts(counts);
    const nowMs = startMs + PERIOD_MS + rules.customers.waitSeconds * 1000;
    for (const { incident } of stage.advance(nowMs).changes) note(suspicions, incident, nowMs);
  }
  return { areas, days, suspicions: [...suspicions.values()], outages } satisfies Run;
}

function note(into: Map<string, Suspicion>, { id, cells }: Incident, knownMs: number): void {
  const ids = [...(into.get(id)?.cells ?? []), ...cells.map(({ cellId }) => cellId)];
  into.set(id, { knownMs: into.get(id)?.knownMs ?? knownMs, cells: new Set(ids) });
}

interface Judged {
  readonly outage: TrueOutage;
  /** of the first suspicion at its place; undefined when there was none */
  readonly delayMs: number | undefined;
}

/** Holds what was suspected against what was true; a suspicion at no outage's place is false. */
function judge({ suspicions, outages }: Run): { judged: Judged[]; falseOnes: number } {
  const afterMs = 3 * 3_600_000;
  const isOf = ({ knownMs, cells }: Suspicion, outage: TrueOutage): boolean =>
    knownMs > outage.fromMs &&
    knownMs < outage.toMs + afterMs &&
    [...cells].some((cell) => outage.cells.has(cell));
  const judged = outages.map((outage) => {
    const own = suspicions.filter((each) => isOf(each, outage)).map(({ knownMs }) => knownMs);
    const delayMs = own.length === 0 ? undefined : Math.min(...own) - outage.fromMs;
    return { outage, delayMs };
  });
  const falseOnes = suspicions.filter((each) => !outages.some((outage) => isOf(each, outage)));
  return { judged, falseOnes: falseOnes.length };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * What customers' complaints alone find of outages that no counter and no alarm shows, how soon, and
 * how often they are taken for trouble where there is none. The baseline is the rate that is set.
 */
export async function measureCustomers({ scale, set, progress }: PartOptions): Promise<PartResult> {
  const { correlation } = loadShippedRules();
  const worlds = Math.max(1, Math.round(WORLDS * scale));
  const healthy: Run[] = [];
  const judged: Judged[] = [];
  let besideOutages = 0;
  for (let n = 0; n < worlds; n++) {
    const seed = FIRST_SEED[set] + n;
    const world = createWorld({ seed, sites: SITES, cells: SITES * 4, subscribers: SUBSCRIBERS });
    healthy.push(live(world, correlation, seed, HEALTHY_DAYS, true));
    const run = judge(live(world, correlation, seed, OUTAGE_DAYS, false));
    judged.push(...run.judged);
    besideOutages += run.falseOnes;
    progress(`world ${n + 1} of ${worlds}`);
  }
  const falseOnes = healthy.reduce((sum, { suspicions }) => sum + suspicions.length, 0);
  const months = healthy.reduce((sum, { areas, days }) => sum + (areas * days) / MONTH_DAYS, 0);
  const { lo, hi } = poissonInterval(falseOnes);
  const per1000 = (count: number): number => (count * 1000) / months;
  const heard = judged.filter(({ outage }) => outage.callers >= LEAST_CALLERS);
  const found = heard.flatMap(({ delayMs }) => delayMs ?? []);
  const figures = {
    areaMonths: rounded(months, 0),
    falseSuspicions: falseOnes,
    per1000AreasAndMonth: rounded(per1000(falseOnes), 2),
    lo95: rounded(per1000(lo), 2),
    hi95: rounded(per1000(hi), 2),
    outages: judged.length,
    withTenCallers: heard.length,
    found: found.length,
    recall: rounded(found.length / heard.length, 3),
    medianDelayMinutes: rounded(median(found) / 60_000, 1),
    falseBesideOutages: besideOutages,
  };
  return {
    figures,
    baseline: { setPer1000AreasAndMonth: correlation.customers.falsePer1000AreasPerMonth },
    lines: [
      `${falseOnes} false suspicions in ${Math.round(months)} healthy area-months: ` +
        `${per1000(falseOnes).toFixed(1)} per 1,000 areas and month (95 %: ${per1000(lo).toFixed(1)} to ` +
        `${per1000(hi).toFixed(1)}), set ${correlation.customers.falsePer1000AreasPerMonth}`,
      `${found.length} of ${heard.length} outages with ${LEAST_CALLERS} callers or more in two hours found, ` +
        `${figures.medianDelayMinutes} minutes after they began (median); ${besideOutages} suspicions elsewhere`,
    ],
  };
}
