-- Ticks of streams that are Kafka partitions: their records are in Kafka, so that the place each
-- tick took among them is kept here. `slot` counts records and ticks together.
create table kafka_ticks (
  stream text not null,           -- 'kafka:<topic>/<partition>'
  n bigint not null,              -- number of the tick, from 0
  slot bigint not null,
  now_ms bigint not null,
  primary key (stream, n)
);
create unique index on kafka_ticks (stream, slot);
