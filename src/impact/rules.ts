import Type, { type Static } from 'typebox';
import { ServiceShares } from '../domain/services.js';
import { ClockRule, CostRules } from './cost-rules.js';
import { VisitorRules } from './visitors.js';
import { WhereaboutsRules } from './whereabouts-rules.js';

const Share = { minimum: 0, maximum: 1 } as const;
const closed = { additionalProperties: false } as const;

/** `rules/impact.yaml`: who counts as affected, how sure, and what an incident's rank is made of. */
export const ImpactRules = Type.Object(
  {
    version: Type.Literal(1),
    whereabouts: WhereaboutsRules,
    visitors: VisitorRules,
    maxFutureMinutes: Type.Number({
      minimum: 0,
      description: 'a sighting further ahead of network time is refused as clock skew',
    }),
    minProbability: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'less probable than this is not listed as affected',
    }),
    noneAtDegree: Type.Number({
      ...Share,
      description: 'share lost of every service from which a cell is out rather than worse',
    }),
    serviceWeights: {
      ...ServiceShares,
      description: 'share of a subscriber’s service that each one is; sums to 1',
    },
    absorption: Type.Object(
      {
        max: Type.Number({
          minimum: 0,
          exclusiveMaximum: 1,
          description: 'the most of a dead cell’s phones that all neighbours together catch',
        }),
        perOverlap: Type.Number({
          minimum: 0,
          description: 'how fast that is reached as overlap with neighbours in service grows',
        }),
        edgeLoss: {
          ...ServiceShares,
          description: 'share of each service lost by those whom a neighbour catches',
        },
        priorNeighbours: Type.Number({
          exclusiveMinimum: 0,
          description: 'measured neighbours that count as much as what overlap says',
        }),
      },
      closed,
    ),
    remapMinutes: Type.Number({
      minimum: 0,
      description: 'how old a mapping may be while the cells do not change',
    }),
    rank: Type.Object(
      {
        horizonMinutes: Type.Number({
          minimum: 1,
          description:
            'user-minutes still to come are counted this far when no repair is estimated',
        }),
        soFar: Type.Number({ minimum: 0, description: 'weight of a user-minute already lost' }),
        toCome: Type.Number({ minimum: 0, description: 'weight of a user-minute still to come' }),
        segments: Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
          description: 'how many ordinary people one of this segment counts for; default 1',
        }),
        vulnerable: Type.Number({
          minimum: 0,
          description: 'user-minutes added per vulnerable person affected',
        }),
        money: Type.Number({
          minimum: 0,
          description: 'user-minutes that a unit of money still to be lost counts for',
        }),
        churn: Type.Number({
          minimum: 0,
          description: 'user-minutes that a customer at risk of leaving counts for',
        }),
        emergencyCallingPeople: Type.Number({
          exclusiveMinimum: 0,
          description: 'expected people without any service from which emergency calling is lost',
        }),
        emergencyCalling: Type.Number({
          minimum: 0,
          description: 'user-minutes added when emergency calling is lost',
        }),
        emergencyServices: Type.Number({
          minimum: 0,
          description: 'user-minutes added when an emergency service has lost its service',
        }),
      },
      closed,
    ),
    cost: CostRules,
    clocks: Type.Array(ClockRule, { description: 'duties to report; may be empty' }),
  },
  { ...closed, $id: 'impact-rules' },
);
export type ImpactRules = Static<typeof ImpactRules>;

interface Complaint {
  readonly path: readonly string[];
  readonly message: string;
}

/** Keys that contradict each other, with what is allowed; empty when all is well. */
export function checkImpactRules(rules: ImpactRules): readonly Complaint[] {
  return [...checkWeights(rules), ...checkWhereabouts(rules), ...checkClocks(rules)];
}

function checkWeights({ serviceWeights: { voice, data, sms } }: ImpactRules): Complaint[] {
  const sum = voice + data + sms;
  if (Math.abs(sum - 1) < 1e-6) return [];
  const message = `sums to ${Number(sum.toFixed(6))}; allowed: weights that sum to 1`;
  return [{ path: ['serviceWeights'], message }];
}

function checkWhereabouts({ whereabouts }: ImpactRules): Complaint[] {
  const { mode, legalBasis } = whereabouts;
  if (mode !== 'learnt' || legalBasis !== undefined) return [];
  return [
    {
      path: ['whereabouts', 'mode'],
      message:
        'was "learnt" without whereabouts.legalBasis: usual places of people may be kept only with what allows it named there; allowed without it: declared, lastSeen',
    },
  ];
}

function checkClocks({ clocks }: ImpactRules): Complaint[] {
  return clocks.flatMap(({ id }, at) =>
    clocks.findIndex((other) => other.id === id) === at
      ? []
      : [
          {
            path: ['clocks', String(at), 'id'],
            message: `was "${id}", which an entry before has; allowed: an id that no other clock has`,
          },
        ],
  );
}
