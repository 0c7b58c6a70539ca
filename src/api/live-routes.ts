import type { ServerResponse } from 'node:http';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { cookieName } from './auth.js';
import type { ApiDeps } from './deps.js';
import type { LiveSink } from './live-hub.js';
import type { Session } from './ports.js';
import { Problem } from './schemas.js';

const HEARTBEAT_MS = 10_000;
const BUFFER_LIMIT_BYTES = 1 << 20;

/** Server-sent events: what changed, so that pages fetch it anew. */
export function liveRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  const cookie = cookieName(deps.publicUrl);
  return async (app) => {
    const beat = setInterval(() => deps.live.heartbeat(deps.networkNow()), HEARTBEAT_MS);
    beat.unref();
    app.addHook('preClose', async () => {
      clearInterval(beat);
      deps.live.close();
    });

    app.get(
      '/api/v1/live',
      {
        exposeHeadRoute: false,
        config: { role: 'viewer' },
        schema: {
          description:
            'Events incident, messages, forecast, gap, settings, health, tick, time, reset.',
          headers: Type.Object({
            'last-event-id': Type.Optional(Type.String({ maxLength: 200 })),
          }),
          response: {
            200: { content: { 'text/event-stream': { schema: Type.String() } } },
            '4xx': Problem,
          },
        },
      },
      async (request, reply) => {
        const { session } = request;
        const secret = request.cookies[cookie];
        if (session === null || secret === undefined) {
          throw new TocsinError('auth.missing', 'Sign in first.');
        }
        if (deps.live.isFull) {
          throw new TocsinError('overloaded', 'Too many pages are open. Try again later.');
        }
        follow(deps, reply, { session, secret, lastEventId: request.headers['last-event-id'] });
      },
    );
  };
}

interface Follower {
  readonly session: Session;
  readonly secret: string;
  readonly lastEventId: string | undefined;
}

/** Hands the response over to the hub until the browser goes or the session ends. */
function follow(deps: ApiDeps, reply: FastifyReply, follower: Follower): void {
  reply.hijack();
  openStream(reply, `event: time\ndata: {"now":${deps.networkNow()}}\n\n`);
  const sink = sinkOf(reply.raw);
  const leave = deps.live.join(sink, follower.session.id, follower.lastEventId);
  const check = setInterval(() => {
    void deps.sessions.find(follower.secret).then(
      (found) => found === undefined && sink.end(),
      () => undefined, // the database is away: that is no reason to sign anyone out
    );
  }, HEARTBEAT_MS);
  check.unref();
  reply.raw.on('close', () => {
    clearInterval(check);
    leave();
  });
}

function openStream(reply: FastifyReply, first: string): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  reply.raw.write(first);
}

/** A response that counts as too slow once a megabyte waits in it. */
function sinkOf(response: ServerResponse): LiveSink {
  return {
    write: (chunk) => {
      if (response.writableLength > BUFFER_LIMIT_BYTES) return false;
      response.write(chunk);
      return true;
    },
    end: () => response.end(),
  };
}
