import type { Rules } from './rules.js';

/** The shipped rules with whereabouts learnt: the people are simulated, and it shows what can be. */
export function demoRules(rules: Rules): Rules {
  const { impact, policy } = rules;
  const legalBasis = 'the people are simulated';
  const learnt = { mode: 'learnt', legalBasis } as const;
  const { onset, overrun, works, ...others } = policy.kinds;
  const locationBasis = { default: legalBasis };
  const kinds = {
    ...others,
    onset: { ...onset, locationBasis },
    overrun: { ...overrun, locationBasis },
    works: { ...works, locationBasis },
  };
  return {
    ...rules,
    impact: { ...impact, whereabouts: { ...impact.whereabouts, ...learnt } },
    policy: { ...policy, kinds },
  };
}
