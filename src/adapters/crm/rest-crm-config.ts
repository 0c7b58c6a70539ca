import Type, { type Static } from 'typebox';
import { type Json, placesOf } from '../http/template.js';

const closed = { additionalProperties: false } as const;
const Url = Type.String({
  pattern: '^https?://',
  description: 'may hold places such as {account}',
});
const Request = {
  url: Url,
  method: Type.Optional(Type.String({ pattern: '^[A-Z]+$' })),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  json: Type.Optional(Type.Unknown({ description: 'the body; places are filled' })),
};
const Bulk = Type.Object(
  {
    ...Request,
    item: Type.Unknown({ description: 'one flag; {items} in json is the list of them' }),
    size: Type.Integer({ minimum: 1, maximum: 10_000, description: 'most flags in a request' }),
  },
  closed,
);

/** A CRM with an HTTP interface, described: how a flag is written, cleared, and listed. */
export const RestCrmConfig = Type.Object(
  {
    kind: Type.Literal('rest'),
    name: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,30}$',
      description: 'names what was pushed: keep it',
    }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    upsert: Type.Object(Request, closed),
    clear: Type.Object(Request, closed),
    bulk: Type.Optional(
      Type.Object(
        { upsert: Bulk, clear: Bulk },
        { ...closed, description: 'used where it stands' },
      ),
    ),
    list: Type.Optional(
      Type.Object(
        {
          url: Url,
          headers: Type.Optional(Type.Record(Type.String(), Type.String())),
          items: Type.String({ description: 'where the list stands in the answer' }),
          flag: Type.String({ description: 'where the flag stands in one, as it was given' }),
          account: Type.String(),
        },
        {
          ...closed,
          description:
            'what it holds, by subscriber and incident, after {afterSubscriber} and {afterIncident}, at most {limit}',
        },
      ),
    ),
    check: Type.Optional(Type.Object({ url: Url }, closed)),
    parallel: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 64, description: 'requests at once; default 4' }),
    ),
    perDay: Type.Optional(
      Type.Integer({ minimum: 1, description: 'requests it allows in a day (UTC)' }),
    ),
    timeout: Type.Optional(Type.String({ pattern: '^[0-9]+(ms|s)$', description: 'default 10s' })),
  },
  closed,
);
export type RestCrmConfig = Static<typeof RestCrmConfig>;
export type RestCrmBulk = Static<typeof Bulk>;
export type RestCrmRequest = Pick<RestCrmBulk, 'url' | 'method' | 'headers' | 'json'>;

const KEYS = ['subscriberId', 'incidentId', 'account', 'key'];
const FLAG = [
  ...['flag', 'lineageId', 'since', 'service', 'probability', 'told', 'cause'],
  ...['estimatedRepairAt', 'sentence', 'validUntil'],
];

/** What the schema cannot say: places that nothing fills. */
export function checkRestCrm(
  config: RestCrmConfig,
): { readonly path: readonly string[]; readonly message: string }[] {
  const parts: [string[], unknown, readonly string[]][] = [
    [['headers'], config.headers, ['key']],
    [['upsert'], config.upsert, [...KEYS, ...FLAG]],
    [['clear'], config.clear, KEYS],
    [['list', 'url'], config.list?.url, ['afterSubscriber', 'afterIncident', 'limit']],
  ];
  for (const [name, known] of [
    ['upsert', [...KEYS, ...FLAG]],
    ['clear', KEYS],
  ] as const) {
    const { item, ...request } = config.bulk?.[name] ?? {};
    parts.push([['bulk', name, 'item'], item, known], [['bulk', name], request, ['items', 'key']]);
  }
  return parts.flatMap(([path, template, known]) =>
    (template === undefined ? [] : placesOf(template as Json))
      .filter((place) => !known.includes(place))
      .map((place) => ({
        path,
        message: `has the place {${place}}, allowed: ${known.map((name) => `{${name}}`).join(', ')}`,
      })),
  );
}
