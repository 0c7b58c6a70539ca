import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkHolidays } from '../adapters/rules/holiday-calendar.js';
import { loadYaml } from '../adapters/rules/load-yaml.js';
import { fromEnvironment, installFolder } from '../config.js';
import { CorrelationRules, checkCorrelationRules } from '../correlate/rules.js';
import { CrmRules } from '../crm/rules.js';
import { DetectionRules } from '../detect/rules.js';
import { TocsinError } from '../domain/errors.js';
import type { KpiRules } from '../domain/kpi.js';
import type { LaneSpec } from '../domain/lane.js';
import { checkDeskRules, DeskRules } from '../forecast/desk/rules.js';
import { ForecastRules } from '../forecast/rules.js';
import { checkImpactRules, ImpactRules } from '../impact/rules.js';
import { checkPolicy } from '../notify/check-policy.js';
import { checkTexts } from '../notify/check-texts.js';
import { EffectRules } from '../notify/effect/rules.js';
import { MessageFile } from '../notify/message-file.js';
import { checkPartnerRules, PartnerRules } from '../notify/partners/rules.js';
import { NotificationPolicy } from '../notify/policy.js';
import type { SenderKind } from '../notify/policy-channels.js';
import { Texts } from '../notify/texts.js';
import type { CompiledFeed } from '../sources/compiled-feed.js';
import { loadFeed, loadKpiRules } from '../sources/feed-loader.js';

/** Everything an operator edits, read and checked. */
export interface Rules {
  readonly detection: DetectionRules;
  readonly correlation: CorrelationRules;
  readonly impact: ImpactRules;
  readonly crm: CrmRules;
  readonly forecast: ForecastRules;
  readonly desk: DeskRules;
  readonly policy: NotificationPolicy;
  readonly effect: EffectRules;
  readonly partners: PartnerRules;
  readonly texts: Texts;
  /** the files that `texts` speaks from */
  readonly messages: readonly MessageFile[];
  readonly kpis: KpiRules;
}

const PUSH_FEEDS = [
  'telemetry-line-protocol.yaml',
  'alarms-json.yaml',
  'presence-json.yaml',
  'calls-json.yaml',
  'tickets-json.yaml',
  'counts-json.yaml',
];

/** The rules that are shipped. */
export const shippedRules = join(installFolder, 'rules');

/** What a folder of rules may hold; `messages` is a folder itself. */
const RULE_FILES = [
  'detection.yaml',
  'correlation.yaml',
  'impact.yaml',
  'crm.yaml',
  'forecast.yaml',
  'desk.yaml',
  'notification.yaml',
  'effect.yaml',
  'partners.yaml',
  'messages',
  'kpis.yaml',
] as const;

/**
 * Reads a folder of rules; a file it lacks is taken from the shipped ones.
 * @param lacking told once what the folder lacks, unless that is nothing
 * @param smsSender what SMS are sent from; default a short code
 * @throws TocsinError `input.config` for a folder that is none; `input.rules` with file, line, column
 *   and what is allowed
 */
export function loadRules(
  folder: string = shippedRules,
  lacking?: (names: readonly string[]) => void,
  smsSender?: SenderKind,
): Rules {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new TocsinError(
      'input.config',
      `rules: ${folder} is no folder: allowed is one with ${RULE_FILES.join(', ')}; without the key the shipped rules are used`,
    );
  }
  const absent = new Set<string>(RULE_FILES.filter((name) => !existsSync(join(folder, name))));
  if (absent.size > 0) lacking?.([...absent]);
  const file = (name: (typeof RULE_FILES)[number]): string =>
    join(absent.has(name) ? shippedRules : folder, name);
  const impact = loadYaml(file('impact.yaml'), ImpactRules, checkImpactRules);
  const policy = loadYaml(file('notification.yaml'), NotificationPolicy, (given) =>
    checkPolicy(given, impact.whereabouts.mode),
  );
  const messages = loadMessages(file('messages'), policy, smsSender);
  return {
    detection: loadYaml(file('detection.yaml'), DetectionRules),
    correlation: loadYaml(file('correlation.yaml'), CorrelationRules, checkCorrelationRules),
    impact,
    crm: loadYaml(file('crm.yaml'), CrmRules),
    forecast: loadYaml(file('forecast.yaml'), ForecastRules, ({ holidays }) =>
      holidays === undefined ? [] : checkHolidays(holidays),
    ),
    desk: loadYaml(file('desk.yaml'), DeskRules, checkDeskRules),
    policy,
    effect: loadYaml(file('effect.yaml'), EffectRules),
    partners: loadPartners(file('partners.yaml')),
    texts: new Texts(messages, policy, smsSender),
    messages,
    kpis: loadKpiRules(file('kpis.yaml')),
  };
}

/** With secrets from the environment. */
function loadPartners(file: string): PartnerRules {
  return fromEnvironment(loadYaml(file, PartnerRules, checkPartnerRules), file) as PartnerRules;
}

function loadMessages(
  folder: string,
  policy: NotificationPolicy,
  smsSender: SenderKind | undefined,
): MessageFile[] {
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) =>
      loadYaml(join(folder, name), MessageFile, (file) => checkTexts(file, policy, smsSender)),
    );
}

/** Feed files that pushes use when a configuration names none. */
export const pushFeedFiles: readonly string[] = PUSH_FEEDS.map((name) =>
  join(shippedRules, 'feeds', name),
);

/**
 * Reads feeds. Names must differ: a feed's name is what its records, cursor and counts go by.
 * @param paths relative ones start from `folder`
 * @returns feeds by absolute path, each file once
 */
export async function loadFeeds(
  paths: readonly string[],
  folder: string,
  kpis: KpiRules,
): Promise<Map<string, CompiledFeed>> {
  const feeds = new Map<string, CompiledFeed>();
  for (const file of paths.map((path) => resolve(folder, path))) {
    if (feeds.has(file)) continue;
    const feed = await loadFeed(file, kpis);
    if ([...feeds.values()].some(({ name }) => name === feed.name)) {
      throw new TocsinError(
        'input.config',
        `${file}: a feed named ${feed.name} is configured already; give it another "name"`,
      );
    }
    feeds.set(file, feed);
  }
  return feeds;
}

/** What detection must know of the feeds that carry KPIs. */
export function lanesOf(feeds: readonly CompiledFeed[]): LaneSpec[] {
  return feeds.flatMap(({ lane }) => (lane ? [lane] : []));
}
