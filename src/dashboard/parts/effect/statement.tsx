import type { EffectFigure, EffectStatement } from '../../../domain/effect.js';
import { count } from '../../format.js';
import { Panel } from '../words.js';
import { countsOf } from './figure.js';

interface Props {
  readonly statement: EffectStatement;
  /** `2026-11` */
  readonly month: string;
  readonly onMonth: (month: string) => void;
}

/** A month's statement: what was avoided, what it cost, what is left. */
export function StatementPanel({ statement, month, onMonth }: Props) {
  const { currency, baseline } = statement;
  const money = (figure: EffectFigure): string => `${countsOf(figure)} ${currency}`;
  return (
    <Panel title="Statement of the month" note="95 % interval">
      <label>
        Month{' '}
        <input
          type="month"
          value={month}
          onChange={({ currentTarget }) => currentTarget.value && onMonth(currentTarget.value)}
        />
      </label>
      {statement.status === 'notYetMeasurable' && <p>{statement.reason}</p>}
      <dl class="facts">
        {statement.callsAvoided && (
          <Line name="Calls avoided" value={countsOf(statement.callsAvoided)} />
        )}
        {statement.callCost && <Line name="Their cost" value={money(statement.callCost)} />}
        {statement.overtime && <Line name="Overtime avoided" value={money(statement.overtime)} />}
        {statement.goodwill && <Line name="Credits avoided" value={money(statement.goodwill)} />}
        <Line
          name={`${count(statement.segments)} SMS segments`}
          value={spent(statement.smsCost, currency)}
        />
        <Line name="Running cost" value={spent(statement.runningCost, currency)} />
        {statement.net && <Line name="Net" value={money(statement.net)} />}
        {typeof statement.costPerCallAvoided === 'number' && (
          <Line
            name="SMS cost per call avoided"
            value={`${statement.costPerCallAvoided.toFixed(2)} ${currency}`}
          />
        )}
      </dl>
      <p class="hint">
        Against the baseline:{' '}
        {baseline.status === 'compared'
          ? `${count(Math.round(baseline.expectedCalls ?? 0))} calls were to be expected of the ${count(statement.told)} people told, ${count(baseline.calls ?? 0)} came (${baseline.reason}).`
          : `${baseline.reason}.`}
      </p>
    </Panel>
  );
}

function spent(money: number, currency: string): string {
  return `${money >= 0.5 ? '−' : ''}${count(Math.round(money))} ${currency}`;
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
