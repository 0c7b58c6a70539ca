import type pg from 'pg';
import type { SurgeLesson } from '../../forecast/surge/surge-prior.js';
import { query } from './pool.js';
import { LESSONS } from './surge-sql.js';

/** People's habits of years ago teach little. */
const MOST_LESSONS = 500;

/** What the newest past incidents taught, oldest first. */
export async function loadLessons(pool: pg.Pool): Promise<SurgeLesson[]> {
  const { rows } = await query<{ lesson: SurgeLesson }>(pool, LESSONS, [MOST_LESSONS]);
  return rows.map(({ lesson }) => lesson);
}
