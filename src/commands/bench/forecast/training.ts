import { pino } from 'pino';
import { PatternThread } from '../../../service/pattern-thread.js';
import type { PartResult } from '../accuracy/part.js';
import { rounded } from '../figures.js';
import type { ForecastPartOptions } from './part.js';
import { CHARACTERS, simulateQueue } from './simulated-queues.js';

const QUEUES = 50;
const YEARS_DAYS = 730;
const INTERVAL_SECONDS = 900;
const LIMIT_SECONDS = 60;

/** Wall time in which a thread learns 50 queues of two years at 15 minutes. */
export async function timeTraining({ scale, progress }: ForecastPartOptions): Promise<PartResult> {
  const queues = Math.max(1, Math.round(QUEUES * scale));
  const thread = new PatternThread(pino({ level: 'silent' }));
  const [character = CHARACTERS[0]] = CHARACTERS;
  if (!character) throw new RangeError('no simulated queue to train on');
  let seconds = 0;
  try {
    for (let seed = 1; seed <= queues; seed++) {
      const history = simulateQueue({ ...character, days: YEARS_DAYS }, INTERVAL_SECONDS, seed);
      const origin = (history.dayNumbers.at(-1) ?? 0) + 1;
      const started = performance.now();
      await thread.fit({ history, holidays: [], origin });
      seconds += (performance.now() - started) / 1000;
      if (seed % 10 === 0) progress(`${seed}/${queues} queues, ${seconds.toFixed(1)} s`);
    }
  } finally {
    await thread.close();
  }
  const figures = { queues, days: YEARS_DAYS, seconds: rounded(seconds, 1) };
  const limit = (LIMIT_SECONDS * queues) / QUEUES;
  return {
    figures,
    baseline: { limitSeconds: limit },
    ratios: { limit: seconds / limit },
    lines: [`  ${queues} queues of two years in ${seconds.toFixed(1)} s (limit ${limit} s)`],
  };
}
