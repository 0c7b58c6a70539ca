import type { NotificationKind, SubscriptionKind } from '../domain/customer.js';
import type { NotificationPolicy, PersonRule } from './policy.js';
import type { LegalBasis } from './policy-kinds.js';

/** What people have in common as far as the policy asks, with how an incident finds them. */
export interface Situation {
  readonly kind: SubscriptionKind;
  readonly segment: string;
  readonly language: string;
  readonly vulnerable: boolean;
  readonly service: 'none' | 'degraded';
  readonly isReachable: boolean;
}

/** What a rule about people may ask. */
export type Ruled = Pick<Situation, 'kind' | 'segment' | 'service' | 'vulnerable'>;

/** Why people of a class are not told; closed, hence safe as a key. */
export type AdmissionRefusal = 'kindExcluded' | 'ruleExcluded' | 'noLegalBasis' | 'noLocationBasis';

/** Who of a class is told from which probability on, and how early; or why none of them. */
export type Admission =
  | { readonly status: 'admitted'; readonly minProbability: number; readonly priority: number }
  | { readonly status: 'refused'; readonly reason: AdmissionRefusal };

/** What the policy needs to know besides a person's class. */
export interface AdmissionContext {
  /** whether where somebody is was learnt from more than their word */
  readonly usesLocation: boolean;
  /** segments that a text of this kind takes in a language, at least 1 */
  readonly segmentsOf: (kind: NotificationKind, language: string) => number;
}

/** Above every priority that an order by calls prevented gives. */
const VULNERABLE_FIRST = 1_000_000;
/** Priorities are whole numbers: tenths of thousandths of a call per segment. */
const CALLS_TO_PRIORITY = 10_000;

/** Whether, from which probability on and how early people of a class are told of an incident. */
export function admit(
  situation: Situation,
  kind: NotificationKind,
  policy: NotificationPolicy,
  context: AdmissionContext,
): Admission {
  const { people, kinds } = policy;
  if (people.excludeKinds.includes(situation.kind)) return refused('kindExcluded');
  const minProbability = leastProbability(situation, policy);
  if (minProbability === null) return refused('ruleExcluded');
  const own = kinds[kind];
  if (!isAllowed(own.legalBasis, situation.segment)) return refused('noLegalBasis');
  const isPlaced = 'locationBasis' in own;
  if (context.usesLocation && isPlaced && !isAllowed(own.locationBasis, situation.segment)) {
    return refused('noLocationBasis');
  }
  return {
    status: 'admitted',
    minProbability,
    priority: priorityOf(situation, kind, policy, context),
  };
}

/** From which probability on somebody counts as affected; null: whatever it is, they are not told. */
export function leastProbability(person: Ruled, { people }: NotificationPolicy): number | null {
  const rule = people.rules.find((each) => fits(each, person));
  return rule === undefined ? people.minProbability : rule.minProbability;
}

/**
 * Calls prevented per segment sent: how probable a call is without a text, whether a text can reach
 * the phone, and what a call of such a person is worth, over the segments that it takes. Whoever is
 * vulnerable comes before all others where the policy has it so.
 * @returns 0 to 2,000,000; equal within a class, so that order within it may be by chance
 */
export function priorityOf(
  { service, isReachable, segment, language, vulnerable }: Situation,
  kind: NotificationKind,
  { order }: NotificationPolicy,
  { segmentsOf }: AdmissionContext,
): number {
  const worth = order.value.segments[segment] ?? order.value.default;
  const reach = order.reachability[isReachable ? 'now' : 'later'];
  const prevented = order.propensity[service] * reach * worth;
  const perSegment = prevented / Math.max(1, segmentsOf(kind, language));
  const priority = Math.min(VULNERABLE_FIRST - 1, Math.round(perSegment * CALLS_TO_PRIORITY));
  return priority + (order.vulnerableFirst && vulnerable ? VULNERABLE_FIRST : 0);
}

/** Whether something allows it for a segment. */
export function isAllowed({ default: basis, segments = {} }: LegalBasis, segment: string): boolean {
  const own = segments[segment];
  return (own === undefined ? basis : own) !== null;
}

function fits(rule: PersonRule, { kind, segment, service, vulnerable }: Ruled): boolean {
  return (
    (rule.kinds?.includes(kind) ?? true) &&
    (rule.segments?.includes(segment) ?? true) &&
    (rule.services?.includes(service) ?? true) &&
    (rule.vulnerable === undefined || rule.vulnerable === vulnerable)
  );
}

function refused(reason: AdmissionRefusal): Admission {
  return { status: 'refused', reason };
}
