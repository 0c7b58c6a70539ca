import type { EffectReport } from '../../../domain/effect.js';
import { percent } from '../../format.js';
import { Empty, Panel } from '../words.js';
import { countsOf, DESIGN_NAMES, sharesOf } from './figure.js';

type Design = EffectReport['designs'][number];

/** What is measured by each design over a year, and whether the effect is still what it was. */
export function DesignsPanel({ report }: { report: EffectReport }) {
  return (
    <Panel title="Calls prevented by telling people" note="last 365 days, 95 % interval" wide>
      {report.designs.length === 0 && (
        <Empty title="Nothing is measured yet">
          An incident is measured once it is over and its calls are in. Calls count when their
          callers are known: send them to <code>/api/v1/callers</code>.
        </Empty>
      )}
      {report.designs.map((design) => (
        <DesignFigures key={design.estimate.design} design={design} />
      ))}
      <p class="hint">{controlWords(report.controlGroup)}</p>
      <p class="hint">
        Calls that are counted by area, without the number of their callers, are not measured:
        people are told in random order, so that at any moment every area holds told and untold
        people alike, and such a call cannot be held to be of either. They are in the forecast.
      </p>
    </Panel>
  );
}

function DesignFigures({ design: { estimate, drift, driftReason } }: { design: Design }) {
  return (
    <section>
      <h3>{DESIGN_NAMES[estimate.design]}</h3>
      <p>{estimate.reason}</p>
      {estimate.reduction && estimate.preventedPer1000 && estimate.prevented && (
        <dl class="facts">
          <dt>Fewer calls of people told</dt>
          <dd>{sharesOf(estimate.reduction)}</dd>
          <dt>Calls prevented per 1,000 told</dt>
          <dd>{countsOf(estimate.preventedPer1000)}</dd>
          <dt>In all, of {estimate.incidents} incidents</dt>
          <dd>{countsOf(estimate.prevented)}</dd>
        </dl>
      )}
      <p class="hint">
        The direct effect, with {percent(estimate.shareTold)} told: what people hear from others who
        were told is not in it, so the total effect is rather larger.
      </p>
      <p class={drift === 'drifting' ? 'bad' : 'hint'}>
        {drift === 'drifting' ? 'The effect has changed: ' : ''}
        {driftReason}
      </p>
    </section>
  );
}

function controlWords(group: EffectReport['controlGroup']): string {
  if (group === null) return 'Nobody is held out: no control group is configured.';
  const { share, approvedBy, until, minPeople, isOn } = group;
  return isOn
    ? `${percent(share)} of people in incidents of ${minPeople} or more are held out until ${until}, approved by ${approvedBy}. Vulnerable customers, fleets and emergency services never are.`
    : `The control group ended on ${until}: nobody is held out any more.`;
}
