import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Config } from '../../src/config.js';
import { SECRET } from '../services/customers.js';

const RULES = resolve(import.meta.dirname, '../../rules');
/** Reports every so often, as dense as a test has time for. */
export const PERIOD_SECONDS = 5;
/** Reports of a service that was down for a moment still count. */
const LATENESS_SECONDS = 10;

/** What stands around the service. */
export interface Surroundings {
  readonly databaseUrl: string;
  readonly port: number;
  readonly brokers: readonly string[];
  readonly topics: Readonly<Record<'kpi' | 'alarms' | 'presence' | 'calls', string>>;
  readonly groupId: string;
  readonly influx: { readonly url: string; readonly database: string };
  readonly gateway: {
    readonly url: string;
    readonly accountSid: string;
    readonly authToken: string;
  };
  readonly writeToken: string;
}

type Tree = Record<string, unknown>;

/** Writes a shipped YAML file with some branches replaced. */
async function adapt(from: string, to: string, change: (tree: Tree) => void): Promise<void> {
  const tree = parse(await readFile(join(RULES, from), 'utf8')) as Tree;
  change(tree);
  await writeFile(to, stringify(tree));
}

function merge(tree: Tree, branch: string, values: Tree): void {
  tree[branch] = { ...(tree[branch] as Tree), ...values };
}

/** The shipped rules with short waits, one hard limit each on cells and links, no quiet hours, whereabouts learnt. */
async function writeRules(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await adapt('correlation.yaml', join(folder, 'correlation.yaml'), (tree) => {
    merge(tree, 'grouping', { decisionSeconds: 1 });
    merge(tree, 'alarms', { holdSeconds: 2, longestHoldSeconds: 8 });
    merge(tree, 'life', { recoverAfterSeconds: 3, resolveAfterSeconds: 3, shrinkAfterSeconds: 5 });
  });
  await adapt('detection.yaml', join(folder, 'detection.yaml'), (tree) => {
    tree.limits = [
      { kpi: 'availabilityRatio', below: 0.5, periods: 1 },
      { kpi: 'linkLossRatio', above: 0.5, periods: 1 },
    ];
  });
  await adapt('impact.yaml', join(folder, 'impact.yaml'), (tree) => {
    merge(tree, 'whereabouts', { mode: 'learnt', legalBasis: 'a simulated region' });
  });
  await adapt('notification.yaml', join(folder, 'notification.yaml'), (tree) => {
    const kinds = tree.kinds as Record<string, Tree>;
    for (const kind of Object.values(kinds)) {
      kind.quietHours = null;
      if (kind.locationBasis !== undefined) kind.locationBasis = { default: 'a simulated region' };
    }
  });
}

async function writeFeeds(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const pace = { period: `${PERIOD_SECONDS}s`, lateness: `${LATENESS_SECONDS}s` };
  await adapt('feeds/telemetry-line-protocol.yaml', join(folder, 'cells.yaml'), (tree) => {
    Object.assign(tree, pace, { name: 'cells' });
  });
  await adapt('feeds/links-influx.yaml', join(folder, 'links.yaml'), (tree) => {
    Object.assign(tree, pace, { name: 'links' });
  });
}

/** Writes configuration, rules and feeds into a folder. @returns path of the configuration */
export async function writeConfig(folder: string, around: Surroundings): Promise<string> {
  await writeRules(join(folder, 'rules'));
  await writeFeeds(join(folder, 'feeds'));
  const shipped = (name: string): string => join(RULES, 'feeds', `${name}.yaml`);
  const { port, topics, gateway, influx } = around;
  const config: Config = {
    database: { url: around.databaseUrl, maxConnections: 12 },
    phoneSecret: SECRET,
    server: { port, writeTokens: [around.writeToken] },
    rules: 'rules',
    feeds: [
      'feeds/cells.yaml',
      shipped('alarms-json'),
      shipped('presence-json'),
      shipped('calls-json'),
    ],
    tick: '250ms',
    sources: {
      kafka: {
        brokers: [...around.brokers],
        groupId: around.groupId,
        topics: [
          { topic: topics.kpi, feed: 'feeds/cells.yaml', payload: 'lineProtocol', mode: 'journal' },
          { topic: topics.alarms, feed: shipped('alarms-json') },
          { topic: topics.presence, feed: shipped('presence-json') },
          { topic: topics.calls, feed: shipped('calls-json') },
        ],
      },
      influx: [
        {
          name: 'links',
          dialect: 'influxql',
          ...influx,
          measurement: 'link_kpi',
          feed: 'feeds/links.yaml',
          every: '1s',
          lateness: '2m',
        },
      ],
    },
    gateway: {
      kind: 'twilio',
      accountSid: gateway.accountSid,
      authToken: gateway.authToken,
      from: '+33700000000',
      baseUrl: gateway.url,
      segmentsPerSecond: 60,
      timeout: '3s',
    },
    logLevel: 'warn',
  };
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, stringify(config));
  return file;
}
