import Type, { type Static } from 'typebox';
import { ChannelOrder } from './policy-channels.js';

const closed = { additionalProperties: false } as const;
const TimeOfDay = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

/** Hours of a person's local day; `from` after `to` spans midnight. */
export const QuietHours = Type.Object({ from: TimeOfDay, to: TimeOfDay }, closed);
export type QuietHours = Static<typeof QuietHours>;

/** Why somebody is written to in quiet hours all the same. */
export const QuietException = Type.Union([
  Type.Literal('emergencyCalling', { description: 'the incident takes emergency calling away' }),
  Type.Literal('vulnerable', { description: 'the person is marked as vulnerable' }),
]);
export type QuietException = Static<typeof QuietException>;

/** Quiet hours of a kind of message, with those of segments that differ. */
export const QuietPolicy = Type.Object(
  {
    ...QuietHours.properties,
    except: Type.Optional(Type.Array(QuietException, { uniqueItems: true })),
    segments: Type.Optional(
      Type.Record(Type.String(), Type.Union([QuietHours, Type.Null()]), {
        description: 'segment to its own hours; null: it may come at any hour',
      }),
    ),
  },
  closed,
);
export type QuietPolicy = Static<typeof QuietPolicy>;

const Ground = Type.Union([Type.String({ minLength: 3, maxLength: 200 }), Type.Null()]);

/** What allows something, for everybody and for segments that differ; null: nothing does. */
export const LegalBasis = Type.Object(
  { default: Ground, segments: Type.Optional(Type.Record(Type.String(), Ground)) },
  closed,
);
export type LegalBasis = Static<typeof LegalBasis>;

const common = {
  enabled: Type.Boolean(),
  quietHours: Type.Union([QuietPolicy, Type.Null()], {
    description: 'local hours in which it is held back; null: it may come at any hour',
  }),
  validMinutes: Type.Number({
    minimum: 1,
    description:
      'how long it stays worth sending; ends sooner when it should be repaired at the latest',
  }),
  minRemainingMinutes: Type.Number({
    minimum: 0,
    description: 'with less than this left it is not sent any more',
  }),
  legalBasis: LegalBasis,
  channels: Type.Optional({
    ...ChannelOrder,
    description: 'by which it may be told; left out: by all; whose turn it is the person decides',
  }),
};

/** What every kind of message has. */
export const KindPolicy = Type.Object(common, closed);
export type KindPolicy = Static<typeof KindPolicy>;

/** A kind whose people are found by where they are. */
export const PlacedKindPolicy = Type.Object({ ...common, locationBasis: LegalBasis }, closed);
export type PlacedKindPolicy = Static<typeof PlacedKindPolicy>;

/** A new estimate, to those who were told another. */
export const UpdatePolicy = Type.Object(
  {
    ...common,
    minShiftMinutes: Type.Number({ minimum: 1, description: 'how far it must have moved' }),
    minGapMinutes: Type.Number({ minimum: 0, description: 'since the last one' }),
    maxPerIncident: Type.Integer({ minimum: 1, maximum: 20 }),
  },
  closed,
);
export type UpdatePolicy = Static<typeof UpdatePolicy>;

/** Planned works, ahead of them. */
export const WorksPolicy = Type.Object(
  {
    ...common,
    locationBasis: LegalBasis,
    aheadHours: Type.Number({
      minimum: 1,
      maximum: 720,
      description: 'how long before they begin',
    }),
    minAheadHours: Type.Number({
      minimum: 0,
      description: 'with less than this left nobody is told',
    }),
  },
  closed,
);
export type WorksPolicy = Static<typeof WorksPolicy>;
