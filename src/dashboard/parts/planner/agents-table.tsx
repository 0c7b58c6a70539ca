import { useState } from 'preact/hooks';
import type { QueueForecast } from '../../../api/schemas.js';
import { count, decimal, percent } from '../../format.js';
import { type Column, Table } from '../table.js';
import { Panel, When } from '../words.js';
import { callsAt } from './calls-chart.js';

type Interval = QueueForecast['intervals'][number];

const ROWS_FIRST = 24;

/** People to have on the roster so that enough of them are at work. */
function toRoster(interval: Interval): number {
  return interval.rostered ?? interval.agents;
}

const COLUMNS: [Column<Interval>, ...Column<Interval>[]] = [
  { title: 'From', cell: ({ start }) => <When at={start} only="clock" /> },
  { title: 'Calls', isNumber: true, cell: (each) => count(callsAt(each, 0.5)) },
  {
    title: '90 % band',
    isNumber: true,
    isExtra: true,
    cell: (each) => `${count(callsAt(each, 0.05))}–${count(callsAt(each, 0.95))}`,
  },
  {
    title: 'From incidents',
    isNumber: true,
    isExtra: true,
    cell: ({ surge, redials }) => (surge + redials >= 0.5 ? `+${count(surge + redials)}` : '–'),
  },
  { title: 'At work', isNumber: true, isExtra: true, cell: ({ agents }) => count(agents) },
  { title: 'To roster', isNumber: true, cell: (each) => count(toRoster(each)) },
  {
    title: 'On roster',
    isNumber: true,
    cell: ({ roster }) => (roster === null ? '–' : decimal(roster.agents)),
  },
  {
    title: 'Wait',
    isNumber: true,
    isExtra: true,
    cell: ({ roster }) => (roster === null ? '–' : `${count(roster.asaSeconds)} s`),
  },
  {
    title: 'Give up',
    isNumber: true,
    isExtra: true,
    cell: ({ roster }) => (roster === null ? '–' : percent(roster.abandonment)),
  },
  {
    title: 'Gap',
    isNumber: true,
    cell: ({ roster }) => gapWords(roster?.gapAgents),
    look: ({ roster }) => (roster !== null && roster.gapAgents > 0 ? 'short' : ''),
  },
];

/** Agents by interval, who is missing, and what that means for callers. */
export function AgentsPanel({ coming }: { coming: readonly Interval[] }) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? coming : coming.slice(0, ROWS_FIRST);
  return (
    <Panel title="Agents by interval" note="to roster: with absences and breaks">
      <Table rows={shown} columns={COLUMNS} keyOf={({ start }) => String(start)} />
      {coming.length > ROWS_FIRST && (
        <button type="button" onClick={() => setAll(!isAll)}>
          {isAll ? 'Show fewer' : `Show all ${coming.length} intervals`}
        </button>
      )}
    </Panel>
  );
}

function gapWords(gap: number | undefined): string {
  if (gap === undefined) return '–';
  if (gap > 0) return `${decimal(gap)} short`;
  return gap === 0 ? '0' : `+${decimal(-gap)}`;
}
