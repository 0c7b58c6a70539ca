import { createKafkaBus } from '../../adapters/kafka/client.js';
import type { Config } from '../../config.js';
import { channelsOf, type Partner } from '../../notify/partners/rules.js';
import { createLog } from '../../runtime/log.js';
import { partnerChannels } from '../../service/partner-channels.js';
import type { Rules } from '../../service/rules.js';
import { checkWebhook } from './desk-checks.js';
import { attempt, type Check, failed, passed } from './report.js';

/** Whether the ways to partners answer. Sends them nothing. */
export async function checkPartners(
  rules: Pick<Rules, 'partners' | 'forecast'>,
  { desk, sources }: Config,
): Promise<Check[]> {
  const checks: Check[] = [];
  const kafka = sources?.kafka;
  for (const partner of rules.partners.partners) {
    const name = `partner ${partner.name}`;
    const check = await attempt(name, 'check partners.yaml', async (signal) => {
      const only = { ...rules, partners: { ...rules.partners, partners: [partner] } };
      const ways = partnerChannels(only, { config: desk ?? {}, kafka }, createLog('silent'));
      for (const [, channel] of ways) channel.close();
      const missing = await missingTopic(partner, kafka);
      if (missing !== undefined) return failed(name, missing, 'create the topic');
      const { webhook } = partner;
      if (webhook !== undefined) return checkWebhook(name, webhook, signal);
      return passed(name, `told by ${channelsOf(partner).join(', ')}`);
    });
    checks.push(check);
  }
  return checks;
}

async function missingTopic(
  { topic }: Partner,
  kafka: NonNullable<Config['sources']>['kafka'],
): Promise<string | undefined> {
  if (topic === undefined || kafka === undefined) return undefined;
  const ends = await createKafkaBus(kafka, createLog('silent')).endOffsets(topic);
  return ends.size === 0 ? `topic ${topic} has no partition` : undefined;
}
