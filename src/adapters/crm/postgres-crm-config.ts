import Type from 'typebox';

/** `crm` of the configuration for a table that the CRM reads. */
export const PostgresCrmConfig = Type.Object(
  {
    kind: Type.Literal('postgres'),
    name: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' })),
    url: Type.Optional(
      Type.String({
        pattern: '^postgres(ql)?://',
        description: 'absent: in Tocsin’s own database',
      }),
    ),
  },
  { additionalProperties: false },
);
