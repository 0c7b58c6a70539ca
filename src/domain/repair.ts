import Type, { type Static } from 'typebox';

/** Who says when service will be back: people first, then the past, then the rules. */
export const RepairSource = Type.Union([
  Type.Literal('ticket'),
  Type.Literal('operator'),
  Type.Literal('model'),
  Type.Literal('rule'),
]);
export type RepairSource = Static<typeof RepairSource>;

const Time = Type.String({ format: 'date-time' });

const saidBy = Type.Optional(Type.String({ description: 'who said so' }));
const ticketId = Type.Optional(Type.String({ description: 'the ticket that says so' }));

/** A time to repair that a ticket or a person gave. */
export const RepairWord = Type.Object(
  {
    source: Type.Union([Type.Literal('ticket'), Type.Literal('operator')]),
    at: Time,
    asOf: Type.String({ format: 'date-time', description: 'when it was said' }),
    saidBy,
    ticketId,
  },
  { additionalProperties: false },
);
export type RepairWord = Static<typeof RepairWord>;

/** When service is expected back and on what ground. */
export const Repair = Type.Object(
  {
    source: RepairSource,
    at: Time,
    low: Type.Union([Time, Type.Null()], { description: 'null where one time was given' }),
    high: Type.Union([Time, Type.Null()]),
    asOf: Type.String({ format: 'date-time', description: 'when that was said or worked out' }),
    saidBy,
    ticketId,
    basedOn: Type.Integer({ minimum: 0, description: 'past incidents the model learnt from' }),
  },
  { additionalProperties: false },
);
export type Repair = Static<typeof Repair>;

/** What there is of an expected repair: the time, and the ground of it when that is known. */
export interface ExpectedRepair {
  readonly estimatedRepairAt: string | null;
  readonly repair?: Repair | undefined;
}

/** How far apart the ends of the band are, ms; 0 where one time was given. */
export function repairBandMs(repair: Repair | null | undefined): number {
  if (!repair || repair.low === null || repair.high === null) return 0;
  return Date.parse(repair.high) - Date.parse(repair.low);
}

/** By when it should be over if the estimate is any good: the band's end, else the time; epoch ms. */
export function latestRepairMs({ estimatedRepairAt, repair }: ExpectedRepair): number | null {
  const latest = repair?.high ?? estimatedRepairAt;
  return latest === null ? null : Date.parse(latest);
}
