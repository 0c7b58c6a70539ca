import { loadRules } from '../../../service/rules.js';
import type { PartResult } from '../accuracy/part.js';
import { killRounds } from './kill-rounds.js';
import type { NotifyPartOptions } from './part.js';

const RUNS = 1000;
const SLOTS = 25;
const FIRST_SEED = 10_000;

/** A thousand runs in which the sending process is killed: who got what, by the gateways' own logs. */
export async function measureKills(options: NotifyPartOptions): Promise<PartResult> {
  const { templateUrl, scale, progress } = options;
  const rounds = Math.max(1, Math.round((RUNS * scale) / SLOTS));
  const verdicts = await killRounds({
    templateUrl,
    rules: loadRules(),
    slots: SLOTS,
    rounds,
    firstSeed: FIRST_SEED,
    progress: (done) => progress(`${done} of ${rounds * SLOTS} runs`),
  });
  const sum = (key: 'twice' | 'open' | 'wrong' | 'sent' | 'uncertain'): number =>
    verdicts.reduce((total, each) => total + each[key], 0);
  const figures = {
    runs: verdicts.length,
    numbersToldTwice: sum('twice'),
    peopleWithoutAnEnd: sum('open'),
    outboxAgainstGateway: sum('wrong'),
    sent: sum('sent'),
    uncertain: sum('uncertain'),
  };
  const bad = verdicts.filter(({ twice, open, wrong }) => twice + open + wrong > 0);
  const seeds = bad.map(({ seed }) => seed).join(', ');
  return {
    figures,
    lines: [
      `${figures.runs} runs, each killed by SIGKILL after claiming, requesting, answering or recording; two thirds with a gateway that drops connections before or after it has taken a message`,
      `  numbers told twice ${figures.numbersToldTwice}, people without an end ${figures.peopleWithoutAnEnd}, outbox against the gateway's log ${figures.outboxAgainstGateway}`,
      `  sent ${figures.sent}, uncertain ${figures.uncertain}${seeds === '' ? '' : `; seeds ${seeds}`}`,
    ],
  };
}
