import Type, { type Static } from 'typebox';
import { WhereaboutsRules } from './whereabouts-rules.js';

const Share = { minimum: 0, maximum: 1 } as const;
const closed = { additionalProperties: false } as const;

/** `rules/impact.yaml`: who counts as affected, how sure, and what an incident's rank is made of. */
export const ImpactRules = Type.Object(
  {
    version: Type.Literal(1),
    whereabouts: WhereaboutsRules,
    presence: Type.Object(
      {
        maxAgeMinutes: Type.Number({
          minimum: 1,
          description: 'a sighting older than this says nothing; raising it trusts stale places',
        }),
        halfLifeMinutes: Type.Number({
          minimum: 1,
          description: 'after this long a sighting counts half, the usual places the other half',
        }),
        maxFutureMinutes: Type.Number({
          minimum: 0,
          description: 'a sighting further ahead of network time is refused as clock skew',
        }),
      },
      closed,
    ),
    homeWeight: Type.Number({
      ...Share,
      description: 'how sure the home site is for someone without sightings and usual cells',
    }),
    minProbability: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'less probable than this is not listed as affected',
    }),
    noneAtDegree: Type.Number({
      ...Share,
      description: 'share of service lost from which a person has none rather than a worse one',
    }),
    absorption: Type.Object(
      {
        perNeighbour: Type.Number({
          ...Share,
          description: 'share of a lost cell that one fully overlapping healthy neighbour takes up',
        }),
        max: Type.Number({ ...Share, description: 'the most that all neighbours take up' }),
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
        emergencyServices: Type.Number({
          minimum: 0,
          description: 'user-minutes added when an emergency service has lost its service',
        }),
      },
      closed,
    ),
  },
  { ...closed, $id: 'impact-rules' },
);
export type ImpactRules = Static<typeof ImpactRules>;

/** Keys that contradict each other, with what is allowed; empty when all is well. */
export function checkImpactRules({
  whereabouts,
}: ImpactRules): { readonly path: readonly string[]; readonly message: string }[] {
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
