import Type, { type Static } from 'typebox';
import { AgentAnswer } from '../domain/agent-answer.js';
import { MessageState, SubscriptionKind } from '../domain/customer.js';
import { RepairSource } from '../domain/repair.js';
import { ReachChannel, ServiceStates } from '../domain/services.js';
import { Nullable, Time } from './schemas.js';

/** How sure it is that somebody is affected; `no` means that nothing is known that affects them. */
export const Affected = Type.Union([
  Type.Literal('yes'),
  Type.Literal('probably'),
  Type.Literal('no'),
]);
export type Affected = Static<typeof Affected>;

const Service = Type.Union([Type.Literal('none'), Type.Literal('degraded')]);

/** Why a number gets no text. */
export const NoText = Type.Union(
  [
    Type.Literal('optedOut'),
    Type.Literal('machine'),
    Type.Literal('managerIsTold'),
    Type.Literal('partner'),
    Type.Literal('noNumber'),
  ],
  {
    description:
      'optedOut: they asked for none; machine: no person reads it; managerIsTold: a line of an account whose manager is told in its place; partner: the customer of another brand, which is told itself; noNumber: no number of their own to write to',
  },
);
export type NoText = Static<typeof NoText>;

const Work = Type.Object({
  workId: Type.String(),
  startsAt: Time,
  endsAt: Time,
  description: Nullable(Type.String()),
  isOn: Type.Boolean({ description: 'it has begun' }),
});

const Sight = Type.Object(
  {
    state: Type.Union([Type.Literal('clear'), Type.Literal('partly'), Type.Literal('none')]),
    since: Nullable(Time),
  },
  {
    description:
      'whether measurements of their places come in; with partly or none, "no" means only that nothing is known',
  },
);

const Lines = Type.Object(
  {
    total: Type.Integer({ description: 'lines that have this number as their contact' }),
    lookedAt: Type.Integer({ description: 'the first of them, at most 2000' }),
    yes: Type.Integer(),
    probably: Type.Integer(),
    affected: Type.Array(
      Type.Object({
        subscriberId: Type.Integer(),
        line: Nullable(Type.String({ description: 'its number or card, masked' })),
        kind: SubscriptionKind,
        affected: Affected,
        service: Service,
      }),
      { description: 'the most probably affected first, at most 50' },
    ),
  },
  { description: 'a fleet manager’s lines' },
);

/** What the network does to the person behind a number, and what an agent says. */
export const SubscriberNetwork = Type.Object({
  subscriberId: Type.Integer(),
  kind: SubscriptionKind,
  brand: Type.String(),
  isPartner: Type.Boolean({ description: 'customer of an MVNO or partner with its own help desk' }),
  noText: Nullable(NoText),
  affected: Affected,
  probability: Type.Number({ minimum: 0, maximum: 1 }),
  reason: Type.String({ description: 'why we think so' }),
  service: Nullable(Service),
  services: Nullable({
    ...ServiceStates,
    description: 'how calls, data and texts are, if they are affected; null when nothing is known',
  }),
  reach: {
    ...ReachChannel,
    description:
      'how this line can be told now: a text arrives (sms), e-mail or push (data), a call or the voice menu (voice), or nothing before service is back or they use another line (whenBack)',
  },
  since: Nullable(Time),
  incidentId: Nullable(Type.String()),
  cause: Nullable(Type.String({ description: 'in plain words' })),
  estimatedRepairAt: Nullable(Time),
  repairSaidBy: Nullable({
    ...RepairSource,
    description: 'who says estimatedRepairAt; null when no time is good enough to be said',
  }),
  sentence: Type.String({ description: 'what the agent can say' }),
  validUntil: Time,
  told: Type.Array(
    Type.Object({
      kind: Type.String(),
      state: MessageState,
      at: Time,
      reason: Nullable(Type.String()),
    }),
    { description: 'messages about current and recent incidents, newest first' },
  ),
  recent: Type.Array(
    Type.Object({
      incidentId: Type.String(),
      startedAt: Time,
      endedAt: Nullable(Time),
      cause: Type.String(),
      wasAffected: Type.Boolean({ description: 'they were listed as affected themselves' }),
    }),
    { description: 'incidents at their places in the last 90 days, newest first' },
  ),
  recurring: Type.Object(
    {
      incidents: Type.Integer({ description: 'at their places in the last 30 days' }),
      isRecurring: Type.Boolean({ description: 'at least recurringFrom of rules/crm.yaml' }),
    },
    { description: 'whether problems come again and again in their area' },
  ),
  works: Type.Array(Work, {
    description: 'planned works on what serves their places, on now or within a day',
  }),
  sight: Sight,
  lines: Nullable(Lines),
  answers: Type.Array(
    Type.Object({
      actId: Type.String({ description: 'names it when it is to be undone' }),
      answer: AgentAnswer,
      at: Time,
    }),
    { description: 'what they told agents in the last 24 hours and was not undone, newest first' },
  ),
});
export type SubscriberNetwork = Static<typeof SubscriberNetwork>;
