import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import type { GatewayInbox, InboundSms, ReceiptInput, ReceiptOutcome } from '../notify/ports.js';

/** A post, and what is needed to tell who sent it. */
export interface GatewayPost {
  readonly text: string;
  readonly token: string | undefined;
  readonly header: (name: string) => string | undefined;
}

/** What the routes stand on; how to read a post is the gateway's adapter's. */
export interface HttpGatewayRoutesDeps {
  readonly inbox: GatewayInbox;
  readonly isFromGateway: (post: GatewayPost) => boolean;
  readonly readReceipts: (text: string) => ReceiptInput[];
  readonly readInbound: (text: string) => InboundSms[];
  /** below `/api/v1/gateway/`; default `http` */
  readonly name?: string;
  readonly onReceipt?: (status: string, outcome: ReceiptOutcome) => void;
}

const BODY_LIMIT = 1024 * 1024;
const Problem = Type.Object({ code: Type.String(), message: Type.String() });
const schema = {
  querystring: Type.Object({ token: Type.Optional(Type.String({ maxLength: 256 })) }),
  response: { 204: Type.Null(), '4xx': Problem, '5xx': Problem },
};
type Route = { Querystring: { token?: string }; Body: string };

/**
 * Routes that a gateway with a described HTTP interface calls, as a plugin of its own scope:
 * `POST /api/v1/gateway/http/status` and `/inbound` (push and e-mail have their own name), JSON or a form, one entry or a list. 204 once all
 * is written; a repeated or late one changes nothing. 403 without its signature or token, 400 for what
 * does not fit the description, 503 while the database is away, so that it tries again.
 */
export function httpGatewayRoutes(deps: HttpGatewayRoutesDeps): FastifyPluginAsync {
  const path = `/api/v1/gateway/${deps.name ?? 'http'}`;
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: BODY_LIMIT },
      (_request, body, done) => done(null, body),
    );
    app.addHook('preHandler', async (request) =>
      checkSender(request as FastifyRequest<Route>, deps),
    );
    const options = { config: { role: 'public' }, schema } as const;
    app.post<Route>(`${path}/status`, options, async ({ body }, reply) => {
      for (const receipt of some(deps.readReceipts(body))) {
        const outcome = await deps.inbox.receipt(receipt);
        deps.onReceipt?.(receipt.status, outcome);
      }
      return reply.code(204).send();
    });
    app.post<Route>(`${path}/inbound`, options, async ({ body }, reply) => {
      for (const sms of some(deps.readInbound(body))) await deps.inbox.inbound(sms);
      return reply.code(204).send();
    });
  };
}

/** @throws TocsinError `input.payload` for none */
function some<T>(read: T[]): T[] {
  if (read.length > 0) return read;
  throw new TocsinError(
    'input.payload',
    'nothing in it is where gateway.callback or gateway.inbound says',
  );
}

/** @throws TocsinError `auth.forbidden` */
function checkSender({ body, query, headers }: FastifyRequest<Route>, deps: HttpGatewayRoutesDeps) {
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const text = typeof body === 'string' ? body : '';
  if (deps.isFromGateway({ text, token: query.token, header })) return;
  throw new TocsinError('auth.forbidden', 'neither signature nor token is the gateway’s');
}
