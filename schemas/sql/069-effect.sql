-- What telling people changes: when somebody's turn to be told came, who called when, and what was
-- measured of each wave.

-- Network time at which it was first decided, message by message, whether a text leaves.
alter table outbox add column turn_at timestamptz;

-- Single calls by the keyed fingerprint of the number they came from.
create table caller_calls (
  phone_key bytea not null,
  at timestamptz not null,
  queue text not null default '',
  primary key (phone_key, at)
);
create index on caller_calls (at);

-- Of somebody who is erased it is not known any more that they called.
create function forget_calls() returns trigger language plpgsql as $$
begin
  delete from caller_calls c using subscriber_identifiers d
  where d.subscriber_id = old.subscriber_id and d.phone_key = c.phone_key;
  return null;
end $$;
create trigger forget_calls after update on subscribers
  for each row when (new.erased_at is not null and old.erased_at is null)
  execute function forget_calls();

create table wave_effects (
  wave_id text primary key,
  incident_id text not null,
  lineage_id text not null,
  ended_at timestamptz not null,  -- of the incident, network time
  measured_at timestamptz not null default now(),
  observed jsonb not null,        -- ObservedEffect (src/notify/effect/estimate.ts)
  estimate jsonb not null         -- schemas/effect-estimate.json
);
create index on wave_effects (ended_at);
create index on wave_effects (incident_id);

-- How many texts came back by the hour that were neither opt-out nor opt-in words, wall time. What they
-- said is not kept.
create table sms_replies (
  hour timestamptz primary key,
  replies integer not null
);
