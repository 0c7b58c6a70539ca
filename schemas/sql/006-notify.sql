-- A wave: everybody due one kind of text about one incident. Written in the incident's transaction,
-- expanded into the outbox afterwards, in chunks.
create table waves (
  wave_id text primary key,
  incident_id text not null,
  lineage_id text not null,
  kind text not null check (kind in ('onset', 'restored')),
  revision integer not null,
  state text not null check (state in ('awaitingApproval', 'expanding', 'expanded', 'held', 'cancelled', 'shadow')),
  reason text not null,
  people double precision not null default 0, -- expected number of people when last decided
  place text not null default '', -- for the text: town of most of the sites
  around boolean not null default false, -- whether sites of other towns are concerned too
  zone text,                      -- time zone of most of the sites
  approved_by text,
  decided_at timestamptz not null,
  valid_until timestamptz not null,
  expansion_due boolean not null default true,
  expand_after timestamptz not null default '-infinity', -- wall time
  drained boolean not null default false, -- nothing pending or claimed is left
  expanded_to bigint not null default 0, -- greatest subscriber_id already expanded
  expanding_at timestamptz,       -- impact_state.changed_at that the running expansion covers
  covered_at timestamptz not null default '-infinity', -- the one that the last complete one covered
  counts jsonb not null default '{}'
);
create index on waves (incident_id);
create index on waves (lineage_id, kind);
create index on waves (wave_id) where expansion_due;
create index on waves (wave_id) where not drained;

-- A lineage that was merged into another: what its people were told counts for the other one.
create table lineage_merges (
  lineage_id text primary key,
  into_lineage_id text not null
);
create index on lineage_merges (into_lineage_id);

-- Every lineage whose people count as told with this one's: itself, and all merged with it.
create function lineage_family(lineage text) returns setof text language sql stable as $$
  with root as (
    select coalesce((select into_lineage_id from lineage_merges where lineage_id = lineage), lineage) id)
  select id from root
  union select m.lineage_id from lineage_merges m join root on m.into_lineage_id = root.id
$$;

-- One row per person due a text. message_id is keyed (it derives from phone_key, an HMAC).
create table outbox (
  message_id text primary key,
  wave_id text not null references waves,
  incident_id text not null,
  lineage_id text not null,
  kind text not null,
  revision integer not null,
  subscriber_id bigint not null,
  phone_key bytea not null,
  language text not null,
  state text not null default 'pending'
    check (state in ('pending', 'claimed', 'accepted', 'delivered', 'failed', 'suppressed', 'uncertain')),
  reason text,
  segments smallint not null default 0,
  priority integer not null default 0,
  attempts integer not null default 0, -- times claimed; guards the row against late results
  refusals integer not null default 0, -- times the gateway was too busy
  not_before timestamptz,         -- null: due now; otherwise held or backing off until then, wall time
  lease_until timestamptz,        -- of a claimed row: when its fate may be asked of the gateway
  handed_over_at timestamptz,
  body text,                      -- what was handed over
  gateway_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (phone_key, lineage_id, kind, revision)
);
create index outbox_due on outbox (wave_id, priority desc, message_id) where state = 'pending' and not_before is null;
create index outbox_later on outbox (not_before) where state = 'pending' and not_before is not null;
create index outbox_open on outbox (wave_id) where state in ('pending', 'claimed');
create index outbox_claimed on outbox (lease_until) where state = 'claimed';
create index on outbox (incident_id, state);
create index on outbox (subscriber_id);
create index on outbox (lineage_id, kind, subscriber_id);
create unique index on outbox (gateway_id) where gateway_id is not null;

create table delivery_receipts (
  gateway_id text not null,
  status text not null,
  message_id text,                -- as the callback's URL carried it
  error_code text,
  received_at timestamptz not null default now(),
  primary key (gateway_id, status)
);

-- What the CRM should show; the reconciler makes the connector's side equal to it. Versions rise in
-- commit order, since only the leader writes. A flag that must go leaves a row in crm_cleared.
create sequence crm_versions;
create table crm_desired (
  subscriber_id bigint not null,
  incident_id text not null,
  flag jsonb not null,            -- schemas/crm-flag.json
  version bigint not null,
  changed_at timestamptz not null default now(),
  primary key (subscriber_id, incident_id)
);
create index on crm_desired (version);
create index on crm_desired (incident_id);
create table crm_cleared (
  subscriber_id bigint not null,
  incident_id text not null,
  version bigint not null,
  changed_at timestamptz not null default now(),
  primary key (subscriber_id, incident_id)
);
create index on crm_cleared (version);
-- How far a connector has been brought, and when it was last compared as a whole.
create table crm_cursors (
  connector text primary key,
  version bigint not null,
  compared_at timestamptz
);
create table crm_pushed (
  connector text not null,
  subscriber_id bigint not null,
  incident_id text not null,
  flag jsonb not null,
  pushed_at timestamptz not null default now(),
  primary key (connector, subscriber_id, incident_id)
);
-- The default connector's target: a table a CRM reads, in this or another database.
create table crm_customer_flags (
  account text not null,
  subscriber_id bigint not null,
  incident_id text not null,
  flag jsonb not null,
  valid_until timestamptz not null,
  updated_at timestamptz not null default now(),
  primary key (subscriber_id, incident_id)
);
create index on crm_customer_flags (account);
