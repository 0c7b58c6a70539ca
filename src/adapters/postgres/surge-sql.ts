/** $1 issued, $2 basis as JSON; only the newest is kept */
export const SAVE_BASIS = `
  insert into forecast_basis (singleton, issued_at, basis) values (true, $1, $2)
  on conflict (singleton) do update set issued_at = excluded.issued_at, basis = excluded.basis`;

/** $1 lessons as a JSON list, $2 epoch; what an incident taught first stays */
export const SAVE_LESSONS = `
  insert into surge_lessons (incident_id, ended_at, lesson, leader_epoch)
  select each ->> 'incidentId', to_timestamp((each ->> 'endedAtMs')::float8 / 1000), each, $2
  from jsonb_array_elements($1::jsonb) as each
  on conflict (incident_id) do nothing`;

/** The newest lessons, oldest first. $1 how many */
export const LESSONS = `
  select lesson from (
    select lesson, ended_at, incident_id from surge_lessons order by ended_at desc, incident_id limit $1
  ) as newest order by ended_at, incident_id`;
