import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

const Smtp = Type.Object(
  {
    host: Type.String({ minLength: 1 }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'default 587' })),
    security: Type.Optional(
      Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], {
        description: 'default starttls; none sends in clear',
      }),
    ),
    user: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    from: Type.String({ pattern: '^[^\\s@<>]+@[^\\s@<>]+$' }),
  },
  closed,
);

const Recipient = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9_-]{1,40}$',
      description: 'shown, audited, and part of what was sent: keep it',
    }),
    email: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^\\s@<>]+@[^\\s@<>]+$' }), {
        minItems: 1,
        maxItems: 20,
      }),
    ),
    webhook: Type.Optional(Type.String({ pattern: '^(https?://\\S+|\\$\\{[A-Z0-9_]+\\}\\S*)$' })),
    secret: Type.Optional(
      Type.String({
        pattern: '^(.{16,}|.*\\$\\{[A-Z0-9_]+\\}.*)$',
        description: 'webhook: signs what is sent; at least 16 characters',
      }),
    ),
    language: Type.Optional(Type.Union([Type.Literal('en'), Type.Literal('fr')])),
    queues: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'default: all' }),
    ),
  },
  closed,
);

/** `desk` of the configuration: who hears of surges, and where forecasts are published. */
export const DeskConfig = Type.Object(
  {
    smtp: Type.Optional(Smtp),
    recipients: Type.Optional(Type.Array(Recipient)),
    forecastTopic: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._-]{1,249}$',
        description: 'Kafka topic that every forecast is written to; needs sources.kafka',
      }),
    ),
  },
  closed,
);
export type DeskConfig = Static<typeof DeskConfig>;
export type SmtpConfig = Static<typeof Smtp>;
export type DeskRecipient = Static<typeof Recipient>;

interface Complaint {
  readonly path: readonly string[];
  readonly message: string;
}

/** Keys of the configuration's desk that contradict each other; empty when all is well. */
export function checkDeskConfig(desk: DeskConfig, hasKafka: boolean): readonly Complaint[] {
  const { recipients = [] } = desk;
  const found = recipients.flatMap((each, at) => checkRecipient(desk, each, at));
  if (desk.forecastTopic !== undefined && !hasKafka) {
    found.push({
      path: ['desk', 'forecastTopic'],
      message: `was "${desk.forecastTopic}" without sources.kafka; allowed: with it, whose brokers are used`,
    });
  }
  const { smtp } = desk;
  if (smtp !== undefined && (smtp.user === undefined) !== (smtp.password === undefined)) {
    found.push({
      path: ['desk', 'smtp'],
      message: 'has one of user and password; allowed: both or none',
    });
  }
  return found;
}

function checkRecipient(desk: DeskConfig, recipient: DeskRecipient, at: number): Complaint[] {
  const { name, email, webhook, secret } = recipient;
  const complain = (key: string, message: string): Complaint => ({
    path: ['desk', 'recipients', String(at), key],
    message,
  });
  if ((desk.recipients ?? []).findIndex((other) => other.name === name) !== at) {
    return [
      complain('name', `was "${name}", which an entry before has; allowed: a name of its own`),
    ];
  }
  if ((email === undefined) === (webhook === undefined)) {
    return [
      complain(
        'name',
        `"${name}" has ${email ? 'both' : 'neither'}; allowed: either email or webhook`,
      ),
    ];
  }
  if (email !== undefined && desk.smtp === undefined) {
    return [complain('email', 'needs desk.smtp; allowed: with the server that sends it')];
  }
  if (webhook !== undefined && secret === undefined) {
    return [
      complain(
        'webhook',
        'needs secret; allowed: with at least 16 characters that sign what is sent',
      ),
    ];
  }
  return [];
}
