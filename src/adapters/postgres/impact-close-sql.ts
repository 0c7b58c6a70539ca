/** Brings user-minutes forward. $1 incident number, $2 since when they stand, $3 until when. */
export const CARRY_COUNTS = `
update impact_counts set minutes = minutes + loss
  * date_part('epoch', $3::timestamptz - $2::timestamptz) / 60
where incident_no = $1 and loss <> 0`;

/**
 * Ends the current rows of an incident that is over. $1 incident number, $2 when it ended, $3 and $4
 * range of people. @returns `{left}`
 */
export const CLOSE_RANGE = `
with ended as (
  update incident_subscribers i
  set affected_to = greatest(i.affected_from, $2::timestamptz), mapped_at = $2,
    minutes = greatest(0, i.minutes + i.probability * i.degree
      * date_part('epoch', $2::timestamptz - i.mapped_at) / 60)
  where i.incident_no = $1 and i.subscriber_id > $3 and i.subscriber_id <= $4 and i.affected_to is null
  returning 1)
select count(*)::int as left from ended`;

/** Counts of an incident that is over: nobody is affected any more. $1 incident number. */
export const CLOSE_COUNTS = `
update impact_counts set people = 0, without_voice = 0, expected = 0, loss = 0, voice = 0, data = 0,
  sms = 0,
  minutes = greatest(0, minutes)
where incident_no = $1`;
