import { PostgresGatewayInbox } from '../adapters/postgres/gateway-inbox.js';
import { PostgresHelpAnswers } from '../adapters/postgres/help-answers.js';
import type { Channel } from '../domain/customer.js';
import type { GatewayInbox, SmsGateway } from '../notify/ports.js';
import { HelpDesk } from '../runtime/help-desk.js';
import type { Logger } from '../runtime/log.js';
import type { Rules } from './rules.js';
import type { Service } from './service.js';

/** What the way in of a gateway's words stands on. */
export interface InboxSetup {
  readonly phoneSecret: string;
  readonly rules: Pick<Rules, 'texts' | 'policy'>;
  /** answers those who ask for help; absent: nobody does */
  readonly smsGateway: SmsGateway | undefined;
  readonly log: Logger;
}

/** Where a gateway's word is written down, the service told of it, and help answered. */
export function gatewayInbox(
  service: Service,
  { phoneSecret, rules, smsGateway, log }: InboxSetup,
  channel: Channel = 'sms',
): GatewayInbox {
  const { texts, policy } = rules;
  const words = texts.replies;
  const inbox = new PostgresGatewayInbox(service.pool, phoneSecret, { channel, words });
  const desk =
    smsGateway === undefined || policy.shadow
      ? undefined
      : new HelpDesk({
          answers: new PostgresHelpAnswers(service.pool, phoneSecret),
          send: (sms) => smsGateway.send(sms),
          textOf: (language) => texts.helpText(language),
          languageOf: (body) => words.languageOf(body),
          log,
        });
  return {
    receipt: async (input) => {
      const outcome = await inbox.receipt(input);
      service.receiptCame();
      return outcome;
    },
    inbound: async (sms) => {
      const wish = await inbox.inbound(sms);
      if (wish === 'help') await desk?.answer(sms);
      return wish;
    },
  };
}
