create table waves (
  wave_id text primary key,
  incident_id text not null,
  lineage_id text not null,
  kind text not null check (kind in ('onset', 'restored')),
  revision integer not null,
  state text not null check (state in ('awaitingApproval', 'expanding', 'expanded', 'held', 'cancelled', 'shadow')),
  reason text not null,
  decided_at timestamptz not null,
  valid_until timestamptz not null,
  expanded_to bigint not null default 0, -- greatest subscriber_id already expanded
  counts jsonb not null default '{}'
);
create index on waves (incident_id);

-- One row per person due a text. message_id is keyed (HMAC), since it derives from a number.
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
  attempts integer not null default 0,
  not_before timestamptz not null default now(),
  lease_until timestamptz,
  handed_over_at timestamptz,
  gateway_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (phone_key, lineage_id, kind, revision)
);
create index outbox_due on outbox (priority desc, not_before) where state in ('pending', 'claimed');
create index on outbox (incident_id, state);
create index on outbox (subscriber_id);
create unique index on outbox (gateway_id) where gateway_id is not null;

create table delivery_receipts (
  gateway_id text not null,
  status text not null,
  error_code text,
  received_at timestamptz not null default now(),
  primary key (gateway_id, status)
);

-- What the CRM should show; the reconciler makes the connector's side equal to it.
create table crm_desired (
  subscriber_id bigint not null,
  incident_id text not null,
  flag jsonb not null,            -- schemas/crm-flag.json
  changed_at timestamptz not null default now(),
  primary key (subscriber_id, incident_id)
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
