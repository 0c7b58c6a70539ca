import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveHub, type LiveSink } from '../../src/api/live-hub.js';
import { type TestDatabase, testDatabase } from '../services/postgres.js';
import { PUBLIC_URL, type TestServer, testServer } from './test-server.js';

const AT = '2026-03-10T14:20:00.000Z';
const event = (id: string) => ({ type: 'incident' as const, id, at: AT });

/** A client in memory that takes `patience` chunks before it counts as too slow. */
function sink(patience = Number.POSITIVE_INFINITY) {
  const chunks: string[] = [];
  let ended = false;
  const client: LiveSink = {
    write: (chunk) => {
      chunks.push(chunk);
      return chunks.length <= patience;
    },
    end: () => {
      ended = true;
    },
  };
  return { client, text: () => chunks.join(''), isEnded: () => ended };
}

describe('the live hub', () => {
  it('tells every client what changed, in order, with ids', () => {
    const hub = new LiveHub('run');
    const [a, b] = [sink(), sink()];
    hub.join(a.client, 's1');
    hub.join(b.client, 's2');
    hub.publish(event('i1'));
    hub.publish(event('i2'));
    expect(a.text()).toBe(b.text());
    expect(a.text()).toMatch(/id: run-1\nevent: incident\n.*i1.*\n\nid: run-2\n/s);
  });

  it('sends one who comes back only what they missed', () => {
    const hub = new LiveHub('run');
    for (const id of ['i1', 'i2', 'i3']) hub.publish(event(id));
    const back = sink();
    hub.join(back.client, 's', 'run-1');
    expect(back.text()).not.toContain('i1"');
    expect(back.text()).toMatch(/i2.*i3/s);
  });

  it.each(['run-1', 'other-5'])('says reset when what was missed is not known after %s', (last) => {
    const hub = new LiveHub('run', { keep: 2 });
    for (const id of ['i1', 'i2', 'i3', 'i4']) hub.publish(event(id));
    const back = sink();
    hub.join(back.client, 's', last);
    expect(back.text()).toContain('event: reset');
  });

  it('lets go of a client that reads too slowly, and of nobody else', () => {
    const hub = new LiveHub('run');
    const [slow, quick] = [sink(2), sink()];
    hub.join(slow.client, 's1');
    hub.join(quick.client, 's2');
    for (let i = 0; i < 5; i++) hub.publish(event(`i${i}`));
    expect([slow.isEnded(), quick.isEnded(), hub.clients]).toEqual([true, false, 1]);
  });

  it('ends the feeds of one session, and all at shutdown', () => {
    const hub = new LiveHub('run');
    const [a, b] = [sink(), sink()];
    hub.join(a.client, 's1');
    hub.join(b.client, 's2');
    hub.endSession('s1');
    expect([a.isEnded(), b.isEnded()]).toEqual([true, false]);
    hub.close();
    expect([b.isEnded(), hub.clients]).toEqual([true, 0]);
  });
});

describe('the live route', () => {
  let db: TestDatabase;
  let server: TestServer;
  let base: string;
  beforeAll(async () => {
    db = await testDatabase();
    server = await testServer(db.pool);
    await server.app.listen({ host: '127.0.0.1', port: 0 });
    base = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await server?.app.close();
    await db?.close();
  });

  /** Opens the feed. @returns a reader that waits until the text so far matches */
  async function open(cookie: string) {
    const reply = await fetch(`${base}/api/v1/live`, { headers: { cookie } });
    const reader = reply.body?.getReader();
    let text = '';
    const until = async (pattern: RegExp): Promise<string> => {
      while (!pattern.test(text)) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) return text;
        text += new TextDecoder().decode(value);
      }
      return text;
    };
    return { reply, until, end: () => until(/never/) };
  }

  it('streams events with the security headers of every answer', async () => {
    const feed = await open(await server.signIn('viewer'));
    expect(feed.reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(feed.reply.headers.get('content-security-policy')).toContain("default-src 'none'");
    await feed.until(/hello/);
    server.live.publish(event('inc_fibre'));
    expect(await feed.until(/inc_fibre/)).toMatch(/event: time\ndata: \{"now":\d+\}/);
    server.live.close();
    await feed.end();
  });

  it('ends with the session', async () => {
    const cookie = await server.signIn('viewer');
    const feed = await open(cookie);
    await feed.until(/hello/);
    await fetch(`${base}/api/v1/session`, {
      method: 'DELETE',
      headers: { cookie, origin: PUBLIC_URL },
    });
    await feed.end();
    expect(server.live.clients).toBe(0);
  });

  it('turns people away beyond its limit', async () => {
    const own = await testServer(db.pool, { live: new LiveHub('x', { maxClients: 0 }) });
    const cookie = await own.signIn('viewer');
    const reply = await own.app.inject({ url: '/api/v1/live', headers: { cookie } });
    expect(reply.statusCode).toBe(503);
    await own.app.close();
  });

  it('does not keep the server from closing', async () => {
    const own = await testServer(db.pool);
    const cookie = await own.signIn('viewer');
    await own.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = own.app.server.address() as AddressInfo;
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/live`, { headers: { cookie } });
    await own.app.close();
    await expect(reply.text()).resolves.toContain('hello');
  });
});
