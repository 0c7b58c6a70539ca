-- Few are erased; whoever reads many people asks about them here.
create index subscribers_erased on subscribers (subscriber_id) where erased_at is not null;

-- Imports of many rows, so that one that was killed is gone on with. The rows read so far wait in a
-- table of their own, which nobody else reads; unlogged like it, so that both are empty after a crash
-- of the server.
create unlogged table import_runs (
  kind text primary key,
  source text not null,           -- what identifies the file and how it is read
  last_line bigint not null,      -- rows up to this line are in the table
  rows bigint not null,
  updated_at timestamptz not null default now()
);
