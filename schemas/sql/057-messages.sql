-- More kinds of messages, what was said in them, what they cost, and a pace that instances share.

alter table waves drop constraint waves_kind_check;
alter table waves add constraint waves_kind_check
  check (kind in ('onset', 'update', 'restored', 'works', 'overrun'));
alter table waves
  add column variant text not null default 'full' check (variant in ('full', 'short')),
  add column estimate_at timestamptz, -- repair time when it was last decided
  add column said_until timestamptz,  -- the repair time that its last text named
  add column said_at timestamptz,     -- wall time of that text
  add column starts_at timestamptz,   -- of planned works
  add column ends_at timestamptz,
  add column resource_id text,        -- what they are on
  add column asked integer not null default 0, -- how many of the on-call list were asked to approve
  add column ask_after timestamptz default '-infinity'; -- wall time of the next; null: nobody is left
create index on waves (ask_after) where state = 'awaitingApproval' and ask_after is not null;

alter table outbox
  add column said_until timestamptz,  -- the repair time that the text named
  add column note text;               -- why the text is not as it was when the wave was decided

-- Who is deliberately not told under a lineage; only who assigns them writes here.
create table control_group (
  lineage_id text not null,
  phone_key bytea not null,
  primary key (lineage_id, phone_key)
);

-- A sender's throughput as a bucket that fills by the second, for all instances together.
create table sms_senders (
  sender text primary key,
  tokens double precision not null, -- segments that may leave; negative after a long text
  filled_at timestamptz not null
);

-- Segments handed over, for budgets. Those that surely did not leave are taken back.
create table sms_spend (
  month date not null,               -- the first of it, UTC, wall time
  lineage_id text not null,
  segments bigint not null default 0,
  primary key (month, lineage_id)
);
create index on sms_spend (lineage_id);
