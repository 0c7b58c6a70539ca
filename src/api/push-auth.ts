import { createHash, timingSafeEqual } from 'node:crypto';
import { TocsinError } from '../domain/errors.js';

/**
 * Makes the check of a push's `Authorization` header: `Token X` as InfluxDB 2 has it, or `Bearer X`.
 * Digests are compared in constant time, so that an answer's delay tells nothing of a token.
 * @returns throws TocsinError `auth.missing` unless one of `tokens` was sent
 */
export function tokenCheck(
  tokens: readonly string[],
  key = 'server.writeTokens',
): (header: string | undefined) => void {
  const digests = tokens.map(digest);
  return (header) => {
    const [, sent] = /^(?:Token|Bearer) +(\S+) *$/i.exec(header ?? '') ?? [];
    const given = digest(sent ?? '');
    let isKnown = false;
    for (const known of digests) if (timingSafeEqual(known, given)) isKnown = true;
    if (sent !== undefined && isKnown) return;
    throw new TocsinError(
      'auth.missing',
      tokens.length === 0
        ? `unauthorized access: no token is configured (${key})`
        : 'unauthorized access',
    );
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
