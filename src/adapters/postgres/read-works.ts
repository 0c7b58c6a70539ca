import type pg from 'pg';
import type { WorksReads } from '../../api/ports.js';
import { worksSubject } from '../../notify/decide-works.js';
import { query } from './pool.js';
import { messagesOf, wavesOf } from './read-waves.js';

/** Works that are not over. $1 now, $2 how many. */
const COMING = `
select work_id as "workId", resource_id as "resourceId", starts_at as "startsAt",
  ends_at as "endsAt", description
from works where ends_at > $1 order by starts_at, work_id limit $2`;

interface Row {
  workId: string;
  resourceId: string;
  startsAt: Date;
  endsAt: Date;
  description: string | null;
}

/** Planned works and their messages, from Postgres. */
export function postgresWorksReads(pool: pg.Pool): WorksReads {
  return {
    async list(nowMs, limit) {
      const { rows } = await query<Row>(pool, COMING, [new Date(nowMs), limit]);
      return Promise.all(
        rows.map(async ({ startsAt, endsAt, ...row }) => ({
          ...row,
          startsAt: startsAt.toISOString(),
          endsAt: endsAt.toISOString(),
          waves: await wavesOf(pool, worksSubject(row.workId)),
          messages: await messagesOf(pool, worksSubject(row.workId)),
        })),
      );
    },
    async subject(workId) {
      const subject = worksSubject(workId);
      const { rowCount } = await query(
        pool,
        `select from waves where incident_id = $1 and kind = 'works' limit 1`,
        [subject],
      );
      return (rowCount ?? 0) > 0 ? subject : undefined;
    },
  };
}
