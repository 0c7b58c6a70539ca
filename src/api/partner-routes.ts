import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import { PartnerNotice } from './affected-schemas.js';
import type { ApiDeps } from './deps.js';
import { PartnerNoticeItem } from './partner-schemas.js';
import { Problem } from './schemas.js';

/** What incidents mean for partners, and what those were told. */
export function partnerRoutes(deps: ApiDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/api/v1/partners/:brand/incidents',
      {
        config: { role: 'operator' },
        schema: {
          description:
            'What incidents that are on mean for the customers of one brand, such as an MVNO: counts only, none below `fewestTold` of partners.yaml, nothing about anybody.',
          params: Type.Object({ brand: Type.String({ minLength: 1, maxLength: 64 }) }),
          response: { 200: PartnerNotice, '4xx': Problem },
        },
      },
      async ({ params: { brand } }) => ({
        brand,
        at: new Date(deps.networkNow()).toISOString(),
        incidents: await deps.reads.affected.ofBrand(brand, deps.fewestTold),
      }),
    );
    app.get(
      '/api/v1/incidents/:id/partner-notices',
      {
        config: { role: 'viewer' },
        schema: {
          description:
            'What partners were told of an incident, by which address, when, and what failed, by name of the partner.',
          params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) }),
          response: { 200: Type.Array(PartnerNoticeItem), '4xx': Problem },
        },
      },
      async ({ params: { id } }) => {
        const notices = await deps.reads.partnerNotices(id);
        if (notices !== undefined) return notices;
        throw new TocsinError('notFound', `There is no incident ${id}.`);
      },
    );
  };
}
