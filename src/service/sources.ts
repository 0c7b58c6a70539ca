import { resolve } from 'node:path';
import { InfluxSource } from '../adapters/influx/influx-source.js';
import { avroReader } from '../adapters/kafka/avro.js';
import { createKafkaBus } from '../adapters/kafka/client.js';
import { KafkaJournal } from '../adapters/kafka/kafka-journal.js';
import type { KafkaBus, OnLinkStatus } from '../adapters/kafka/ports.js';
import { ownTopic, Repartitioner } from '../adapters/kafka/repartitioner.js';
import type { TopicDecoding, TopicRoute } from '../adapters/kafka/topic-decoder.js';
import { TopicSource } from '../adapters/kafka/topic-source.js';
import { PostgresTickLog } from '../adapters/postgres/kafka-ticks.js';
import { query } from '../adapters/postgres/pool.js';
import { type Config, durationMs } from '../config.js';
import { TocsinError } from '../domain/errors.js';
import { wallClock } from '../runtime/clock.js';
import type { Logger } from '../runtime/log.js';
import { Loop } from '../runtime/loop.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import { KafkaTicks } from './kafka-ticks.js';
import { pushFeedFiles } from './rules.js';
import type { Service } from './service.js';

export interface SourcesOptions {
  readonly config: Config;
  readonly folder: string;
  /** by absolute path of the feed file */
  readonly feeds: ReadonlyMap<string, CompiledFeed>;
  readonly log: Logger;
}

/** Something that reads until it is stopped. */
export interface Source {
  stop(): Promise<void>;
}

type KafkaConfig = NonNullable<NonNullable<Config['sources']>['kafka']>;
type InfluxConfig = NonNullable<NonNullable<Config['sources']>['influx']>[number];

/** Every feed file a configuration uses; without `feeds` the shipped ones for pushes are among them. */
export function feedFiles({ feeds, sources }: Config): string[] {
  return [
    ...(feeds ?? pushFeedFiles),
    ...(sources?.kafka?.topics.map(({ feed }) => feed) ?? []),
    ...(sources?.influx?.map(({ feed }) => feed) ?? []),
  ];
}

/** Starts what a configuration reads from; what is away is waited for and shown in `/health`. */
export async function startSources(service: Service, options: SourcesOptions): Promise<Source> {
  const { sources } = options.config;
  const running: Source[] = [];
  if (sources?.kafka) running.push(...(await startKafka(service, sources.kafka, options)));
  for (const influx of sources?.influx ?? []) running.push(startInflux(service, influx, options));
  return {
    stop: async () => {
      await Promise.all(running.map((source) => source.stop()));
    },
  };
}

function feedOf({ feeds, folder }: SourcesOptions, path: string): CompiledFeed {
  const feed = feeds.get(resolve(folder, path));
  if (feed) return feed;
  throw new TocsinError('internal', `feed ${path} was not loaded`);
}

function startInflux(service: Service, influx: InfluxConfig, options: SourcesOptions): Source {
  const { every, lateness, page, from, feed, ...where } = influx;
  const source = new InfluxSource(
    {
      ...where,
      ...(lateness === undefined ? {} : { latenessMs: durationMs(lateness) }),
      ...(page === undefined ? {} : { pageMs: durationMs(page) }),
      ...(from === undefined ? {} : { fromMs: Date.parse(from) }),
    },
    {
      feed: feedOf(options, feed),
      intake: service.intake,
      context: service.decoding,
      now: () => wallClock.now(),
    },
  );
  service.catchUp.add({
    name: source.name,
    isCaughtUp: async () => source.isCaughtUp,
    progress: () => source.progress,
  });
  const loop = new Loop({
    name: source.name,
    idleMs: durationMs(every ?? '30s'),
    turn: (signal) => source.turn(signal),
    recover: () => source.recover(),
    health: service.health,
    log: options.log,
  });
  loop.start();
  return loop;
}

async function startKafka(
  service: Service,
  kafka: KafkaConfig,
  options: SourcesOptions,
): Promise<Source[]> {
  const { log } = options;
  const bus = createKafkaBus(kafka, log);
  const groupId = kafka.groupId ?? 'tocsin';
  const decoding: TopicDecoding = {
    context: service.decoding,
    ...(kafka.schemaRegistry === undefined ? {} : { avro: avroReader(kafka.schemaRegistry) }),
  };
  const status =
    (name: string): OnLinkStatus =>
    (state, detail) =>
      service.health.set(name, state, detail);
  const routes = (mode: string): TopicRoute[] =>
    kafka.topics
      .filter((topic) => (topic.mode ?? 'intake') === mode)
      .map(({ topic, feed, payload }) => ({
        topic,
        feed: feedOf(options, feed),
        ...(payload === undefined ? {} : { payload }),
      }));
  const parts = { service, bus, groupId, decoding, status, log };
  const moved = routes('repartition');
  const own = moved.map(({ feed }) => ({ topic: ownTopic(feed.name), feed, isReportTopic: true }));
  const journals = [...routes('journal'), ...own];
  // The one step that may fail comes first: done again, it must find nothing running.
  const remembered = await rememberedStreams(service, journals);
  const intake = routes('intake');
  const running: Source[] = intake.length > 0 ? [startIntake(parts, intake)] : [];
  if (journals.length === 0) return running;
  const journal = startJournal(parts, journals, remembered);
  for (const route of moved) running.push(startRepartitioner(parts, route, journal));
  return [...running, { stop: () => stopJournal(service, journal) }];
}

interface KafkaParts {
  readonly service: Service;
  readonly bus: KafkaBus;
  readonly groupId: string;
  readonly decoding: TopicDecoding;
  readonly status: (name: string) => OnLinkStatus;
  readonly log: Logger;
}

function startIntake(parts: KafkaParts, topics: readonly TopicRoute[]): Source {
  const { service, bus, groupId, decoding, status, log } = parts;
  const source = new TopicSource(bus, {
    groupId: `${groupId}-intake`,
    topics,
    decoding,
    intake: service.intake,
    status: status('kafka intake'),
    log,
  });
  service.catchUp.add({
    name: 'kafka intake',
    isCaughtUp: () => source.isCaughtUp(),
    progress: () => source.progress,
  });
  source.start();
  return source;
}

function startRepartitioner(parts: KafkaParts, route: TopicRoute, journal: KafkaJournal): Source {
  const { service, bus, groupId, decoding, status, log } = parts;
  const name = `kafka repartition ${route.topic}`;
  const target = ownTopic(route.feed.name);
  const repartitioner = new Repartitioner(bus, {
    groupId: `${groupId}-repartition`,
    route,
    target,
    decoding,
    status: status(name),
    log,
  });
  service.catchUp.add({
    name,
    // What was moved has to be read from where it was moved to as well.
    isCaughtUp: async () => (await repartitioner.isCaughtUp()) && journal.isAtEnd(target),
    progress: () => repartitioner.progress,
  });
  repartitioner.start();
  return repartitioner;
}

type JournalRoute = TopicRoute & { readonly isReportTopic?: boolean };

/** Partitions as shards: each that is assigned here gets its own detection. */
function startJournal(
  parts: KafkaParts,
  topics: readonly JournalRoute[],
  remembered: readonly string[],
): KafkaJournal {
  const { service, bus, groupId, decoding, status, log } = parts;
  const { shards } = service;
  const journal = new KafkaJournal(bus, {
    groupId: `${groupId}-journal`,
    topics,
    decoding,
    ticks: new PostgresTickLog(service.pool),
    status: status('kafka journal'),
    log,
    assigned: (streams) => shards.start(streams),
    revoked: (streams) => {
      // What is not in a checkpoint yet is read again by the next owner.
      void shards.stop(streams, false);
    },
  });
  const ticks = new KafkaTicks(journal, service.journal);
  service.kafka = {
    read: (stream, after, most) => journal.read(stream, after, most),
    append: (stream, facts) => journal.append(stream, facts),
    prune: (stream, through) => journal.prune(stream, through),
    known: () => [...new Set([...remembered, ...journal.streams])],
    tick: (nowMs, networkVersion) => ticks.tick(nowMs, networkVersion),
  };
  journal.start();
  return journal;
}

async function stopJournal({ shards }: Service, journal: KafkaJournal): Promise<void> {
  await shards.stop(journal.streams, true);
  await journal.stop();
}

/** Streams of these topics that had a shard before: decisions wait until they have caught up. */
async function rememberedStreams(
  service: Service,
  topics: readonly JournalRoute[],
): Promise<string[]> {
  const { rows } = await query<{ shard: string }>(
    service.pool,
    'select shard from shard_watermarks where shard like any($1)',
    [topics.map(({ topic }) => `kafka:${topic.replace(/[\\%_]/g, '\\$&')}/%`)],
  );
  return rows.map(({ shard }) => shard);
}
