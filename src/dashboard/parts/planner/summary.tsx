import type { QueueForecast } from '../../../api/schemas.js';
import { useNow } from '../../clock.js';
import { count, decimal } from '../../format.js';
import { Figure } from '../words.js';
import { callsAt } from './calls-chart.js';

type Interval = QueueForecast['intervals'][number];

/** The time shown in a few figures: calls, agents, what is missing and what it costs. */
export function Summary({ coming }: { coming: readonly Interval[] }) {
  useNow(30_000);
  const [first] = coming;
  if (first === undefined) return null;
  const sum = (pick: (each: Interval) => number): number =>
    coming.reduce((total, each) => total + pick(each), 0);
  const extra = sum((each) => each.surge + each.redials);
  return (
    <dl class="figures">
      <Figure
        name="Calls now"
        value={count(callsAt(first, 0.5))}
        note={`${count(callsAt(first, 0.05))} to ${count(callsAt(first, 0.95))} in this interval`}
      />
      <Figure
        name="Agents needed now"
        value={count(first.agents)}
        note={
          first.rostered === null
            ? ''
            : `${count(first.rostered)} to roster, with absences and breaks`
        }
      />
      <Figure
        name="Added by incidents"
        value={`${count(extra)} calls`}
        note="in the time shown"
        {...(extra >= 1 ? { tone: 'warn' } : {})}
      />
      <Gap coming={coming} />
    </dl>
  );
}

function Gap({ coming }: { coming: readonly Interval[] }) {
  const known = coming.filter(({ roster }) => roster !== null);
  const gapOf = (each: Interval): number => each.roster?.gapAgents ?? 0;
  const [any] = known;
  if (any === undefined) return null;
  const worst = known.reduce((best, each) => (gapOf(each) > gapOf(best) ? each : best), any);
  const hours = known.reduce((sum, each) => sum + Math.max(0, each.roster?.gapHours ?? 0), 0);
  const lost = known.reduce((sum, each) => sum + (each.roster?.abandonedCalls ?? 0), 0);
  if (gapOf(worst) <= 0) {
    return <Figure name="Greatest shortage" value="none" note="the roster covers it" tone="good" />;
  }
  const at = new Date(worst.start);
  const clock = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return (
    <>
      <Figure
        name="Greatest shortage"
        value={`${decimal(gapOf(worst))} agents`}
        note={`at ${clock}; ${decimal(hours)} hours missing in all`}
        tone="bad"
      />
      <Figure
        name="Calls given up"
        value={count(lost)}
        note="with the roster as it stands, in the time shown"
        tone="warn"
      />
    </>
  );
}
