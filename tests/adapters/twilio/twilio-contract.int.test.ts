import Fastify from 'fastify';
import { expect } from 'vitest';
import { twilioSignature } from '../../../simulators/gateway/callbacks.js';
import { NO_FAULTS } from '../../../simulators/gateway/faults.js';
import { startSmsGateway } from '../../../simulators/sms-gateway.js';
import { callbackUrl, TwilioGateway } from '../../../src/adapters/twilio/twilio-gateway.js';
import { readTwilioStatus } from '../../../src/adapters/twilio/twilio-status.js';
import { addErrors } from '../../../src/api/errors.js';
import { twilioRoutes } from '../../../src/api/twilio-routes.js';
import { type PeerFault, smsGatewayContract } from '../../notify/sms-gateway.contract.js';

const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'a token' };
const from = '+33700000000';
const publicUrl = 'https://tocsin.example';
const FAULTS: Record<PeerFault, object> = {
  none: {},
  refuses: {},
  optedOut: {},
  tooFast: { rateLimitRate: 1 },
  dropsAfterTaking: { dropAfterRate: 1 },
  neverAnswers: { answerDelayMs: 900 },
};

smsGatewayContract({
  name: 'Twilio',
  connect: async (inbox, timeoutMs) => {
    const simulator = await startSmsGateway(account);
    const gateway = new TwilioGateway({ ...account, from, baseUrl: simulator.url, timeoutMs });
    const app = Fastify();
    addErrors(app);
    const { authToken } = account;
    await app.register(twilioRoutes({ authToken, publicUrl, readStatus: readTwilioStatus, inbox }));
    const post = async (url: string, form: Record<string, string>): Promise<void> => {
      const answer = await app.inject({
        method: 'POST',
        url: url.slice(publicUrl.length),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-twilio-signature': twilioSignature(authToken, url, form),
        },
        payload: new URLSearchParams(form).toString(),
      });
      expect(answer.statusCode).toBeLessThan(300);
    };
    let refused: 'optedOut' | 'refuses' | undefined;
    const send = gateway.send.bind(gateway);
    // the simulator refuses by number
    gateway.send = async (sms) => {
      if (refused === 'optedOut') simulator.optOut(sms.to);
      return send(refused === 'refuses' ? { ...sms, to: 'nonsense' } : sms);
    };
    return {
      gateway,
      taken: () => simulator.sent().map(({ to, body }) => ({ to, text: body })),
      setFault: (fault) => {
        refused = fault === 'optedOut' || fault === 'refuses' ? fault : undefined;
        Object.assign(simulator.faults, NO_FAULTS, FAULTS[fault]);
      },
      report: (gatewayId, state, { messageId }) =>
        post(callbackUrl(publicUrl, messageId), {
          MessageSid: gatewayId,
          MessageStatus: state === 'delivered' ? 'delivered' : 'undelivered',
        }),
      reply: (number, body) =>
        post(`${publicUrl}/api/v1/gateway/twilio/inbound`, { From: number, Body: body }),
      stop: async () => {
        await gateway.close();
        await app.close();
        await simulator.stop();
      },
    };
  },
  strangers: async () => {
    const simulator = await startSmsGateway(account);
    const base = { ...account, from, timeoutMs: 300 };
    const wrongAccount = new TwilioGateway({
      ...base,
      baseUrl: simulator.url,
      authToken: 'another',
    });
    const nobody = new TwilioGateway({ ...base, baseUrl: 'http://127.0.0.1:1' });
    const stop = async (): Promise<void> => {
      await Promise.all([wrongAccount.close(), nobody.close()]);
      await simulator.stop();
    };
    return { wrongAccount, nobody, stop };
  },
});
