import { Random } from '../random.js';
import type { Network } from '../world/types.js';
import { AlarmScript, type AlarmWords, AT_ONCE } from './alarm-script.js';
import type { TimedAlarm } from './types.js';

/** Alarms that come up every day without anybody losing service. */
const SITE_WORDS: readonly Omit<AlarmWords, 'objectId'>[] = [
  {
    objectType: 'site',
    alarmType: 'environmentalAlarm',
    perceivedSeverity: 'warning',
    probableCause: 'enclosureDoorOpen',
    specificProblem: 'Cabinet door open',
    serviceAffecting: false,
  },
  {
    objectType: 'site',
    alarmType: 'environmentalAlarm',
    perceivedSeverity: 'minor',
    probableCause: 'powerProblem',
    specificProblem: 'Battery test failed',
    serviceAffecting: false,
  },
  {
    objectType: 'site',
    alarmType: 'processingErrorAlarm',
    perceivedSeverity: 'minor',
    probableCause: 'timingProblem',
    specificProblem: 'Clock holdover',
    serviceAffecting: false,
  },
];
const CELL_WORDS: Omit<AlarmWords, 'objectId'> = {
  objectType: 'cell',
  alarmType: 'equipmentAlarm',
  perceivedSeverity: 'minor',
  probableCause: 'antennaProblem',
  specificProblem: 'Return loss above threshold',
  serviceAffecting: false,
};
const LINK_WORDS: Omit<AlarmWords, 'objectId'> = {
  objectType: 'link',
  alarmType: 'communicationsAlarm',
  perceivedSeverity: 'major',
  probableCause: 'lossOfRedundancy',
  specificProblem: 'redundancyLost',
  serviceAffecting: false,
};

/** Options of `ambientAlarms`; times are epoch ms. */
export interface AmbientOptions {
  readonly seed: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** alarms raised per site and day */
  readonly perSiteAndDay: number;
}

function drawWords(network: Network, random: Random): AlarmWords {
  const site = random.pick(network.sites);
  const cell = network.cells[random.pick(site.cells)];
  const kind = random.next();
  if (kind < 0.25 && cell !== undefined) return { ...CELL_WORDS, objectId: cell.cellId };
  if (kind < 0.35) return { ...LINK_WORDS, objectId: random.pick(network.fibres).id };
  return { ...random.pick(SITE_WORDS), objectId: site.siteId };
}

/**
 * The alarms of an ordinary day, none of which hurts a customer: doors, clocks, batteries, antennas,
 * lost redundancy. In order of time; each is cleared minutes to hours later.
 */
export function ambientAlarms(network: Network, options: AmbientOptions): TimedAlarm[] {
  const { seed, fromMs, toMs, perSiteAndDay } = options;
  const random = new Random(seed, 'ambient alarms');
  const script = new AlarmScript('AMBIENT', random, 1);
  const perMs = (perSiteAndDay * network.sites.length) / 86_400_000;
  for (let atMs = fromMs; ; ) {
    atMs += random.exponential(1 / perMs);
    if (!(atMs < toMs)) break;
    const lengthMs = random.between(5, 240) * 60_000;
    script.raise(drawWords(network, random), atMs, atMs + lengthMs, AT_ONCE);
  }
  return script.finish();
}
