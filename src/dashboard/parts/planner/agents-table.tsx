import { useState } from 'preact/hooks';
import type { QueueForecast } from '../../../api/schemas.js';
import { count, decimal, percent } from '../../format.js';
import { Panel, When } from '../words.js';
import { callsAt } from './calls-chart.js';

type Interval = QueueForecast['intervals'][number];

const ROWS_FIRST = 24;

/** People to have on the roster so that enough of them are at work. */
export function toRoster(interval: Interval): number {
  return interval.rostered ?? interval.agents;
}

/** Agents by interval, who is missing, and what that means for callers. */
export function AgentsPanel({ coming }: { coming: readonly Interval[] }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? coming : coming.slice(0, ROWS_FIRST);
  return (
    <Panel title="Agents by interval" note="to roster: with absences and breaks">
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col" class="number">
                Calls
              </th>
              <th scope="col" class="number narrow-hidden">
                90 % band
              </th>
              <th scope="col" class="number narrow-hidden">
                From incidents
              </th>
              <th scope="col" class="number narrow-hidden">
                At work
              </th>
              <th scope="col" class="number">
                To roster
              </th>
              <th scope="col" class="number">
                On roster
              </th>
              <th scope="col" class="number narrow-hidden">
                Wait
              </th>
              <th scope="col" class="number narrow-hidden">
                Give up
              </th>
              <th scope="col" class="number">
                Gap
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((each) => (
              <Row key={each.start} interval={each} />
            ))}
          </tbody>
        </table>
      </div>
      {coming.length > ROWS_FIRST && (
        <button type="button" onClick={() => setAll(!isAll)}>
          {isAll ? 'Show fewer' : `Show all ${coming.length} intervals`}
        </button>
      )}
    </Panel>
  );
}

function Row({ interval }: { interval: Interval }) {
  const { roster } = interval;
  const extra = interval.surge + interval.redials;
  const gap = roster?.gapAgents;
  return (
    <tr>
      <th scope="row">
        <When at={interval.start} only="clock" />
      </th>
      <td class="number">{count(callsAt(interval, 0.5))}</td>
      <td class="number narrow-hidden">
        {count(callsAt(interval, 0.05))}–{count(callsAt(interval, 0.95))}
      </td>
      <td class="number narrow-hidden">{extra >= 0.5 ? `+${count(extra)}` : '–'}</td>
      <td class="number narrow-hidden">{count(interval.agents)}</td>
      <td class="number">{count(toRoster(interval))}</td>
      <td class="number">{roster === null ? '–' : decimal(roster.agents)}</td>
      <td class="number narrow-hidden">
        {roster === null ? '–' : `${count(roster.asaSeconds)} s`}
      </td>
      <td class="number narrow-hidden">{roster === null ? '–' : percent(roster.abandonment)}</td>
      <td class={`number ${gap !== undefined && gap > 0 ? 'short' : ''}`}>{gapWords(gap)}</td>
    </tr>
  );
}

function gapWords(gap: number | undefined): string {
  if (gap === undefined) return '–';
  if (gap > 0) return `${decimal(gap)} short`;
  return gap === 0 ? '0' : `+${decimal(-gap)}`;
}
