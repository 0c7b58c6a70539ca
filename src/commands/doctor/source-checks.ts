import { createInfluxReader } from '../../adapters/influx/influx-source.js';
import type { InfluxOptions } from '../../adapters/influx/ports.js';
import { createKafkaBus } from '../../adapters/kafka/client.js';
import type { Config, GatewayConfig } from '../../config.js';
import { createLog } from '../../runtime/log.js';
import { createGateway, createWays } from '../../service/gateways.js';
import type { CompiledFeed } from '../../sources/compiled-feed.js';
import { attempt, type Check, failed, passed, skipped, warned } from './report.js';

type Sources = NonNullable<Config['sources']>;
export type KafkaConfig = NonNullable<Sources['kafka']>;
export type InfluxConfig = NonNullable<Sources['influx']>[number];

/** Cluster and each topic: is it there, may we ask for its end. */
export async function checkKafka(kafka: KafkaConfig): Promise<Check[]> {
  const bus = createKafkaBus(kafka, createLog('silent'));
  const checks: Check[] = [];
  for (const { topic } of kafka.topics) {
    const name = `kafka topic ${topic}`;
    const mend =
      'check kafka.brokers, ssl and sasl, that the topic exists, and that the user may Describe and Read it';
    checks.push(
      await attempt(name, mend, async () => {
        const ends = await bus.endOffsets(topic);
        const records = [...ends.values()].reduce((sum, end) => sum + end, 0);
        if (ends.size === 0) return failed(name, 'it has no partition', 'create the topic');
        const detail = `${ends.size} partitions, ${records} records so far`;
        if (records > 0) return passed(name, detail);
        return warned(name, detail, 'nothing was ever written to it: is the producer on?');
      }),
    );
  }
  if (kafka.schemaRegistry !== undefined) checks.push(await checkRegistry(kafka.schemaRegistry));
  return checks;
}

function checkRegistry(url: string): Promise<Check> {
  const name = 'schema registry';
  return attempt(name, 'check kafka.schemaRegistry', async (signal) => {
    const answer = await fetch(`${url.replace(/\/+$/, '')}/subjects`, { signal });
    if (answer.ok) return passed(name, `${url} answers`);
    return failed(name, `${url} answers ${answer.status}`, 'check address and credentials');
  });
}

/** Connection, credentials and place of one InfluxDB. */
export function checkInflux(influx: InfluxConfig, feed: CompiledFeed): Promise<Check> {
  const name = `influx ${influx.name}`;
  const mend = 'check sources.influx: url, token or username and password, org, bucket or database';
  return attempt(name, mend, async (signal) => {
    await createInfluxReader(influxOptions(influx), feed).check(signal);
    return passed(name, `${influx.url} answers, ${influx.bucket ?? influx.database} is readable`);
  });
}

/** The adapter's options of a configuration, as far as a check needs them. */
export function influxOptions(influx: InfluxConfig): InfluxOptions {
  const {
    every: _every,
    lateness: _lateness,
    page: _page,
    from: _from,
    feed: _feed,
    ...rest
  } = influx;
  return rest;
}

const MEND: Readonly<Record<GatewayConfig['kind'], string>> = {
  twilio: 'check gateway.accountSid, authToken and baseUrl',
  smpp: 'check gateway.host, port, tls, systemId, password and bind, and whether it lets this address in',
  http: 'check gateway.send.url, its headers, and gateway.check',
};

/** Whether the gateway knows the account. Nothing is sent. */
export async function checkGateway(config: Config): Promise<Check> {
  const name = 'sms gateway';
  const { gateway } = config;
  if (gateway === undefined) {
    return skipped(name, 'none is configured: everything is decided, nothing is sent');
  }
  return attempt(name, MEND[gateway.kind], async () => {
    const { port } = createGateway(gateway, config.server?.publicUrl ?? 'http://127.0.0.1');
    try {
      await port.check();
    } finally {
      await port.close();
    }
    if (config.shadow === true) {
      return warned(name, 'the account is good, but shadow is true', 'set shadow: false to send');
    }
    return passed(name, `the account answers at ${addressOf(gateway)}`);
  });
}

/** Whether what sends push and e-mail answers. Nothing is sent. */
export async function checkChannels(config: Config): Promise<Check[]> {
  const ways = createWays(config, config.server?.publicUrl ?? 'http://127.0.0.1');
  if (ways === undefined) return [];
  const checks = ways.others.map(({ channel, gateway }) => {
    const mend = `check channels.${channel}.send.url, its headers, and channels.${channel}.check`;
    return attempt(`${channel} gateway`, mend, async () => {
      await gateway.check();
      return passed(`${channel} gateway`, 'it answers');
    });
  });
  try {
    return await Promise.all(checks);
  } finally {
    await Promise.all(
      [ways.port, ...ways.others.map(({ gateway }) => gateway)].map((e) => e.close()),
    );
  }
}

function addressOf(gateway: GatewayConfig): string {
  if (gateway.kind === 'twilio') return gateway.baseUrl ?? 'Twilio';
  return gateway.kind === 'smpp' ? gateway.host : gateway.send.url;
}
