import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Type, { type Static } from 'typebox';
import { PostgresCrmConfig } from './adapters/crm/postgres-crm-config.js';
import { checkRestCrm, RestCrmConfig } from './adapters/crm/rest-crm-config.js';
import { Tmf621Config } from './adapters/crm/tmf621-config.js';
import { ChannelsConfig, checkChannels } from './adapters/http-sms/channel-config.js';
import { checkHttpSms, HttpSmsConfig } from './adapters/http-sms/http-sms-config.js';
import { type Check, loadYaml } from './adapters/rules/load-yaml.js';
import { SmppConfig } from './adapters/smpp/smpp-config.js';
import { TwilioConfig } from './adapters/twilio/twilio-config.js';
import { TocsinError } from './domain/errors.js';
import { checkDeskConfig, DeskConfig } from './forecast/desk/config.js';
import { checkOnCall, OnCallConfig } from './notify/on-call-config.js';

const Duration = Type.String({ pattern: '^[0-9]+(ms|s|m|h|d)$' });
const closed = { additionalProperties: false } as const;
const KeptDays = Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 }));

const KafkaTopic = Type.Object(
  {
    topic: Type.String({ minLength: 1 }),
    feed: Type.String({ description: 'feed file, relative to this file' }),
    payload: Type.Optional(
      Type.Union([Type.Literal('json'), Type.Literal('lineProtocol'), Type.Literal('avro')]),
    ),
    mode: Type.Optional(
      Type.Union([Type.Literal('intake'), Type.Literal('journal'), Type.Literal('repartition')]),
    ),
  },
  closed,
);

const Kafka = Type.Object(
  {
    brokers: Type.Array(Type.String(), { minItems: 1 }),
    clientId: Type.Optional(Type.String()),
    groupId: Type.Optional(Type.String()),
    ssl: Type.Optional(
      Type.Union([
        Type.Boolean(),
        Type.Object(
          {
            ca: Type.Optional(Type.String()),
            cert: Type.Optional(Type.String()),
            key: Type.Optional(Type.String()),
            rejectUnauthorized: Type.Optional(Type.Boolean()),
          },
          closed,
        ),
      ]),
    ),
    sasl: Type.Optional(
      Type.Object(
        {
          mechanism: Type.Union([
            Type.Literal('plain'),
            Type.Literal('scram-sha-256'),
            Type.Literal('scram-sha-512'),
          ]),
          username: Type.String(),
          password: Type.String(),
        },
        closed,
      ),
    ),
    schemaRegistry: Type.Optional(Type.String({ format: 'uri' })),
    topics: Type.Array(KafkaTopic, { minItems: 1 }),
  },
  closed,
);

const Influx = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'names the cursor: keep it' }),
    dialect: Type.Union([Type.Literal('flux'), Type.Literal('influxql')]),
    url: Type.String({ format: 'uri' }),
    token: Type.Optional(Type.String()),
    username: Type.Optional(Type.String()),
    password: Type.Optional(Type.String()),
    org: Type.Optional(Type.String()),
    bucket: Type.Optional(Type.String()),
    database: Type.Optional(Type.String()),
    measurement: Type.String({ minLength: 1 }),
    feed: Type.String(),
    every: Type.Optional(Duration),
    lateness: Type.Optional(Duration),
    page: Type.Optional(Duration),
    from: Type.Optional(Type.String({ format: 'date-time' })),
  },
  closed,
);

const Gateway = Type.Union([TwilioConfig, SmppConfig, HttpSmsConfig]);
export type GatewayConfig = Static<typeof Gateway>;

const Crm = Type.Union([PostgresCrmConfig, RestCrmConfig, Tmf621Config]);
export type CrmConfig = Static<typeof Crm>;

/** The configuration file of `tocsin start --config FILE`. */
export const Config = Type.Object(
  {
    database: Type.Optional(
      Type.Object(
        {
          url: Type.Optional(Type.String({ description: 'absent: embedded Postgres in dataDir' })),
          maxConnections: Type.Optional(Type.Integer({ minimum: 4, maximum: 200 })),
        },
        closed,
      ),
    ),
    dataDir: Type.Optional(Type.String()),
    phoneSecret: Type.Optional(Type.String({ minLength: 16 })),
    server: Type.Optional(
      Type.Object(
        {
          host: Type.Optional(Type.String()),
          port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
          publicUrl: Type.Optional(Type.String({ format: 'uri' })),
          writeTokens: Type.Optional(Type.Array(Type.String({ pattern: '^\\S{8,}$' }))),
          lookupTokens: Type.Optional(
            Type.Array(Type.String({ pattern: '^\\S{16,}$' }), {
              description:
                'of CRM, CTI, IVR, apps and websites, which look callers and areas up; who pushes has writeTokens',
            }),
          ),
          openStatus: Type.Optional(
            Type.Boolean({
              description: 'whether /api/v1/status, areas without names of people, needs no token',
            }),
          ),
          frameAncestors: Type.Optional(
            Type.Array(Type.String({ pattern: '^https?://[^\\s;,/]+$' }), {
              description: 'origins whose pages may frame /panel',
            }),
          ),
        },
        closed,
      ),
    ),
    rules: Type.Optional(Type.String({ description: 'folder; default: the one shipped' })),
    feeds: Type.Optional(Type.Array(Type.String())),
    shards: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    tick: Type.Optional(Duration),
    sources: Type.Optional(
      Type.Object(
        { kafka: Type.Optional(Kafka), influx: Type.Optional(Type.Array(Influx)) },
        closed,
      ),
    ),
    gateway: Type.Optional(Gateway),
    channels: Type.Optional(ChannelsConfig),
    desk: Type.Optional(DeskConfig),
    onCall: Type.Optional(OnCallConfig),
    crm: Type.Optional(
      Type.Array(Crm, {
        description:
          'where flags and tickets are kept; flags without a place of their own: a table in Tocsin’s own database; []: nowhere',
      }),
    ),
    shadow: Type.Optional(
      Type.Boolean({
        description: 'decide everything, send nothing; default true without a gateway',
      }),
    ),
    journalRetention: Type.Optional(Duration),
    historyDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 400 })),
    keepDays: Type.Optional(
      Type.Object(
        {
          affected: KeptDays,
          messages: KeptDays,
          incidents: KeptDays,
          callers: KeptDays,
          deadLetters: KeptDays,
          audit: KeptDays,
        },
        { additionalProperties: false, description: 'how long records are kept, in days' },
      ),
    ),
    logLevel: Type.Optional(
      Type.Union([
        Type.Literal('debug'),
        Type.Literal('info'),
        Type.Literal('warn'),
        Type.Literal('error'),
      ]),
    ),
  },
  { ...closed, $id: 'config' },
);
export type Config = Static<typeof Config>;

/**
 * A configuration with the folder its relative paths start from; `dataDir` and `rules` are
 * resolved against it already.
 */
export interface LoadedConfig {
  readonly config: Config;
  readonly folder: string;
}

/** The folder Tocsin is installed in: rules, schemas and the built dashboard live below it. */
export const installFolder = resolve(
  dirname(fileURLToPath(import.meta.url)),
  // From src/ it is one level up, from the compiled dist/src/ two.
  import.meta.url.includes('/dist/src/') ? '../..' : '..',
);

/** Resolves a path as the person typed it, against the folder they typed it in. */
export function callerPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}

/** Database URL from the environment, the way to keep it out of shell histories. */
export function databaseUrlFromEnvironment(): string | undefined {
  return process.env.TOCSIN_DATABASE_URL;
}

/** Brokers that benchmarks are to use, from the variable the tests use too. */
export function kafkaFromEnvironment(): string[] | undefined {
  const given = process.env.TOCSIN_TEST_KAFKA ?? '';
  return given === '' ? undefined : given.split(',');
}

/**
 * Reads a configuration file. `${NAME}` in any value is the environment variable of that name, so
 * that secrets need not stand in the file.
 * @throws TocsinError `input.rules` with file, line and column; `input.config` for an unset variable
 */
export function loadConfig(path: string): LoadedConfig {
  const file = callerPath(path);
  const config = fromEnvironment(loadYaml(file, Config, checkConfig), file) as Config;
  const folder = dirname(file);
  const { dataDir, rules } = config;
  const resolved = {
    ...(dataDir === undefined ? {} : { dataDir: resolve(folder, dataDir) }),
    ...(rules === undefined ? {} : { rules: resolve(folder, rules) }),
  };
  return { config: { ...config, ...resolved }, folder };
}

function checkConfig({
  gateway,
  channels = {},
  desk,
  sources,
  onCall = [],
  crm = [],
}: Config): ReturnType<Check<Config>> {
  const names = crm.map(({ kind, name }) => name ?? kind);
  return [
    ...(gateway?.kind === 'http' ? within(['gateway'], checkHttpSms(gateway)) : []),
    ...within(['channels'], checkChannels(channels, gateway !== undefined)),
    ...checkOnCall(onCall, desk?.smtp !== undefined),
    ...(desk === undefined ? [] : checkDeskConfig(desk, sources?.kafka !== undefined)),
    ...crm.flatMap((each, at) =>
      each.kind === 'rest' ? within(['crm', String(at)], checkRestCrm(each)) : [],
    ),
    ...names.flatMap((name, at) =>
      names.indexOf(name) === at
        ? []
        : [
            {
              path: ['crm', String(at), 'name'],
              message: `is "${name}", which one before has, allowed: a name of its own`,
            },
          ],
    ),
  ];
}

function within(path: string[], found: ReturnType<Check<Config>>): ReturnType<Check<Config>> {
  return found.map((each) => ({ ...each, path: [...path, ...each.path] }));
}

/**
 * A value as read from a file, with `${NAME}` replaced by the environment variable of that name.
 * @throws TocsinError `input.config` for one that is not set
 */
export function fromEnvironment(value: unknown, file: string): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{([A-Z0-9_]+)\}/g, (_, name: string) => {
      const found = process.env[name];
      if (found === undefined) {
        throw new TocsinError('input.config', `${file}: environment variable ${name} is not set`);
      }
      return found;
    });
  }
  if (Array.isArray(value)) return value.map((item) => fromEnvironment(item, file));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fromEnvironment(item, file)]),
    );
  }
  return value;
}

/** `10s`, `5m`, `200ms` in milliseconds. The pattern is checked when the file is read. */
export function durationMs(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const scale = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? ''];
  if (amount === undefined || scale === undefined) {
    throw new TocsinError(
      'input.config',
      `"${text}" is no duration: allowed are 200ms, 10s, 5m, 2h, 1d`,
    );
  }
  return Number(amount) * scale;
}

/** Version of the installed package. */
export function packageVersion(): string {
  const text = readFileSync(resolve(installFolder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
