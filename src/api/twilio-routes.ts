import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import twilio from 'twilio';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import type { GatewayInbox, ReceiptInput, ReceiptOutcome, ReplyWish } from '../notify/ports.js';

/** What the callback routes stand on. */
export interface TwilioRoutesDeps {
  readonly inbox: GatewayInbox;
  readonly authToken: string;
  /** our address as Twilio has it: its signature covers the exact URL, proxies or not */
  readonly publicUrl: string;
  /** what a status and an error code mean */
  readonly readStatus: (
    status: string,
    errorCode: string | null,
  ) => Pick<ReceiptInput, 'state' | 'isOptOut'>;
  readonly onReceipt?: (status: string, outcome: ReceiptOutcome) => void;
  readonly onInbound?: (wish: ReplyWish | 'none') => void;
}

const BODY_LIMIT = 64 * 1024;
const NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

const Form = Type.Record(Type.String(), Type.String());
const Problem = Type.Object({ code: Type.String(), message: Type.String() });
type Form = Record<string, string>;

/**
 * Routes that Twilio calls, as a Fastify plugin of its own scope:
 * - `POST /api/v1/gateway/twilio/status?m=MESSAGE_ID`: a status callback. 204 once it is written;
 *   a repeated or late one changes nothing.
 * - `POST /api/v1/gateway/twilio/inbound`: a text from a subscriber. STOP and its kin opt out,
 *   START opts back in, HELP is answered unless Twilio has done so (`OptOutType`). Answers empty
 *   TwiML: Twilio sends its own confirmation.
 * 403 without a valid `X-Twilio-Signature`, 503 while the database is away, so that Twilio retries.
 */
export function twilioRoutes(deps: TwilioRoutesDeps): FastifyPluginAsync {
  return async (app) => {
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: BODY_LIMIT },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    app.addHook('preHandler', async (request) => checkSignature(request, deps));
    statusRoute(app, deps);
    inboundRoute(app, deps);
  };
}

function statusRoute(app: FastifyInstance, deps: TwilioRoutesDeps): void {
  const schema = {
    querystring: Type.Object({ m: Type.Optional(Type.String({ maxLength: 128 })) }),
    body: Form,
    response: { 204: Type.Null(), '4xx': Problem, '5xx': Problem },
  };
  app.post<{ Querystring: { m?: string }; Body: Form }>(
    '/api/v1/gateway/twilio/status',
    { config: { role: 'public' }, schema },
    async (request, reply) => {
      const { body } = request;
      const status = required(body, 'MessageStatus');
      const errorCode = body.ErrorCode ? body.ErrorCode : null;
      const outcome = await deps.inbox.receipt({
        gatewayId: required(body, 'MessageSid'),
        status,
        errorCode,
        messageId: request.query.m ?? null,
        ...deps.readStatus(status, errorCode),
      });
      deps.onReceipt?.(status, outcome);
      return reply.code(204).send();
    },
  );
}

function inboundRoute(app: FastifyInstance, deps: TwilioRoutesDeps): void {
  const schema = {
    body: Form,
    response: { 200: Type.String(), '4xx': Problem, '5xx': Problem },
  };
  app.post<{ Body: Form }>(
    '/api/v1/gateway/twilio/inbound',
    { config: { role: 'public' }, schema },
    async (request, reply) => {
      const from = required(request.body, 'From');
      const { Body: body = '', OptOutType } = request.body;
      // It names the kind of word only where it has answered the person itself.
      const answered = OptOutType === undefined ? {} : { isAnswered: true };
      const wish = await deps.inbox.inbound({ from, body, ...answered });
      deps.onInbound?.(wish ?? 'none');
      return reply.code(200).type('text/xml').send(NO_REPLY);
    },
  );
}

/** @throws TocsinError `auth.forbidden` */
async function checkSignature(request: FastifyRequest, deps: TwilioRoutesDeps): Promise<void> {
  const signature = request.headers['x-twilio-signature'];
  const url = `${deps.publicUrl.replace(/\/$/, '')}${request.raw.url ?? ''}`;
  const form = (request.body ?? {}) as Form;
  if (
    typeof signature !== 'string' ||
    !twilio.validateRequest(deps.authToken, signature, url, form)
  ) {
    throw new TocsinError('auth.forbidden', 'the signature does not match: is publicUrl right?');
  }
}

function required(form: Form, name: string): string {
  const value = form[name];
  if (value === undefined || value === '' || value.length > 256) {
    throw new TocsinError('input.payload', `${name} is missing or longer than 256 characters`);
  }
  return value;
}
