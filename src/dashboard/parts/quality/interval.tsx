import { decimal } from '../../format.js';

interface Props {
  /** all on the scale from 0 to `most` */
  readonly value: number | null;
  readonly low: number;
  readonly high: number;
  readonly most: number;
  /** what is aimed at, as a mark */
  readonly set?: number;
  /** how a figure is written */
  readonly write?: (value: number) => string;
}

/** A figure with its 95 % interval as a line, and what is aimed at as a mark across it. */
export function Interval({ value, low, high, most, set, write = decimal }: Props) {
  const at = (x: number): number => (100 * Math.min(Math.max(x, 0), most)) / most;
  const words = `${write(low)} to ${write(high)}`;
  return (
    <span class="interval">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <line class="interval-axis" x1={0} x2={100} y1={5} y2={5} />
        <line
          class="interval-range"
          x1={at(low)}
          x2={Math.max(at(high), at(low) + 1)}
          y1={5}
          y2={5}
        />
        {set !== undefined && (
          <line class="interval-set" x1={at(set)} x2={at(set)} y1={0} y2={10} />
        )}
        {value !== null && (
          <line class="interval-value" x1={at(value)} x2={at(value)} y1={1.5} y2={8.5} />
        )}
      </svg>
      <small>{words}</small>
    </span>
  );
}
