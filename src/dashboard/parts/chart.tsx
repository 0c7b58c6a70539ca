import { useEffect, useRef, useState } from 'preact/hooks';
import UPlot from 'uplot';
import { decimal } from '../format.js';
import { useStore } from '../store.js';
import { colour, theme } from '../theme.js';

/** One line; `colour` names a variable of the theme. */
export interface Line {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly colour: string;
  readonly look?: 'line' | 'dashed' | 'points' | 'area' | 'hidden';
}

/** The space between two lines, by their positions, filled. */
export interface Band {
  readonly upper: number;
  readonly lower: number;
  readonly colour: string;
}

interface Props {
  /** epoch ms, rising */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly bands?: readonly Band[];
  readonly unit: string;
  readonly height: number;
  /** keeps zero in sight, for counts */
  readonly isFromZero?: boolean;
  /** draws an upright line: what is right of it has yet to come */
  readonly nowMs?: number;
  /** the axis reaches at least to here, so that missing data is seen to be missing */
  readonly untilMs?: number;
  /** a stretch of time to set off, epoch ms; its end may be Infinity */
  readonly marked?: readonly [fromMs: number, toMs: number];
  /** the chart in a sentence, for those who cannot see it */
  readonly label: string;
}

/** A chart over time with a reading of the values under the pointer. */
export function Chart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<number | null>(null);
  const colours = useStore(theme);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const plot = new UPlot(optionsOf(props, element.clientWidth, setAt), dataOf(props), element);
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: props.height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [props.times, props.lines, props.nowMs, props.untilMs, props.marked?.join(), colours]);
  return (
    <figure class="chart">
      <div ref={box} role="img" aria-label={props.label} />
      <Reading {...props} at={at} />
    </figure>
  );
}

function Reading({ times, lines, unit, at }: Props & { at: number | null }) {
  const time = at === null ? undefined : times[at];
  const shown = lines.filter(({ look }) => look !== 'hidden');
  return (
    <figcaption class="reading">
      {time !== undefined && (
        <span class="reading-time">
          {new Date(time).toLocaleString('en-GB', {
            weekday: 'short',
            timeStyle: undefined,
            hour: '2-digit',
            minute: '2-digit',
          })}
        </span>
      )}
      {shown.map((line) => {
        const value = at === null ? undefined : line.values[at];
        return (
          <span key={line.name}>
            <span class={`key key-${line.look ?? 'line'} key-${line.colour}`} aria-hidden="true" />
            {line.name}
            {value !== undefined && value !== null && (
              <strong>
                {' '}
                {decimal(value)} {unit}
              </strong>
            )}
          </span>
        );
      })}
    </figcaption>
  );
}

function dataOf({ times, lines }: Props): UPlot.AlignedData {
  return [times.map((ms) => ms / 1000), ...lines.map(({ values }) => [...values])];
}

function seriesOf(line: Line): UPlot.Series {
  const stroke = colour(line.colour);
  switch (line.look) {
    case 'hidden':
      return { stroke: 'transparent', points: { show: false } };
    case 'points':
      return { stroke, width: 0, paths: () => null, points: { show: true, size: 5, fill: stroke } };
    case 'dashed':
      return { stroke, width: 1.5, dash: [5, 4], points: { show: false } };
    case 'area':
      return { stroke, width: 2, fill: `${stroke}26`, points: { show: false } };
    default:
      return { stroke, width: 2, points: { show: false } };
  }
}

function optionsOf(
  { lines, bands, height, nowMs, untilMs, marked, isFromZero }: Props,
  width: number,
  onCursor: (at: number | null) => void,
): UPlot.Options {
  const axis = {
    stroke: colour('muted'),
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width,
    height,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { range: (_, from, to) => [from, Math.max(to, (untilMs ?? 0) / 1000)] },
      y: { range: (_, low, high) => rangeOf(isFromZero === true ? Math.min(0, low) : low, high) },
    },
    axes: [
      { ...axis, size: 26, gap: 6, values: (_, splits) => splits.map(axisTime) },
      { ...axis, size: 48, values: (_, splits) => splits.map((value) => decimal(value)) },
    ],
    series: [{}, ...lines.map(seriesOf)],
    bands: (bands ?? []).map(({ upper, lower, colour: name }) => ({
      series: [upper + 1, lower + 1],
      fill: colour(name),
    })),
    hooks: {
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      drawClear: marked === undefined ? [] : [(plot) => drawMarked(plot, marked)],
      draw: nowMs === undefined ? [] : [(plot) => drawNow(plot, nowMs)],
    },
  };
}

/** From zero, unless all values are far from it: an availability of 0.99 needs its own scale. */
function rangeOf(low: number, high: number): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const spread = high - low || Math.abs(high) || 1;
  const bottom = low >= 0 && low < spread * 3 ? 0 : low - spread * 0.1;
  return [bottom, high + spread * 0.08];
}

function axisTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  return isMidnight
    ? date.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric' })
    : date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

function drawMarked(plot: UPlot, [fromMs, toMs]: readonly [number, number]): void {
  const { left, top, width, height } = plot.bbox;
  const place = (ms: number): number => {
    const x = Number.isFinite(ms) ? plot.valToPos(ms / 1000, 'x', true) : left + width;
    return Math.min(left + width, Math.max(left, x));
  };
  const [from, to] = [place(fromMs), place(toMs)];
  plot.ctx.save();
  plot.ctx.fillStyle = `${colour('cell-down')}22`;
  plot.ctx.fillRect(from, top, to - from, height);
  plot.ctx.restore();
}

function drawNow(plot: UPlot, nowMs: number): void {
  const x = Math.round(plot.valToPos(nowMs / 1000, 'x', true));
  const { left, top, width, height } = plot.bbox;
  if (x < left || x > left + width) return;
  plot.ctx.save();
  plot.ctx.strokeStyle = colour('muted');
  plot.ctx.setLineDash([3, 3]);
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, top);
  plot.ctx.lineTo(x, top + height);
  plot.ctx.stroke();
  plot.ctx.fillStyle = colour('muted');
  plot.ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  plot.ctx.textAlign = 'left';
  plot.ctx.fillText('now', x + 5 * devicePixelRatio, top + 12 * devicePixelRatio);
  plot.ctx.restore();
}
