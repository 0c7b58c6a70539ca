-- What callers told agents of what was said to them. Kept as long as messages; of somebody who is
-- erased only what it says of accuracy stays.
create table agent_answers (
  answer_id text primary key,     -- the act's
  at timestamptz not null,        -- network time
  incident_no integer,            -- what it is about; null: no incident
  lineage_id text,
  subscriber_id integer,
  answer text not null check (answer in ('notAffected', 'stillDown', 'otherProblem', 'textWhenBack')),
  affected text not null,         -- what had been stated: yes, probably, no
  probability real not null,
  undone_at timestamptz
);
create index on agent_answers (at);
create index on agent_answers (subscriber_id, at);
create index agent_answers_of_incident on agent_answers (incident_no, subscriber_id)
  where undone_at is null and answer in ('notAffected', 'stillDown');
create index agent_requests on agent_answers (lineage_id, subscriber_id)
  where undone_at is null and answer = 'textWhenBack';

create function forget_answers() returns trigger language plpgsql as $$
begin
  update agent_answers a set subscriber_id = null where a.subscriber_id = old.subscriber_id;
  return null;
end $$;
create trigger forget_answers after update on subscribers
  for each row when (new.erased_at is not null and old.erased_at is null)
  execute function forget_answers();
