import { useMemo } from 'preact/hooks';
import type { QueueForecast } from '../../../api/schemas.js';
import { useNow } from '../../clock.js';
import { Chart, type Line } from '../chart.js';

type Interval = QueueForecast['intervals'][number];

/** The quantile nearest to a level among those the forecast holds. */
export function callsAt(interval: Interval, level: number): number {
  const known = Object.entries(interval.quantiles);
  const [nearest] = known.sort(
    ([a], [b]) => Math.abs(Number(a) - level) - Math.abs(Number(b) - level),
  );
  return nearest?.[1] ?? interval.ordinary + interval.surge;
}

/** Fan chart: what came so far, the median to come, and two bands around it. */
export function CallsChart(props: { forecast: QueueForecast; coming: readonly Interval[] }) {
  const now = useNow(60_000);
  const { times, lines } = useMemo(() => fan(props), [props.forecast, props.coming]);
  return (
    <Chart
      times={times}
      lines={lines}
      bands={[
        { upper: 0, lower: 1, colour: 'band' },
        { upper: 2, lower: 3, colour: 'band-inner' },
      ]}
      unit="calls"
      height={320}
      isFromZero
      nowMs={now}
      label="Calls that came in the last six hours and those expected, with bands. The table below holds the numbers."
    />
  );
}

function fan(props: { forecast: QueueForecast; coming: readonly Interval[] }): {
  times: number[];
  lines: Line[];
} {
  const coming = new Map(props.coming.map((each) => [Date.parse(each.start), each]));
  const actual = new Map(
    props.forecast.actual.map((each) => [Date.parse(each.start), each.offered]),
  );
  const times = [...new Set([...actual.keys(), ...coming.keys()])].sort((a, b) => a - b);
  const at = (pick: (interval: Interval) => number): (number | null)[] =>
    times.map((ms) => {
      const interval = coming.get(ms);
      return interval === undefined ? null : pick(interval);
    });
  const level = (q: number) => at((interval) => callsAt(interval, q));
  return {
    times,
    lines: [
      { name: '95 %', values: level(0.95), colour: 'muted', look: 'hidden' },
      { name: '5 %', values: level(0.05), colour: 'muted', look: 'hidden' },
      { name: '75 %', values: level(0.75), colour: 'muted', look: 'hidden' },
      { name: '25 %', values: level(0.25), colour: 'muted', look: 'hidden' },
      { name: 'Ordinary', values: at(({ ordinary }) => ordinary), colour: 'muted', look: 'dashed' },
      { name: 'Expected', values: level(0.5), colour: 'accent' },
      {
        name: 'Came',
        values: times.map((ms) => actual.get(ms) ?? null),
        colour: 'text',
        look: 'points',
      },
    ],
  };
}
