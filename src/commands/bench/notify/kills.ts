import { loadRules } from '../../../service/rules.js';
import type { PartResult } from '../accuracy/part.js';
import { killRounds } from './kill-rounds.js';
import type { RunVerdict } from './kill-slot.js';
import type { NotifyPartOptions } from './part.js';

const RUNS = 1000;
const SLOTS = 25;
const FIRST_SEED = 10_000;

/** A thousand runs in which the sending process is killed: who got what, by the gateways' own logs. */
export async function measureKills(options: NotifyPartOptions): Promise<PartResult> {
  const { templateUrl, scale, progress } = options;
  const rounds = Math.max(1, Math.round((RUNS * scale) / SLOTS));
  const started = performance.now();
  const verdicts = await killRounds({
    templateUrl,
    rules: loadRules(),
    slots: SLOTS,
    rounds,
    firstSeed: FIRST_SEED,
    progress: (done) => progress(progressText(done, rounds * SLOTS, performance.now() - started)),
  });
  const figures = { runs: verdicts.length, ...sums(verdicts) };
  const bad = verdicts.filter(isViolation).map(({ seed }) => seed);
  return {
    figures: { ...figures, violations: bad },
    ...(bad.length === 0
      ? {}
      : { broken: `violated in ${bad.length} runs, seeds ${bad.join(', ')}` }),
    lines: [
      `${figures.runs} runs, each killed by SIGKILL after claiming, requesting, answering or recording; two thirds with a gateway that drops connections before or after it has taken a message`,
      `  numbers told twice ${figures.numbersToldTwice}, people without an end ${figures.peopleWithoutAnEnd}, outbox against the gateway's log ${figures.outboxAgainstGateway}`,
      `  sent ${figures.sent}, uncertain ${figures.uncertain}`,
    ],
  };
}

function sums(verdicts: readonly RunVerdict[]) {
  const sum = (key: Exclude<keyof RunVerdict, 'seed'>): number =>
    verdicts.reduce((total, each) => total + each[key], 0);
  return {
    numbersToldTwice: sum('twice'),
    peopleWithoutAnEnd: sum('open'),
    outboxAgainstGateway: sum('wrong'),
    sent: sum('sent'),
    uncertain: sum('uncertain'),
  };
}

function isViolation({ twice, open, wrong }: RunVerdict): boolean {
  return twice + open + wrong > 0;
}

function progressText(verdicts: readonly RunVerdict[], runs: number, spentMs: number): string {
  const { sent, uncertain } = sums(verdicts);
  const violated = verdicts.filter(isViolation).length;
  const leftMinutes = ((spentMs / verdicts.length) * (runs - verdicts.length)) / 60_000;
  const left = leftMinutes < 1 ? 'under a minute' : `about ${Math.round(leftMinutes)} min`;
  return `${verdicts.length} of ${runs} runs, sent ${sent}, uncertain ${uncertain}, violations ${violated}; ${left} left`;
}
