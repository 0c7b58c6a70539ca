import { useMemo, useState } from 'preact/hooks';
import type { Scenario, WhatIfAnswer } from '../../../api/what-if-schemas.js';
import { postJson } from '../../api.js';
import { networkNow } from '../../clock.js';
import { count, decimal, percent } from '../../format.js';
import { Chart, type Line } from '../chart.js';
import { Table } from '../table.js';
import { inputTime, isoTime } from '../time-field.js';
import { Empty, Panel } from '../words.js';

const HOURS = 12;
const COLOURS = ['text', 'accent', 'warn', 'good', 'note', 'bad'] as const;

/** A plan as the form has it; empty fields leave things as they are. */
interface Plan {
  readonly notify: readonly ('now' | 'later' | 'never')[];
  readonly repairAt: string;
  readonly isIvrOn: boolean;
  readonly agents: string;
  readonly agentHours: string;
}

const START: Plan = {
  notify: ['now', 'later', 'never'],
  repairAt: '',
  isIvrOn: false,
  agents: '',
  agentHours: '2',
};

/** What would change: curves and cost of courses of action beside the way things stand. */
export function WhatIfPanel({ queue }: { queue: string }) {
  const [plan, setPlan] = useState(START);
  const [answer, setAnswer] = useState<WhatIfAnswer>();
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);
  const compare = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      const scenarios = scenariosOf(plan, queue, networkNow());
      setAnswer(await postJson('/api/v1/forecast/what-if', { queue, hours: HOURS, scenarios }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <Panel title="What if" note={`the next ${HOURS} hours; nothing is done by asking`}>
      <form class="what-if" onSubmit={compare}>
        <PlanFields plan={plan} queue={queue} onChange={setPlan} />
        <button type="submit" class="primary" disabled={isBusy}>
          Compare
        </button>
      </form>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {answer && <Outcomes answer={answer} />}
    </Panel>
  );
}

interface FieldsProps {
  readonly plan: Plan;
  readonly queue: string;
  readonly onChange: (plan: Plan) => void;
}

const NOTIFY: readonly [Plan['notify'][number], string][] = [
  ['now', 'Notify now'],
  ['later', 'Notify in 15 minutes'],
  ['never', 'Notify nobody more'],
];

function PlanFields({ plan, queue, onChange }: FieldsProps) {
  const toggle = (name: Plan['notify'][number]): void =>
    onChange({
      ...plan,
      notify: plan.notify.includes(name)
        ? plan.notify.filter((each) => each !== name)
        : [...plan.notify, name],
    });
  return (
    <>
      <fieldset>
        <legend>Side by side</legend>
        {NOTIFY.map(([name, words]) => (
          <label key={name} class="inline">
            <input
              type="checkbox"
              checked={plan.notify.includes(name)}
              onChange={() => toggle(name)}
            />
            {words}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>And a plan of your own</legend>
        <label class="inline">
          Repair at
          <input
            type="datetime-local"
            value={plan.repairAt}
            min={inputTime(networkNow())}
            onInput={(event) => onChange({ ...plan, repairAt: event.currentTarget.value })}
          />
        </label>
        <label class="inline">
          <input
            type="checkbox"
            checked={plan.isIvrOn}
            onChange={(event) => onChange({ ...plan, isIvrOn: event.currentTarget.checked })}
          />
          IVR message on
        </label>
        <label class="inline">
          Call in
          <input
            type="number"
            min="0"
            max="1000"
            class="short-input"
            aria-label={`Agents called in for ${queue}`}
            value={plan.agents}
            onInput={(event) => onChange({ ...plan, agents: event.currentTarget.value })}
          />
          agents for
          <input
            type="number"
            min="1"
            max="24"
            class="short-input"
            aria-label="Hours they stay"
            value={plan.agentHours}
            onInput={(event) => onChange({ ...plan, agentHours: event.currentTarget.value })}
          />
          hours
        </label>
      </fieldset>
    </>
  );
}

function scenariosOf(plan: Plan, queue: string, nowMs: number): Scenario[] {
  const now = new Date(nowMs).toISOString();
  const at = { now, later: new Date(nowMs + 900_000).toISOString(), never: null };
  const told = NOTIFY.filter(([name]) => plan.notify.includes(name)).map(
    ([name, words]): Scenario => ({ name: words, notify: { at: at[name] } }),
  );
  const repairAt = isoTime(plan.repairAt);
  const agents = Math.floor(Number(plan.agents));
  const until = new Date(nowMs + Number(plan.agentHours) * 3_600_000).toISOString();
  const own: Scenario = {
    name: 'Own plan',
    ...(repairAt === undefined ? {} : { repair: { at: repairAt } }),
    ...(plan.isIvrOn ? { ivr: { from: now } } : {}),
    ...(agents > 0 ? { calledIn: [{ queue, agents, from: now, until }] } : {}),
  };
  return Object.keys(own).length > 1 ? [...told, own] : told;
}

function Outcomes({ answer }: { answer: WhatIfAnswer }) {
  const { times, lines } = useMemo(() => curvesOf(answer), [answer]);
  const [asIs] = answer.outcomes;
  if (asIs === undefined) return <Empty title="There is no forecast to compare with" />;
  return (
    <>
      {answer.incidents.length === 0 && (
        <p class="hint">
          No incident brings calls now, so only agents called in make a difference.
        </p>
      )}
      <Chart
        times={times}
        lines={lines}
        unit="calls"
        height={260}
        isFromZero
        label="Expected calls under each course of action. The table below holds what they come to."
      />
      <Totals answer={answer} cost={asIs.totals.cost} />
      {answer.assumedRosters.length > 0 && (
        <p class="hint">
          No roster for {answer.assumedRosters.join(', ')}: the agents that ordinary calls need were
          assumed.
        </p>
      )}
    </>
  );
}

function curvesOf({ outcomes }: WhatIfAnswer): { times: number[]; lines: Line[] } {
  const times = (outcomes[0]?.curve ?? []).map(({ start }) => Date.parse(start));
  const lines = outcomes.map(
    ({ name, curve }, n): Line => ({
      name: n === 0 ? 'As things stand' : name,
      values: curve.map(({ calls }) => calls),
      colour: COLOURS[n % COLOURS.length] ?? 'text',
      ...(n === 0 ? { look: 'dashed' as const } : {}),
    }),
  );
  return { times, lines };
}

function Totals({ answer, cost }: { answer: WhatIfAnswer; cost: number }) {
  return (
    <Table
      rows={answer.outcomes}
      keyOf={({ name }) => name}
      columns={[
        { title: 'All queues', cell: ({ name }, n) => (n === 0 ? 'As things stand' : name) },
        { title: 'Calls', isNumber: true, cell: ({ totals }) => count(totals.calls) },
        { title: 'Given up', isNumber: true, cell: ({ totals }) => count(totals.abandonedCalls) },
        {
          title: 'Mean wait',
          isNumber: true,
          isExtra: true,
          cell: ({ totals }) => `${count(totals.asaSeconds)} s`,
        },
        {
          title: 'In time',
          isNumber: true,
          isExtra: true,
          cell: ({ totals }) => percent(totals.serviceLevel),
        },
        {
          title: 'Hours missing',
          isNumber: true,
          isExtra: true,
          cell: ({ totals }) => decimal(totals.missingHours),
        },
        {
          title: `Cost, ${answer.currency}`,
          isNumber: true,
          cell: ({ totals }, n) => (
            <>
              {count(totals.cost)}
              {n > 0 && <small> {signed(totals.cost - cost)}</small>}
            </>
          ),
        },
      ]}
    />
  );
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${count(Math.abs(value))}`;
}
