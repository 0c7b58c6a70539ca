import Type, { type Static } from 'typebox';
import { Severity } from '../../domain/incident.js';

const closed = { additionalProperties: false } as const;
const Address = Type.String({ pattern: '^[^\\s@<>]+@[^\\s@<>]+$' });

const Partner = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' }),
    brands: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { uniqueItems: true }),
    networks: Type.Optional(
      Type.Array(Type.String({ pattern: '^[0-9]{5,6}$' }), { uniqueItems: true }),
    ),
    from: Type.Object(
      {
        lines: Type.Integer({ minimum: 1, maximum: 100_000_000 }),
        severity: Type.Optional(Severity),
      },
      closed,
    ),
    language: Type.Optional(Type.Union([Type.Literal('en'), Type.Literal('fr')])),
    email: Type.Optional(Type.Array(Address, { minItems: 1, maxItems: 20 })),
    webhook: Type.Optional(Type.String({ pattern: '^(https?://\\S+|\\$\\{[A-Z0-9_]+\\}\\S*)$' })),
    secret: Type.Optional(Type.String({ pattern: '^(.{16,}|.*\\$\\{[A-Z0-9_]+\\}.*)$' })),
    token: Type.Optional(Type.String({ pattern: '^(\\S{8,}|.*\\$\\{[A-Z0-9_]+\\}.*)$' })),
    topic: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9._-]{1,249}$' })),
  },
  closed,
);
export type Partner = Static<typeof Partner>;

/** `rules/partners.yaml`; the meaning of each key stands beside it there. */
export const PartnerRules = Type.Object(
  {
    version: Type.Literal(1),
    fewestTold: Type.Integer({ minimum: 2, maximum: 1000 }),
    change: Type.Object(
      {
        linesShare: Type.Number({ minimum: 0.05, maximum: 10 }),
        repairMinutes: Type.Integer({ minimum: 5, maximum: 1440 }),
        leastMinutes: Type.Integer({ minimum: 0, maximum: 1440 }),
      },
      closed,
    ),
    partners: Type.Array(Partner, { maxItems: 200 }),
  },
  { ...closed, $id: 'partner-rules' },
);
export type PartnerRules = Static<typeof PartnerRules>;

/** A way to reach a partner. */
export const PARTNER_CHANNELS = ['email', 'webhook', 'topic'] as const;
export type PartnerChannel = (typeof PARTNER_CHANNELS)[number];

/** The ways that a partner is told by, in the order of `PARTNER_CHANNELS`. */
export function channelsOf(partner: Partner): PartnerChannel[] {
  return PARTNER_CHANNELS.filter((channel) => partner[channel] !== undefined);
}

/** What a partner's channel goes by in deliveries, acknowledgements and the audit log. */
export function partnerRecipient(partner: Pick<Partner, 'name'>, channel: PartnerChannel): string {
  return `partner ${partner.name} (${channel})`;
}

interface Complaint {
  readonly path: readonly string[];
  readonly message: string;
}

/** Keys that contradict each other; empty when all is well. */
export function checkPartnerRules({ partners }: PartnerRules): readonly Complaint[] {
  return partners.flatMap((partner, at) => {
    const complain = (key: string, message: string): Complaint => ({
      path: ['partners', String(at), key],
      message,
    });
    const { name, brands, networks = [], webhook, secret, token } = partner;
    if (partners.findIndex((other) => other.name === name) !== at) {
      return [
        complain('name', `was "${name}", which an entry before has; allowed: a name of its own`),
      ];
    }
    if (brands.length + networks.length === 0) {
      return [complain('brands', 'is empty; allowed: at least one brand, or one of networks')];
    }
    if (channelsOf(partner).length === 0) {
      return [
        complain(
          'name',
          `"${name}" is reached by nothing; allowed: email, webhook or topic, or several`,
        ),
      ];
    }
    if (webhook === undefined) {
      return (['secret', 'token'] as const)
        .filter((key) => partner[key] !== undefined)
        .map((key) => complain(key, 'is for a webhook; allowed: with webhook'));
    }
    if (secret !== undefined || token !== undefined) return [];
    return [
      complain(
        'webhook',
        'needs secret, which signs what is sent, or token, which is sent as a bearer token; allowed: one of them or both',
      ),
    ];
  });
}
