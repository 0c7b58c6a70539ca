import Type, { type Static } from 'typebox';
import { type Json, placesOf } from '../http/template.js';

const closed = { additionalProperties: false } as const;
const Url = Type.String({ pattern: '^https?://', description: 'may hold places such as {to}' });
const Path = Type.String({ description: 'where in the JSON, such as messages.0.id' });
const Words = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });

const Meaning = Type.Union([
  Type.Literal('refused'),
  Type.Literal('optedOut'),
  Type.Literal('tooFast'),
  Type.Literal('account'),
  Type.Literal('unknown'),
]);

const Request = {
  url: Url,
  method: Type.Optional(Type.String({ pattern: '^[A-Z]+$' })),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
};

/** How one gateway's requests are written and its answers read. */
export const HttpSmsConfig = Type.Object(
  {
    kind: Type.Literal('http'),
    from: Type.String({
      minLength: 1,
      description: 'the sender, as {from} and for how to opt out',
    }),
    send: Type.Object(
      {
        ...Request,
        json: Type.Optional(Type.Unknown({ description: 'the body as JSON; places are filled' })),
        form: Type.Optional(Type.Record(Type.String(), Type.String())),
        id: Path,
      },
      closed,
    ),
    errors: Type.Optional(
      Type.Object(
        {
          code: Type.Optional(Path),
          rules: Type.Array(
            Type.Object(
              {
                statuses: Type.Optional(Type.Array(Type.Integer({ minimum: 100, maximum: 599 }))),
                codes: Type.Optional(Words),
                means: Meaning,
              },
              closed,
            ),
            { description: 'the first that fits counts' },
          ),
        },
        closed,
      ),
    ),
    status: Type.Optional(
      Type.Object(
        {
          delivered: Words,
          failed: Words,
          accepted: Type.Optional(Words),
          optedOut: Type.Optional(Words),
        },
        { ...closed, description: 'its words for what became of a message; optedOut: error codes' },
      ),
    ),
    callback: Type.Optional(
      Type.Object(
        {
          id: Path,
          messageId: Type.Optional(Path),
          status: Path,
          error: Type.Optional(Path),
          list: Type.Optional(Path),
        },
        { ...closed, description: 'where what it reports stands' },
      ),
    ),
    inbound: Type.Optional(
      Type.Object({ from: Path, text: Path, list: Type.Optional(Path) }, closed),
    ),
    signature: Type.Optional(
      Type.Object(
        {
          header: Type.String({ minLength: 1 }),
          secret: Type.String({ minLength: 8 }),
          encoding: Type.Optional(Type.Union([Type.Literal('hex'), Type.Literal('base64')])),
          prefix: Type.Optional(Type.String()),
        },
        { ...closed, description: 'HMAC-SHA-256 of the body of what it reports' },
      ),
    ),
    token: Type.Optional(
      Type.String({ minLength: 16, description: 'as ?token= in the address it reports to' }),
    ),
    find: Type.Optional(
      Type.Object(
        {
          ...Request,
          id: Path,
          status: Path,
          isListComplete: Type.Optional(Type.Boolean()),
        },
        { ...closed, description: 'asks for a message by our {messageId}' },
      ),
    ),
    report: Type.Optional(
      Type.Object({ ...Request, status: Path, error: Type.Optional(Path) }, closed),
    ),
    check: Type.Optional(Type.Object(Request, closed)),
    timeout: Type.Optional(Type.String({ pattern: '^[0-9]+(ms|s)$' })),
    connections: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024 })),
    segmentsPerSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    region: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
  },
  closed,
);
export type HttpSmsConfig = Static<typeof HttpSmsConfig>;
export type HttpMeaning = Static<typeof Meaning>;

const MESSAGE_PLACES = [
  'messageId',
  'to',
  'toDigits',
  'text',
  'validitySeconds',
  'validityMinutes',
  'from',
  'callbackUrl',
];
const PLACES = { send: MESSAGE_PLACES, find: ['messageId', 'to', 'text'], report: ['gatewayId'] };

/** What the schema cannot say of a description. @param more places that its messages have besides */
export function checkHttpSms(
  config: HttpSmsConfig,
  more: readonly string[] = [],
): { readonly path: readonly string[]; readonly message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  for (const [part, places] of Object.entries(PLACES)) {
    const known = part === 'send' ? [...places, ...more] : places;
    const template = config[part as keyof typeof PLACES];
    for (const place of template === undefined ? [] : placesOf(template as Json)) {
      if (known.includes(place)) continue;
      const allowed = known.map((name) => `{${name}}`).join(', ');
      found.push({ path: [part], message: `has the place {${place}}, allowed: ${allowed}` });
    }
  }
  if (config.send.json !== undefined && config.send.form !== undefined) {
    found.push({ path: ['send', 'form'], message: 'stands beside json, allowed: one of the two' });
  }
  const reports = config.callback !== undefined || config.inbound !== undefined;
  if (reports && config.signature === undefined && config.token === undefined) {
    const path = [config.callback === undefined ? 'inbound' : 'callback'];
    found.push({
      path,
      message: 'is given without signature or token: anybody could report, allowed: one of them',
    });
  }
  return found;
}
