-- Push and e-mail beside SMS: by which channels people want to be told, and which one a message takes.

-- Their own channels, the most wanted first, such as push|sms; empty: not known.
alter table subscribers add column channels text not null default '';

alter table outbox
  add column channel text not null default 'sms' check (channel in ('sms', 'push', 'email')),
  add column failed_channels text not null default '', -- those that failed it for good, as above
  add column fallback_channel text,      -- which one is next if this one fails for good
  add column fallback_is_late boolean not null default false; -- also after its gateway took it
drop index outbox_due;
create index outbox_due on outbox (wave_id, channel, priority desc, message_id)
  where state = 'pending' and not_before is null;

-- Each gateway counts its own ids.
drop index outbox_gateway_id_idx;
create unique index on outbox (gateway_id, channel) where gateway_id is not null;
alter table delivery_receipts
  add column channel text not null default 'sms',
  drop constraint delivery_receipts_pkey,
  add primary key (gateway_id, status, channel);

-- Budgets are a channel's own; of push and e-mail a segment is a message.
alter table sms_spend
  add column channel text not null default 'sms',
  drop constraint sms_spend_pkey,
  add primary key (month, lineage_id, channel);

-- When a number that asked for help was last answered.
create table help_answers (
  phone_key bytea primary key,
  at timestamptz not null
);
