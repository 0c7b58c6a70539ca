-- Acts on detection and changes of the network take a place among a partition's records as ticks do.
alter table kafka_ticks alter column now_ms drop not null;
alter table kafka_ticks add column kind text not null default 'tick';
-- of what is no tick: the fact, packed as in table journal
alter table kafka_ticks add column payload bytea;
-- offset in journal stream 'detection' up to which acts have found their place
alter table kafka_ticks add column acts_through bigint not null default -1;
