import Type, { type Static } from 'typebox';
import { Channel, NotificationKind } from './customer.js';

const closed = { additionalProperties: false } as const;
const Time = Type.String({ format: 'date-time' });
const Count = Type.Integer({ minimum: 0 });
const Money = Type.Number({ minimum: 0 });

const ByReason = Type.Object({ reason: Type.String(), people: Count }, closed);

/** People of one class who would get one text. */
const DryRunMessage = Type.Object(
  {
    channel: Channel,
    title: Type.Union([Type.String(), Type.Null()], {
      description: 'of a notification, or a mail’s subject',
    }),
    segment: Type.String(),
    language: Type.String({ description: 'of the person; the text may be in another' }),
    vulnerable: Type.Boolean(),
    service: Type.Union([Type.Literal('none'), Type.Literal('degraded')]),
    reach: Type.Union([Type.Literal('now'), Type.Literal('later')]),
    audience: Type.Union([Type.Literal('person'), Type.Literal('fleet')]),
    text: Type.String(),
    textLanguage: Type.String(),
    encoding: Type.Union([Type.Literal('GSM-7'), Type.Literal('UCS-2')]),
    segments: Type.Integer({ minimum: 1, description: 'of one message' }),
    price: Money,
    people: Count,
    firstAt: Time,
    lastAt: Time,
    sample: Type.Union([Type.String(), Type.Null()], { description: 'a masked number' }),
  },
  closed,
);
export type DryRunMessage = Static<typeof DryRunMessage>;

const Limit = Type.Object(
  {
    limit: Type.Union([Money, Type.Null()], { description: 'null: none' }),
    spent: Money,
    left: Type.Union([Money, Type.Null()], { description: 'after this wave; null: no limit' }),
  },
  closed,
);

/** Who would get what of a wave, when and at which cost, and who not and why; nothing is written. */
export const DryRun = Type.Object(
  {
    incidentId: Type.Union([Type.String(), Type.Null()], { description: 'null: one that is not' }),
    kind: NotificationKind,
    at: Time,
    wave: Type.Object(
      {
        state: Type.Union(
          [
            Type.Literal('expanding'),
            Type.Literal('expanded'),
            Type.Literal('awaitingApproval'),
            Type.Literal('held'),
            Type.Literal('cancelled'),
            Type.Literal('shadow'),
            Type.Literal('notDue'),
          ],
          { description: 'as it is, or as it would be decided now; notDue: not as things are' },
        ),
        reason: Type.String(),
        isDecided: Type.Boolean({ description: 'whether there is such a wave' }),
        people: Type.Number({ minimum: 0, description: 'expected number of affected people' }),
      },
      closed,
    ),
    assumes: Type.Array(Type.String(), { description: 'what is taken for granted' }),
    segmentsPerSecond: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
      description: 'of network time; null: no gateway says, all leaves at once',
    }),
    messages: Type.Array(DryRunMessage, { description: 'those that leave first before others' }),
    postponed: Type.Array(Type.Object({ until: Time, people: Count }, closed), {
      description: 'by quiet hours first; they are among the others too',
    }),
    waiting: Type.Array(ByReason, { description: 'for something that no clock brings' }),
    suppressed: Type.Array(ByReason, { description: 'decided when it could leave' }),
    leftOut: Type.Array(ByReason, { description: 'get no message at all' }),
    already: Type.Array(
      Type.Object(
        {
          state: Type.String(),
          reason: Type.Union([Type.String(), Type.Null()]),
          people: Count,
        },
        closed,
      ),
      { description: 'messages of this wave whose lot is cast' },
    ),
    totals: Type.Object(
      {
        messages: Count,
        segments: { ...Count, description: 'of SMS' },
        price: Money,
        suppressed: Count,
        waiting: Count,
        leftOut: Count,
        firstAt: Type.Union([Time, Type.Null()]),
        lastAt: Type.Union([Time, Type.Null()]),
      },
      closed,
    ),
    budget: Type.Object({ currency: Type.String(), perIncident: Limit, perMonth: Limit }, closed),
  },
  { ...closed, $id: 'dry-run' },
);
export type DryRun = Static<typeof DryRun>;

/** An incident that is not, to see beforehand who would be told what of it. */
export const SupposedIncident = Type.Object(
  {
    cells: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      minItems: 1,
      maxItems: 20_000,
      description: 'ids of cells in the inventory',
    }),
    degree: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 1, description: 'share of service lost; 1' }),
    ),
    causeKind: Type.Optional(
      Type.String({ maxLength: 40, description: 'kind of the cause, for limits by cause' }),
    ),
    repairAt: Type.Optional({ ...Time, description: 'when it should be repaired; not known' }),
    worksEndedAt: Type.Optional({
      ...Time,
      description: 'announced end, past, of planned works that take longer; no works',
    }),
  },
  closed,
);
export type SupposedIncident = Static<typeof SupposedIncident>;
