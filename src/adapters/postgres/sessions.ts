import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Session, SessionStore } from '../../api/ports.js';
import { TocsinError } from '../../domain/errors.js';
import { isRole, type Role } from '../../domain/role.js';
import { query, withTransaction } from './pool.js';

const LINK_MINUTES = 15;
const SESSION_HOURS = 12;

interface SessionRow {
  session_hash: Buffer;
  name: string;
  role: string;
  expires_at: Date;
}

/** Secrets have 256 random bits, so a plain hash is enough to store them by. */
function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function sessionOf(row: SessionRow): Session {
  if (!isRole(row.role)) throw new TocsinError('internal', `a session has the role ${row.role}`);
  return {
    id: row.session_hash.toString('hex').slice(0, 16),
    name: row.name,
    role: row.role,
    expiresAtMs: row.expires_at.getTime(),
  };
}

/**
 * Makes a link that signs one browser in, once, within 15 minutes.
 * @param name who it is for, as the audit log will show them
 * @returns the whole link; only its hash is stored
 */
export async function createSignInLink(
  pool: pg.Pool,
  baseUrl: string,
  role: Role,
  name: string = role,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await query(
    pool,
    `insert into sign_in_links (token_hash, name, role, expires_at)
     values ($1, $2, $3, now() + make_interval(mins => $4))`,
    [hashOf(token), name, role, LINK_MINUTES],
  );
  return `${baseUrl.replace(/\/$/, '')}/sign-in?token=${token}`;
}

/** Sessions that outlive restarts and are shared by instances. */
export function postgresSessions(pool: pg.Pool): SessionStore {
  return {
    async createLink(baseUrl, role, name) {
      const expiresAtMs = Date.now() + LINK_MINUTES * 60_000;
      return { link: await createSignInLink(pool, baseUrl, role, name), expiresAtMs };
    },
    redeem: (token) => redeem(pool, token),
    async find(secret) {
      const { rows } = await query<SessionRow>(
        pool,
        `select session_hash, name, role, expires_at from sessions
         where session_hash = $1 and expires_at > now()`,
        [hashOf(secret)],
      );
      return rows[0] && sessionOf(rows[0]);
    },
    async end(secret) {
      await query(pool, 'delete from sessions where session_hash = $1', [hashOf(secret)]);
    },
  };
}

/** The update takes the row's lock, so that of two browsers with one link only one gets in. */
async function redeem(
  pool: pg.Pool,
  token: string,
): Promise<{ secret: string; session: Session } | undefined> {
  const secret = randomBytes(32).toString('base64url');
  return withTransaction(pool, async (client) => {
    const used = await client.query<{ name: string; role: string }>(
      `update sign_in_links set used_at = now()
       where token_hash = $1 and used_at is null and expires_at > now() returning name, role`,
      [hashOf(token)],
    );
    const link = used.rows[0];
    if (link === undefined) return undefined;
    await client.query('delete from sessions where expires_at < now()');
    await client.query("delete from sign_in_links where expires_at < now() - interval '1 day'");
    const { rows } = await client.query<SessionRow>(
      `insert into sessions (session_hash, name, role, expires_at)
       values ($1, $2, $3, now() + make_interval(hours => $4))
       returning session_hash, name, role, expires_at`,
      [hashOf(secret), link.name, link.role, SESSION_HOURS],
    );
    return rows[0] && { secret, session: sessionOf(rows[0]) };
  });
}
