import { IntlMessageFormat } from 'intl-messageformat';
import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1, maxLength: 500 });

const IvrTexts = Type.Object({ none: Text, degraded: Text, until: Text, restored: Text }, closed);

/** `rules/desk.yaml`; the meaning of each key stands beside it there. */
export const DeskRules = Type.Object(
  {
    version: Type.Literal(1),
    surge: Type.Object(
      {
        lookAheadHours: Type.Number({ minimum: 0.25, maximum: 24 }),
        leastCalls: Type.Number({ minimum: 1, maximum: 1_000_000 }),
        raiseShare: Type.Number({ minimum: 0.01, maximum: 100 }),
        clearShare: Type.Number({ minimum: 0, maximum: 100 }),
        clearMinutes: Type.Number({ minimum: 0, maximum: 1440 }),
      },
      closed,
    ),
    delivery: Type.Object({ giveUpMinutes: Type.Number({ minimum: 1, maximum: 2880 }) }, closed),
    ivr: Type.Object(
      {
        validMinutes: Type.Number({ minimum: 1, maximum: 240 }),
        texts: Type.Record(Type.String({ pattern: '^[a-z]{2}$' }), IvrTexts, closed),
      },
      closed,
    ),
    record: Type.Object({ keepDays: Type.Integer({ minimum: 1, maximum: 3650 }) }, closed),
  },
  { ...closed, $id: 'desk-rules' },
);
export type DeskRules = Static<typeof DeskRules>;

interface Complaint {
  readonly path: readonly string[];
  readonly message: string;
}

const PLACEHOLDERS = { place: 'Quimper', time: '14:30' };

/** Keys that contradict each other, and texts that cannot be said; empty when all is well. */
export function checkDeskRules({ surge, ivr }: DeskRules): readonly Complaint[] {
  const found: Complaint[] = [];
  if (surge.clearShare >= surge.raiseShare) {
    found.push({
      path: ['surge', 'clearShare'],
      message: `was ${surge.clearShare}, allowed: less than surge.raiseShare (${surge.raiseShare}), so that an alert does not flap`,
    });
  }
  if (Object.keys(ivr.texts).length === 0) {
    found.push({ path: ['ivr', 'texts'], message: 'has no language, allowed: at least one' });
  }
  for (const [language, texts] of Object.entries(ivr.texts)) {
    for (const [name, text] of Object.entries(texts)) {
      const problem = textProblem(text, language);
      if (problem !== undefined) {
        found.push({ path: ['ivr', 'texts', language, name], message: problem });
      }
    }
  }
  return found;
}

function textProblem(text: string, language: string): string | undefined {
  try {
    new IntlMessageFormat(text, language).format(PLACEHOLDERS);
    return undefined;
  } catch (error) {
    return `cannot be read as a text: ${(error as Error).message.split('\n')[0]}; allowed placeholders: {place}, {time}`;
  }
}
