import { Random } from '../../../../simulators/random.js';
import { type DayMatrix, weekdayOf } from '../../../forecast/day-matrix.js';

/** What a simulated queue is like. Shares and factors are of the mean. */
export interface QueueCharacter {
  readonly name: string;
  readonly days: number;
  /** mean calls of an interval of an ordinary weekday's open hours */
  readonly meanCalls: number;
  /** local hours */
  readonly opensAt: number;
  readonly closesAt: number;
  /** by weekday from Sunday on; 0 is closed */
  readonly weekdays: readonly number[];
  /** growth in a year */
  readonly trend: number;
  /** height of the turn of the month */
  readonly monthTurn: number;
  /** height of the season of the year */
  readonly yearSeason: number;
  /** standard deviation of what fades from day to day, and of a day's own */
  readonly passing: number;
  readonly ofTheDay: number;
  /** the same of what lasts an hour or two */
  readonly ofTheHour: number;
  /** variance = mean + mean² / size */
  readonly size: number;
  /** on holidays, of which there are some ten a year; the day after makes up for half of what was lost */
  readonly holiday: number;
  /** chance of a day on which the level moves for good, by about a fifth */
  readonly newLevel: number;
  /** chance of an interval without data, and of one with some thirty times the calls */
  readonly missing: number;
  readonly spike: number;
}

const USUAL: Omit<QueueCharacter, 'name'> = {
  days: 190,
  meanCalls: 80,
  opensAt: 0,
  closesAt: 24,
  weekdays: [0.6, 1.2, 1, 0.95, 0.95, 1, 0.75],
  trend: 0,
  monthTurn: 0,
  yearSeason: 0,
  passing: 0.04,
  ofTheDay: 0.025,
  ofTheHour: 0.04,
  size: 400,
  holiday: 1,
  newLevel: 0,
  missing: 0,
  spike: 0,
};

const CLOSED_WEEKENDS = [0, 1.2, 1, 0.95, 0.95, 1, 0];

/** Queues of as many kinds as operators have. */
export const CHARACTERS: readonly QueueCharacter[] = [
  { ...USUAL, name: 'roundTheClock' },
  { ...USUAL, name: 'fewCalls', meanCalls: 1.5, size: 20 },
  { ...USUAL, name: 'rareCalls', meanCalls: 0.15, size: 5 },
  { ...USUAL, name: 'weekdaysOnly', opensAt: 8, closesAt: 19, weekdays: CLOSED_WEEKENDS },
  { ...USUAL, name: 'growing', trend: 1, yearSeason: 0.15, meanCalls: 300 },
  { ...USUAL, name: 'holidays', holiday: 0.35, monthTurn: 0.15, days: 400 },
  {
    ...USUAL,
    name: 'closedHolidays',
    holiday: 0,
    opensAt: 7,
    closesAt: 21,
    weekdays: CLOSED_WEEKENDS,
    monthTurn: 0.1,
  },
  { ...USUAL, name: 'twoWeeks', days: 22 },
  { ...USUAL, name: 'restless', passing: 0.15, ofTheDay: 0.08, ofTheHour: 0.12, size: 30 },
  { ...USUAL, name: 'newLevels', newLevel: 0.02 },
  { ...USUAL, name: 'dirty', missing: 0.02, spike: 0.002 },
  { ...USUAL, name: 'large', meanCalls: 2000, monthTurn: 0.2, passing: 0.03, size: 2000 },
];

/** 2023-01-01 */
const FIRST_DAY = 19_358;
const HOLIDAYS = [0, 96, 121, 128, 144, 195, 227, 305, 315, 359];

/** A history by local day; the same seed gives the same. @param intervalSeconds divides a day */
export function simulateQueue(
  character: QueueCharacter,
  intervalSeconds: number,
  seed: number,
): DayMatrix {
  const random = new Random(seed, character.name);
  const columns = 86_400 / intervalSeconds;
  const shape = dayShape(character, columns, random);
  const dayNumbers: number[] = [];
  const rows: Float64Array[] = [];
  let passing = 0;
  let level = 1;
  let owed = 1;
  for (let d = 0; d < character.days; d++) {
    const dayNumber = FIRST_DAY + d;
    passing = 0.7 * passing + Math.sqrt(1 - 0.49) * character.passing * random.normal();
    if (random.chance(character.newLevel)) level *= Math.exp(0.2 * random.normal());
    const isHoliday = HOLIDAYS.includes(d % 365);
    const usual = level * owed * dayFactor(character, dayNumber, d);
    const factor = (isHoliday ? character.holiday : 1) * usual;
    owed = isHoliday ? 1 + (1 - character.holiday) / 2 : 1;
    const mean = factor * Math.exp(passing + character.ofTheDay * random.normal());
    if (factor === 0) continue;
    dayNumbers.push(dayNumber);
    rows.push(dayOfCalls(character, shape, mean, random));
  }
  return { intervalSeconds, dayNumbers, rows };
}

/** Mean 1 over open hours, NaN outside: a morning and an evening hump, a different one by queue. */
function dayShape(character: QueueCharacter, columns: number, random: Random): Float64Array {
  const morning = random.between(9, 11);
  const evening = random.between(15, 18);
  const tail = random.between(0.6, 1);
  const hump = (hour: number, at: number, width: number): number =>
    Math.exp(-(((hour - at) / width) ** 2));
  const shape = Float64Array.from({ length: columns }, (_, i) => {
    const hour = ((i + 0.5) * 24) / columns;
    if (hour < character.opensAt || hour >= character.closesAt) return Number.NaN;
    return 0.06 + hump(hour, morning, 2.5) + tail * hump(hour, evening, 3);
  });
  const open = shape.filter((each) => !Number.isNaN(each));
  const mean = open.reduce((sum, each) => sum + each, 0) / open.length;
  return shape.map((each) => each / mean);
}

function dayFactor(character: QueueCharacter, dayNumber: number, d: number): number {
  const { weekdays, trend, yearSeason, monthTurn } = character;
  const ofMonth = new Date(dayNumber * 86_400_000).getUTCDate();
  const fromTurn = Math.min(ofMonth - 1, 31 - ofMonth);
  return (
    (weekdays[weekdayOf(dayNumber)] ?? 1) *
    (1 + (trend * d) / 365) *
    (1 + yearSeason * Math.sin((2 * Math.PI * d) / 365)) *
    (1 + monthTurn * Math.exp(-fromTurn / 2))
  );
}

function dayOfCalls(
  { meanCalls, size, ofTheHour, missing, spike }: QueueCharacter,
  shape: Float64Array,
  factor: number,
  random: Random,
): Float64Array {
  const memory = 0.5 ** (24 / shape.length);
  let hour = ofTheHour * random.normal();
  return shape.map((share) => {
    if (Number.isNaN(share)) return share;
    hour = memory * hour + Math.sqrt(1 - memory * memory) * ofTheHour * random.normal();
    const calls = random.negativeBinomial(meanCalls * share * factor * Math.exp(hour), size);
    if (random.chance(missing)) return Number.NaN;
    return random.chance(spike) ? calls * 30 : calls;
  });
}
