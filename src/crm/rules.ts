import Type, { type Static } from 'typebox';
import { SubscriptionKind } from '../domain/customer.js';

const closed = { additionalProperties: false } as const;

/** `rules/crm.yaml`: whose CRM record is flagged, and for how long a flag holds by itself. */
export const CrmRules = Type.Object(
  {
    version: Type.Literal(1),
    minProbability: Type.Number({ minimum: 0, maximum: 1 }),
    sureAt: Type.Number({
      minimum: 0,
      maximum: 1,
      description: 'from this probability on the sentence says "you are", below "probably"',
    }),
    excludeKinds: Type.Array(SubscriptionKind),
    validMinutes: Type.Number({
      minimum: 5,
      description: 'a flag expires by itself after this long; renewed while the incident lasts',
    }),
    partnerBrands: Type.Array(Type.String({ minLength: 1 }), {
      description: 'brands of MVNOs and partners whose customers have a help desk of their own',
    }),
    recurringFrom: Type.Integer({
      minimum: 2,
      description: 'incidents at somebody’s places in 30 days from which problems are recurring',
    }),
    firstSegments: Type.Array(Type.String(), {
      description: 'segments pushed first, after vulnerable customers',
    }),
  },
  { ...closed, $id: 'crm-rules' },
);
export type CrmRules = Static<typeof CrmRules>;
