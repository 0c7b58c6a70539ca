import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Icu = Type.String({ minLength: 1, description: 'ICU message' });

/** `rules/messages/LANGUAGE.yaml`: every text of one language. */
export const MessageFile = Type.Object(
  {
    version: Type.Literal(1),
    language: Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]+)*$', description: 'BCP 47' }),
    time: Type.String({ description: 'Luxon format of a time today' }),
    dayTime: Type.String({ description: 'Luxon format of a time on another day' }),
    sms: Type.Object(
      { onset: Icu, update: Icu, restored: Icu, works: Icu, overrun: Icu, short: Icu },
      closed,
    ),
    agent: Type.Object(
      {
        affected: Icu,
        notAffected: Icu,
        stillDown: Icu,
        works: Icu,
        unseen: Icu,
        reasons: Type.Object(
          {
            seen: Icu,
            usual: Icu,
            home: Icu,
            around: Icu,
            none: Icu,
            unseen: Icu,
            notAffected: Icu,
            stillDown: Icu,
          },
          closed,
        ),
      },
      closed,
    ),
    causes: Type.Record(Type.String(), Type.String(), {
      description: 'kind of cause to plain words; `unknown` must be there',
    }),
  },
  { ...closed, $id: 'message-file' },
);
export type MessageFile = Static<typeof MessageFile>;
