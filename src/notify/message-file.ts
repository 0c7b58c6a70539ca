import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const Icu = Type.String({ minLength: 1, description: 'ICU message' });

const Words = Type.Array(Type.String({ minLength: 2, maxLength: 30 }), { uniqueItems: true });

/** Of a channel beside SMS: texts that it has of its own; the others are those of the SMS. */
const ChannelTexts = Type.Object(
  {
    title: { ...Icu, description: 'ICU message: title of a notification, subject of a mail' },
    onset: Type.Optional(Icu),
    update: Type.Optional(Icu),
    restored: Type.Optional(Icu),
    works: Type.Optional(Icu),
    overrun: Type.Optional(Icu),
    short: Type.Optional(Icu),
  },
  closed,
);

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
    push: Type.Optional(ChannelTexts),
    email: Type.Optional(ChannelTexts),
    replies: Type.Optional(
      Type.Object(
        {
          out: { ...Words, description: 'words by which somebody opts out' },
          in: {
            ...Words,
            description: 'words by which somebody who opted out is written to again',
          },
          help: { ...Words, description: 'words that ask who is writing and how to stop it' },
          helpText: { ...Icu, description: 'ICU message: what is answered to those' },
        },
        { ...closed, description: 'what subscribers of this language reply' },
      ),
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
