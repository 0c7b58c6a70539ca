-- When the gateway was last asked about a message that it took and has not reported on since.
alter table outbox add column asked_at timestamptz;
create index on outbox (updated_at) where state = 'accepted';
