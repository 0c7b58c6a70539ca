import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** `onCall` of the configuration: who is asked to approve a wave, in this order. */
export const OnCallConfig = Type.Array(
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 60, description: 'stands in the audit log' }),
      email: Type.Optional(
        Type.Array(Type.String({ pattern: '^[^\\s@<>]+@[^\\s@<>]+$' }), {
          minItems: 1,
          maxItems: 20,
          description: 'sent through desk.smtp',
        }),
      ),
      webhook: Type.Optional(Type.String({ pattern: '^(https?://\\S+|\\$\\{[A-Z0-9_]+\\}\\S*)$' })),
      secret: Type.Optional(
        Type.String({
          pattern: '^(.{16,}|.*\\$\\{[A-Z0-9_]+\\}.*)$',
          description: 'webhook: signs what is sent; at least 16 characters',
        }),
      ),
    },
    closed,
  ),
  { maxItems: 20 },
);
export type OnCallConfig = Static<typeof OnCallConfig>;

/** Entries that cannot be reached as they stand; empty when all is well. */
export function checkOnCall(
  onCall: OnCallConfig,
  hasSmtp: boolean,
): { path: string[]; message: string }[] {
  return onCall.flatMap(({ name, email, webhook, secret }, n) => {
    const path = ['onCall', String(n)];
    if ((email === undefined) === (webhook === undefined)) {
      const has = email === undefined ? 'neither' : 'both';
      return [{ path, message: `"${name}" has ${has}; allowed: either email or webhook` }];
    }
    if (email !== undefined && !hasSmtp) {
      return [
        {
          path: [...path, 'email'],
          message: 'needs desk.smtp; allowed: with the server that sends it',
        },
      ];
    }
    if (webhook !== undefined && secret === undefined) {
      const message = 'needs secret; allowed: with at least 16 characters that sign what is sent';
      return [{ path: [...path, 'webhook'], message }];
    }
    return [];
  });
}
