import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSignInLink } from '../../src/adapters/postgres/sessions.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';

let db: TestDatabase;
let server: TestServer;
beforeAll(async () => {
  db = await testDatabase();
  server = await testServer(db.pool);
});
afterAll(async () => {
  await server?.app.close();
  await db?.close();
});

async function newLink(): Promise<string> {
  const link = await createSignInLink(db.pool, PUBLIC_URL, 'operator', 'Ada');
  return link.slice(PUBLIC_URL.length);
}

describe('links for others', () => {
  const make = (cookie: string, payload: object) =>
    server.app.inject({
      method: 'POST',
      url: '/api/v1/sign-in-links',
      headers: { cookie, origin: PUBLIC_URL },
      payload,
    });

  it('are made by an admin, audited, and sign that person in with that role', async () => {
    const reply = await make(await server.signIn('admin'), { role: 'agent', name: 'Zoé' });
    expect(reply.statusCode).toBe(201);
    const { link, expiresAt } = reply.json();
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
    const signedIn = await server.app.inject(link.slice(PUBLIC_URL.length));
    const { name, value } = signedIn.cookies[0] ?? { name: '', value: '' };
    const me = await server.app.inject({ url: '/api/v1/me', cookies: { [name]: value } });
    expect(me.json()).toMatchObject({ name: 'Zoé', role: 'agent' });
    const { rows } = await db.pool.query(
      `select actor, target, detail from audit_log where action = 'signInLink'`,
    );
    expect(rows).toEqual([
      { actor: 'admin of the tests', target: 'Zoé', detail: { role: 'agent' } },
    ]);
  });

  it('are refused to others, and for a role or name that is none', async () => {
    const good = { role: 'agent', name: 'Zoé' };
    expect((await make(await server.signIn('operator'), good)).statusCode).toBe(403);
    const admin = await server.signIn('admin');
    expect((await make(admin, { ...good, role: 'root' })).statusCode).toBe(400);
    expect((await make(admin, { ...good, name: '  ' })).statusCode).toBe(400);
  });
});

describe('a sign-in link', () => {
  it('starts a session in a cookie that scripts and other sites cannot use', async () => {
    const reply = await server.app.inject(await newLink());
    expect(reply.statusCode).toBe(303);
    expect(reply.headers.location).toBe('/');
    expect(reply.cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    const { name, value } = reply.cookies[0] ?? { name: '', value: '' };
    const me = await server.app.inject({ url: '/api/v1/me', cookies: { [name]: value } });
    expect(me.json()).toMatchObject({ name: 'Ada', role: 'operator' });
  });

  it('works once', async () => {
    const link = await newLink();
    const both = await Promise.all([server.app.inject(link), server.app.inject(link)]);
    expect(both.flatMap((reply) => reply.cookies)).toHaveLength(1);
    const again = await server.app.inject(link);
    expect(again.headers.location).toBe('/?signin=expired');
    expect(again.cookies).toEqual([]);
  });

  it('is not used up by a HEAD request, as link previews make it', async () => {
    const link = await newLink();
    expect((await server.app.inject({ method: 'HEAD', url: link })).statusCode).toBe(404);
    expect((await server.app.inject(link)).cookies).toHaveLength(1);
  });

  it('is refused when it has expired or was never made', async () => {
    const link = await newLink();
    await db.pool.query("update sign_in_links set expires_at = now() - interval '1 second'");
    expect((await server.app.inject(link)).cookies).toEqual([]);
    expect((await server.app.inject('/sign-in?token=made-up')).cookies).toEqual([]);
  });

  it('and its session are stored as hashes only', async () => {
    const link = await newLink();
    const token = new URL(link, PUBLIC_URL).searchParams.get('token') ?? '';
    const cookie = (await server.app.inject(link)).cookies[0]?.value ?? '';
    const { rows } = await db.pool.query(
      'select row_to_json(s)::text t from sessions s union all select row_to_json(l)::text from sign_in_links l',
    );
    const stored = JSON.stringify(rows);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(cookie);
  });

  it('can be tried twenty times a minute from one address', async () => {
    const own = await testServer(db.pool);
    const tries = [];
    for (let i = 0; i < 21; i++) tries.push(await own.app.inject('/sign-in?token=guess'));
    expect(tries.map((reply) => reply.statusCode)).toEqual([...Array(20).fill(303), 429]);
    expect(tries.at(-1)?.json()).toEqual({ code: 'overloaded', message: expect.any(String) });
    await own.app.close();
  });
});

describe('a session', () => {
  it('ends with sign-out, for every request after it', async () => {
    const cookie = await server.signIn('viewer');
    const out = await server.app.inject({
      method: 'DELETE',
      url: '/api/v1/session',
      headers: { cookie, origin: PUBLIC_URL },
    });
    expect(out.statusCode).toBe(204);
    const after = await server.app.inject({ url: '/api/v1/me', headers: { cookie } });
    expect(after.statusCode).toBe(401);
  });

  it('ends when it expires', async () => {
    const cookie = await server.signIn('viewer');
    await db.pool.query("update sessions set expires_at = now() - interval '1 second'");
    const after = await server.app.inject({ url: '/api/v1/me', headers: { cookie } });
    expect(after.statusCode).toBe(401);
  });

  it('over https has a cookie bound to the host', async () => {
    const own = await testServer(db.pool, { publicUrl: 'https://tocsin.test' });
    const link = await createSignInLink(db.pool, 'https://tocsin.test', 'viewer');
    const reply = await own.app.inject(link.slice('https://tocsin.test'.length));
    expect(reply.cookies[0]).toMatchObject({ name: '__Host-tocsin', secure: true });
    expect(reply.headers['strict-transport-security']).toBeDefined();
    await own.app.close();
  });
});
