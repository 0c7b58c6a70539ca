import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNELS, type Channel } from '../../src/domain/customer.js';
import {
  type ChannelFacts,
  chooseChannel,
  everyWantedList,
} from '../../src/notify/choose-channel.js';
import { decideAtDispatch } from '../../src/notify/decide-dispatch.js';
import type { NotificationPolicy } from '../../src/notify/policy.js';
import { policy, T0, texts } from '../services/customers.js';
import { onset } from './dispatch-samples.js';

const facts: ChannelFacts = {
  kind: 'onset',
  wantedChannels: ['push', 'sms'],
  lostChannels: [],
  failedChannels: [],
};
const all = CHANNELS;

function withChannels(change: Partial<NotificationPolicy['channels']>): NotificationPolicy {
  return { ...policy, channels: { ...policy.channels, ...change } };
}

describe('the channel of a message', () => {
  it('is SMS for people of whom nothing else is known', () => {
    expect(chooseChannel({ ...facts, wantedChannels: [] }, policy, all)).toMatchObject({
      channel: 'sms',
    });
  });

  it('is the first that somebody wants', () => {
    expect(chooseChannel(facts, policy, all)).toMatchObject({ channel: 'push' });
  });

  it('is the next where the first cannot arrive', () => {
    const wanted: ChannelFacts = {
      ...facts,
      wantedChannels: ['sms', 'push'],
      lostChannels: ['sms'],
    };
    expect(chooseChannel(wanted, policy, all)).toMatchObject({ channel: 'push' });
  });

  it('is what the kind allows, and what is set up', () => {
    const { kinds } = policy;
    const smsOnly: NotificationPolicy = {
      ...policy,
      kinds: { ...kinds, onset: { ...kinds.onset, channels: ['sms'] } },
    };
    expect(chooseChannel(facts, smsOnly, all)).toMatchObject({ channel: 'sms' });
    expect(chooseChannel(facts, policy, ['sms'])).toMatchObject({ channel: 'sms' });
    const pushOnly: ChannelFacts = { ...facts, wantedChannels: ['push'] };
    expect(chooseChannel(pushOnly, policy, ['sms'])).toEqual({ status: 'none' });
  });

  it('waits where nothing arrives and no gateway may keep it', () => {
    const lost: ChannelFacts = { ...facts, lostChannels: [...CHANNELS] };
    const hold = withChannels({ sms: { whenLost: 'hold', fallback: 'never' } });
    expect(chooseChannel(lost, hold, all)).toEqual({ status: 'wait' });
    expect(chooseChannel(lost, policy, all)).toMatchObject({ channel: 'sms' });
  });

  it('is always one that is wanted, allowed, set up and has not failed', () => {
    const some = fc.subarray([...CHANNELS]);
    const shuffled = fc.shuffledSubarray([...CHANNELS], { minLength: 1 });
    const way = fc.constantFrom('handOver' as const, 'hold' as const);
    const fallback = fc.constantFrom(
      'never' as const,
      'whenRefused' as const,
      'whenFailed' as const,
    );
    fc.assert(
      fc.property(
        shuffled,
        some,
        some,
        some,
        way,
        fallback,
        (wanted, lost, failed, there, whenLost, then) => {
          const { sms, push, email } = policy.channels;
          const rules = withChannels({
            sms: { ...sms, whenLost, fallback: then },
            push: { ...push, fallback: then },
            email: { ...email, fallback: then },
          });
          const choice = chooseChannel(
            { kind: 'update', wantedChannels: wanted, lostChannels: lost, failedChannels: failed },
            rules,
            there,
          );
          if (choice.status !== 'chosen') return;
          const usable = (channel: Channel): boolean =>
            wanted.includes(channel) && there.includes(channel) && !failed.includes(channel);
          expect(usable(choice.channel)).toBe(true);
          if (lost.includes(choice.channel)) {
            expect(rules.channels[choice.channel].whenLost).toBe('handOver');
          }
          if (choice.fallback !== null) {
            expect(then).not.toBe('never');
            expect(usable(choice.fallback.channel)).toBe(true);
            expect(choice.fallback.channel).not.toBe(choice.channel);
            expect(choice.fallback.isLate).toBe(then === 'whenFailed');
          }
        },
      ),
    );
  });

  it('knows every list that somebody can have', () => {
    expect(new Set(everyWantedList()).size).toBe(16);
  });
});

describe('a message when it could leave', () => {
  const clear = { isKilled: false, isShadow: false, channels: CHANNELS };
  const decide = (change: Partial<typeof onset>, rules = policy, nowMs = T0) =>
    decideAtDispatch({ ...onset, ...change }, clear, rules, texts, nowMs);
  const hold = withChannels({ sms: { whenLost: 'hold', fallback: 'never' } });

  it('is left to the channel whose turn it is', () => {
    expect(decide({ wantedChannels: ['push'] })).toEqual({ action: 'reroute', channel: 'push' });
    expect(decide({ wantedChannels: ['push'], channel: 'push' })).toMatchObject({ action: 'send' });
  });

  it('says by push neither the brand nor how to reply', () => {
    const sent = decide({ wantedChannels: ['push'], channel: 'push' });
    if (sent.action !== 'send') throw new Error(sent.action);
    expect(sent.sms.title).toBe('Incident réseau à Rennes');
    expect(sent.sms.text).toMatch(/^Réseau mobile interrompu/);
    expect(sent.sms.text).not.toContain('STOP');
  });

  it('is held while nothing arrives, and given up as unreachable when it is no longer valid', () => {
    const lost = { lostChannels: CHANNELS, isReachable: false };
    expect(decide(lost, hold)).toMatchObject({ action: 'hold', reason: 'unreachable' });
    expect(decide(lost, hold, onset.validUntilMs)).toEqual({
      action: 'suppress',
      reason: 'unreachable',
    });
  });

  it('is suppressed where no channel is left for somebody', () => {
    expect(decide({ failedChannels: ['sms'] })).toEqual({
      action: 'suppress',
      reason: 'noChannel',
    });
  });

  it('costs what its own channel may cost', () => {
    const push = { ...policy.channels.push, perMessage: 0.01, perIncident: 0.05, perMonth: null };
    const paid = withChannels({ push });
    const by = { wantedChannels: ['push'], channel: 'push' } as const;
    expect(decide({ ...by, segmentsOfIncident: 4 }, paid)).toMatchObject({ action: 'send' });
    expect(decide({ ...by, segmentsOfIncident: 5 }, paid)).toEqual({
      action: 'suppress',
      reason: 'incidentBudget',
    });
  });
});
