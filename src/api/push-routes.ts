import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type ErrorCode, TocsinError } from '../domain/errors.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import type { DecodeContext, DecodeOutcome, RejectReason } from '../sources/decode.js';
import { createDecoder } from '../sources/decoder.js';
import { LineDecoder } from '../sources/line-decoder.js';
import type { Precision } from '../sources/line-scanner.js';
import type { DeadLetters, Intake } from '../sources/ports.js';
import { tokenCheck } from './push-auth.js';
import { type BodyLimits, BodyReader } from './push-body.js';
import { influxErrors, partialWrite } from './push-errors.js';

/** What the push routes stand on. */
export interface PushDeps {
  readonly intake: Intake;
  /** `source` is `http` whatever is said here */
  readonly context: Omit<DecodeContext, 'source'>;
  /**
   * Feeds that pushes may use. Line protocol goes to the feed of its measurement; JSON to the feed
   * that `?feed=` names, else to the first of its kind.
   */
  readonly feeds: readonly CompiledFeed[];
  /** accepted write tokens; with none every push is refused */
  readonly tokens: readonly string[];
  readonly limits?: Partial<BodyLimits>;
}

const MEGABYTE = 1_000_000;
const DEFAULT_LIMITS: BodyLimits = { bodyBytes: 50 * MEGABYTE, inFlightBytes: 200 * MEGABYTE };
const PRECISIONS: readonly Precision[] = ['ns', 'us', 'ms', 's'];

const InfluxError = Type.Object({
  code: Type.String(),
  message: Type.String(),
  line: Type.Optional(Type.Integer({ description: 'first line that was refused, from 1' })),
});
const WriteQuery = Type.Object({
  org: Type.Optional(Type.String({ description: 'taken for compatibility; has no effect' })),
  orgID: Type.Optional(Type.String()),
  bucket: Type.Optional(Type.String({ description: 'taken for compatibility; has no effect' })),
  precision: Type.Optional(Type.String({ description: 'ns (default), us, ms or s' })),
});
const RecordsQuery = Type.Object({
  feed: Type.Optional(
    Type.String({ description: 'feed that maps the records; default: our words' }),
  ),
});
const RecordsAnswer = Type.Object({
  accepted: Type.Integer(),
  refused: Type.Integer(),
  errors: Type.Array(
    Type.Object({ index: Type.Integer(), reason: Type.String(), detail: Type.String() }),
    { description: 'at most 100; index is the place in the array or the line, from 0' },
  ),
});

/**
 * Routes that machines push to, as a Fastify plugin of its own scope. An answer of success is given
 * only once everything good in the body is durable; 503 or 429 with Retry-After mean that nothing
 * was stored and the same body should be sent again, which is harmless.
 *
 * - `POST /api/v2/write`: as InfluxDB 2 has it. 204, or 400 that lists the lines refused while the
 *   others are stored.
 * - `POST /api/v1/alarms`, `presence`, `calls`, `tickets`, `counts`: a JSON object, an array of them, or one per line.
 *   200 when all were stored, 207 when some were, 400 when none was; the answer lists the refused.
 * - `GET /ping`: what InfluxDB clients ask first.
 */
export function pushRoutes(deps: PushDeps): FastifyPluginAsync {
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const bodies = new BodyReader(limits);
  const check = tokenCheck(deps.tokens);
  return async (app) => {
    bodies.takeRawBodies(app);
    influxErrors(app, (request, message) => deadBody(deps.context.deadLetters, request, message));
    app.addHook('onRequest', async (request) => {
      if (request.method === 'POST') check(request.headers.authorization);
    });
    pingRoute(app);
    writeRoute(app, deps, bodies);
    for (const [path, kind] of [
      ['alarms', 'alarm'],
      ['presence', 'presence'],
      ['calls', 'calls'],
      ['tickets', 'ticket'],
      ['counts', 'counts'],
    ] as const) {
      recordsRoute(app, deps, bodies, path, kind);
    }
  };
}

function pingRoute(app: FastifyInstance): void {
  const schema = { response: { 204: Type.Null() } };
  app.get('/ping', { config: { role: 'public' }, schema }, async (_request, reply) =>
    reply.code(204).header('x-influxdb-build', 'Tocsin').header('x-influxdb-version', '2').send(),
  );
}

function writeRoute(app: FastifyInstance, deps: PushDeps, bodies: BodyReader): void {
  const feeds = deps.feeds.filter(
    ({ feed }) => feed.format === 'lineProtocol' && feed.kind === 'kpi',
  );
  const decoder = new LineDecoder(feeds, { ...deps.context, source: 'http' });
  const schema = {
    querystring: WriteQuery,
    response: { 204: Type.Null(), '4xx': InfluxError, '5xx': InfluxError },
  };
  app.post<{ Querystring: { precision?: string } }>(
    '/api/v2/write',
    { config: { role: 'push' }, schema },
    async (request, reply) => {
      const precision = PRECISIONS.find((each) => each === (request.query.precision ?? 'ns'));
      if (precision === undefined) {
        throw new TocsinError(
          'input.payload',
          'invalid precision; valid precision units are ns, us, ms, and s',
        );
      }
      const outcome = await bodies.withBody(request, async (body) => {
        if (body.length === 0) throw new TocsinError('input.payload', 'writing requires points');
        // Decoding and taking must not be parted by an await: the decoder is everybody's.
        const result = decoder.payload(body, precision);
        const facts = decoder.take();
        if (facts.length > 0) await deps.intake.accept(facts);
        return result;
      });
      return outcome.rejections.length === 0
        ? reply.code(204).send()
        : reply.code(400).send(partialWrite(outcome));
    },
  );
}

function recordsRoute(
  app: FastifyInstance,
  deps: PushDeps,
  bodies: BodyReader,
  path: string,
  kind: 'alarm' | 'presence' | 'calls' | 'ticket' | 'counts',
): void {
  const feeds = deps.feeds.filter(({ feed }) => feed.kind === kind && feed.format === 'json');
  const schema = {
    querystring: RecordsQuery,
    response: {
      200: RecordsAnswer,
      207: RecordsAnswer,
      400: Type.Union([RecordsAnswer, InfluxError]),
      '4xx': InfluxError,
      '5xx': InfluxError,
    },
  };
  app.post<{ Querystring: { feed?: string } }>(
    `/api/v1/${path}`,
    { config: { role: 'push' }, schema },
    async (request, reply) => {
      const feed = chooseFeed(feeds, kind, request.query.feed);
      const outcome = await bodies.withBody(request, async (body) => {
        const decoder = createDecoder(feed, { ...deps.context, source: 'http' });
        const result = decoder.payload(body);
        const facts = decoder.take();
        if (facts.length > 0) await deps.intake.accept(facts);
        return result;
      });
      return answerRecords(reply, outcome);
    },
  );
}

function chooseFeed(
  feeds: readonly CompiledFeed[],
  kind: string,
  name: string | undefined,
): CompiledFeed {
  const feed = name === undefined ? feeds[0] : feeds.find((each) => each.name === name);
  if (feed !== undefined) return feed;
  const allowed = feeds.map((each) => each.name).join(', ');
  throw new TocsinError(
    'input.payload',
    `feed ${name ?? `of kind ${kind}`} is not configured: allowed are ${allowed || 'none'}`,
  );
}

function answerRecords(reply: FastifyReply, outcome: DecodeOutcome): FastifyReply {
  const { records, refused, rejections } = outcome;
  const status = rejections.length === 0 ? 200 : records > 0 ? 207 : 400;
  return reply.code(status).send({ accepted: records, refused, errors: rejections });
}

const BODY_REASONS: Readonly<Partial<Record<ErrorCode, RejectReason>>> = {
  'auth.missing': 'auth.refused',
  'input.tooLarge': 'payload.tooLarge',
};

/** A body that was not even read is counted too; one without a good token is not kept. */
function deadBody(letters: DeadLetters, request: FastifyRequest, error: TocsinError): void {
  const body = Buffer.isBuffer(request.body) ? request.body.subarray(0, 4096) : Buffer.alloc(0);
  letters.record({
    feed: request.routeOptions.url ?? 'push',
    source: 'http',
    reason: BODY_REASONS[error.code] ?? 'payload.malformed',
    detail: error.code === 'auth.missing' ? `${error.message}, from ${request.ip}` : error.message,
    payload: Buffer.from(body),
  });
}
