import { pino } from 'pino';
import { PatternThread } from '../../../service/pattern-thread.js';
import type { PartResult } from '../accuracy/part.js';
import type { CasePartOptions } from '../bench-parts.js';
import { rounded } from '../figures.js';
import { CHARACTERS, simulateQueue } from './simulated-queues.js';

const QUEUES = 50;
const YEARS_DAYS = 730;
const INTERVAL_SECONDS = 900;
const LIMIT_SECONDS = 60;

/** Time in which a thread learns 50 queues of two years at 15 minutes. */
export async function timeTraining({ scale, progress }: CasePartOptions): Promise<PartResult> {
  const queues = Math.max(1, Math.round(QUEUES * scale));
  const thread = new PatternThread(pino({ level: 'silent' }));
  const [character = CHARACTERS[0]] = CHARACTERS;
  if (!character) throw new RangeError('no simulated queue to train on');
  let [seconds, cpuSeconds] = [0, 0];
  // The thread by itself keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  try {
    for (let seed = 1; seed <= queues; seed++) {
      const history = simulateQueue({ ...character, days: YEARS_DAYS }, INTERVAL_SECONDS, seed);
      const origin = (history.dayNumbers.at(-1) ?? 0) + 1;
      const cpu = process.cpuUsage();
      const started = performance.now();
      await thread.fit({ history, holidays: [], origin });
      seconds += (performance.now() - started) / 1000;
      const used = process.cpuUsage(cpu);
      cpuSeconds += (used.user + used.system) / 1e6;
      if (seed % 10 === 0) progress(`${seed}/${queues} queues, ${seconds.toFixed(1)} s`);
    }
  } finally {
    clearInterval(alive);
    await thread.close();
  }
  const figures = {
    queues,
    days: YEARS_DAYS,
    seconds: rounded(seconds, 1),
    cpuSeconds: rounded(cpuSeconds, 1),
  };
  const limit = (LIMIT_SECONDS * queues) / QUEUES;
  return {
    figures,
    baseline: { limitSeconds: limit },
    ratios: { limit: seconds / limit },
    lines: [
      `  ${queues} queues of two years in ${seconds.toFixed(1)} s, of processor time ${cpuSeconds.toFixed(1)} s (limit ${limit} s)`,
    ],
  };
}
