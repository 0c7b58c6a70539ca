import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { ApiDeps } from './deps.js';
import { QualityReport, qualityReport } from './quality-report.js';
import { Problem } from './schemas.js';

const DAY_MS = 86_400_000;

/** What operators' marks say of precision, per KPI and cause, and of the two budgets. */
export function qualityRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/api/v1/quality',
      {
        config: { role: 'operator' },
        schema: {
          description:
            'Achieved precision against the budgets, with advice on which rule to change.',
          querystring: Type.Object({
            days: Type.Integer({ minimum: 1, maximum: 730, default: 90 }),
          }),
          response: { 200: QualityReport, '4xx': Problem },
        },
      },
      async ({ query }) => {
        const nowMs = deps.networkNow();
        const counts = await deps.reads.quality(nowMs - query.days * DAY_MS, nowMs);
        return qualityReport(counts, deps.budgets, nowMs);
      },
    );
  };
}
