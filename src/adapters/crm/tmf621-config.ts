import Type, { type Static } from 'typebox';

/** A ticket system that speaks TM Forum TMF621 v4. */
export const Tmf621Config = Type.Object(
  {
    kind: Type.Literal('tmf621'),
    name: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,30}$',
      description: 'names what was written: keep it',
    }),
    url: Type.String({
      pattern: '^https?://',
      description: 'up to the version, such as https://host/tmf-api/troubleTicket/v4',
    }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    timeout: Type.Optional(Type.String({ pattern: '^[0-9]+(ms|s)$', description: 'default 10s' })),
  },
  { additionalProperties: false },
);
export type Tmf621Config = Static<typeof Tmf621Config>;
