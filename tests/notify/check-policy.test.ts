import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/adapters/rules/load-yaml.js';
import { checkPolicy, type WhereaboutsMode } from '../../src/notify/check-policy.js';
import { NotificationPolicy } from '../../src/notify/policy.js';

const shipped = readFileSync(resolve('rules/notification.yaml'), 'utf8');

/** Reads the shipped policy with one thing changed. @returns what it is refused with */
function refusal(from: string | RegExp, to: string, mode: WhereaboutsMode = 'declared'): string {
  const text = shipped.replace(from, to);
  expect(text).not.toBe(shipped);
  try {
    parseYaml(text, 'notification.yaml', NotificationPolicy, (policy) => checkPolicy(policy, mode));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a bad policy', () => {
  it.each([
    ['weekly cap below the daily one', 'maxPerWeek: 8', 'maxPerWeek: 2', 'people.maxPerWeek was 2'],
    ['zone that is none', 'Zone: Europe/Paris', 'Zone: Paris', 'people.defaultZone was "Paris"'],
    [
      'region without a place',
      'regions: null',
      'regions: [{name: Nowhere, south: 49, west: 0, north: 48, east: 1}]',
      'rollout.regions.0 of "Nowhere" holds no place',
    ],
    [
      'reply to a name',
      'alphanumeric: "Opt-out: www.tocsin.example"',
      'alphanumeric: reply',
      'texts.optOut.alphanumeric was "reply", which cannot reach it, allowed: the words that say how',
    ],
    [
      'reply to a notification',
      'push: "Opt-out: app"',
      'push: Reply',
      'texts.optOut.push was "reply"',
    ],
    [
      'budget of a channel beyond its month',
      'perMessage: 0, perIncident: null, perMonth: null }\n  email',
      'perMessage: 0, perIncident: 9, perMonth: 5 }\n  email',
      'channels.push.perIncident was 9, allowed: at most perMonth, 5',
    ],
    ['channel that there is none of', 'default: [sms]', 'default: [pigeon]', 'channels.default.0'],
    [
      'kind that nothing allows',
      'legalBasis: { default: performance of the contract }',
      'legalBasis: { default: null, segments: { business: null } }',
      'kinds.onset.legalBasis names nothing',
    ],
    [
      'quiet hours that are none',
      '{ from: "22:00", to: "07:00" }',
      '{ from: "22:00", to: "22:00" }',
      'kinds.update.quietHours begin and end at the same time',
    ],
    [
      'quiet hours of a segment that are none',
      '{ from: "22:00", to: "07:00" }',
      '{ from: "22:00", to: "07:00", segments: { business: { from: "09:00", to: "09:00" } } }',
      'kinds.update.quietHours.segments.business begin and end',
    ],
    [
      'notice too late',
      'minAheadHours: 2',
      'minAheadHours: 48',
      'kinds.works.minAheadHours was 48',
    ],
    [
      'estimate that can never be said',
      'minAheadMinutes: 20',
      'minAheadMinutes: 480',
      'estimate.minAheadMinutes was 480',
    ],
    [
      'budget of an incident above that of the month',
      'perIncident: null\n  perMonth: null',
      'perIncident: 500\n  perMonth: 100',
      'budget.perIncident was 500',
    ],
    ['share above 1', 'none: 0.08', 'none: 8', 'order.propensity.none was 8'],
    ['number that is none', 'numbers: null', 'numbers: ["0612345678"]', 'rollout.numbers'],
    ['unknown exception', '[emergencyCalling]', '[everybody]', 'kinds.onset.quietHours'],
    ['unknown answer to silence', 'otherwise: hold', 'otherwise: send', 'approval.otherwise'],
  ])('with a %s is refused where it stands', (_, from, to, what) => {
    const message = refusal(from, to);
    expect(message).toContain(what);
    expect(message).toMatch(/^notification\.yaml:\d+:\d+: .*allowed/);
  });

  it('that finds people by location without leave is refused, and with leave is not', () => {
    const words = 'locationBasis: { default: null }';
    expect(refusal('version: 1', 'version: 1 ', 'declared')).toBe('');
    expect(refusal('version: 1', 'version: 1 ', 'lastSeen')).toContain(
      'kinds.onset.locationBasis names nothing that allows the use of location',
    );
    for (const basis of [
      '{ default: consent }',
      '{ default: null, segments: { business: consent } }',
    ]) {
      expect(refusal(new RegExp(words, 'g'), `locationBasis: ${basis}`, 'learnt')).toBe('');
    }
  });
});
