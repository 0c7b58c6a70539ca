import { describe, expect, it } from 'vitest';
import { TocsinError } from '../../src/domain/errors.js';
import type { MessageFile } from '../../src/notify/message-file.js';
import { senderKindOf } from '../../src/notify/sender-kind.js';
import type { SmsFacts } from '../../src/notify/text-facts.js';
import { Texts } from '../../src/notify/texts.js';
import { MINUTE, messageFiles, policy, T0, texts } from '../services/customers.js';

const facts: SmsFacts = {
  kind: 'onset',
  variant: 'full',
  language: 'fr',
  service: 'none',
  reach: 'now',
  audience: 'person',
  place: 'Châteaugiron',
  isAround: true,
  zone: 'Europe/Paris',
  startedAtMs: T0 - 25 * MINUTE,
  endedAtMs: null,
  estimatedRepairAtMs: T0 + 100 * MINUTE,
  repairBandMs: 0,
};
const say = (change: Partial<SmsFacts> = {}, nowMs = T0): string =>
  texts.sms({ ...facts, ...change }, nowMs).text;

function broken(change: (file: MessageFile) => MessageFile): () => Texts {
  return () =>
    new Texts(
      messageFiles.map((file) => (file.language === 'fr' ? change(file) : file)),
      policy,
    );
}

describe('texts', () => {
  it('say what, where, since when and until when, in GSM-7', () => {
    expect(say()).toBe(
      'Tocsin Mobile : réseau mobile interrompu à Chateaugiron et alentours depuis 13h35. ' +
        'Nos équipes y travaillent, retour prévu vers 15h45. Stop SMS : STOP',
    );
    expect(texts.sms(facts, T0).size).toMatchObject({ encoding: 'GSM-7', segments: 1 });
    expect(say({ language: 'en' })).toContain('since 13:35');
  });

  it('state no repair time that is too near, too far, unknown, or without a zone to state it in', () => {
    for (const ahead of [5, 1000]) {
      expect(say({ estimatedRepairAtMs: T0 + ahead * MINUTE })).not.toContain('prévu');
    }
    expect(say({ estimatedRepairAtMs: null })).not.toContain('prévu');
    expect(say({ zone: null })).not.toMatch(/\d\dh\d\d/);
    expect(say({ zone: 'nowhere' })).not.toMatch(/\d\dh\d\d/);
  });

  it('state a repair time from the past only when its band is narrow', () => {
    const { maxBandMinutes } = policy.estimate;
    expect(say({ repairBandMs: maxBandMinutes * MINUTE })).toContain('prévu');
    expect(say({ repairBandMs: (maxBandMinutes + 1) * MINUTE })).not.toContain('prévu');
    expect(texts.isTimeSaid(0)).toBe(true);
  });

  it('round the repair time up, never down', () => {
    expect(say({ estimatedRepairAtMs: T0 + 61 * MINUTE })).toContain('vers 15h15');
    expect(say({ estimatedRepairAtMs: T0 + 60 * MINUTE })).toContain('vers 15h00');
  });

  it('name the day when it is not today', () => {
    expect(say({ startedAtMs: T0 - 24 * 60 * MINUTE })).toContain(
      'depuis mardi 13 janvier à 14h00',
    );
  });

  it('fall back from region to language, to the policy’s chain, to the default', () => {
    expect(texts.fileFor('fr-CA').language).toBe('fr');
    expect(texts.fileFor('de-AT').language).toBe('en');
    expect(texts.fileFor('br').language).toBe('fr');
  });

  it('take values as they are, markup and braces included', () => {
    expect(say({ place: "Saint-<b>X</b> {y} l'Aumône", isAround: false })).toContain(
      "à Saint-<b>X</b> {y} l'Aumone depuis",
    );
  });

  it.each([
    ['bad ICU syntax', (f: MessageFile) => ({ ...f, sms: { ...f.sms, onset: '{brand' } })],
    ['a value nobody gives', (f: MessageFile) => ({ ...f, sms: { ...f.sms, onset: '{price}' } })],
    ['a text too long', (f: MessageFile) => ({ ...f, sms: { ...f.sms, onset: 'a'.repeat(400) } })],
    ['no words for an unknown cause', (f: MessageFile) => ({ ...f, causes: {} })],
  ])('are refused at start for %s, with the language and the text', (_, change) => {
    expect(broken(change)).toThrow(TocsinError);
    expect(broken(change)).toThrow(/messages fr/);
  });

  it('tell an agent what is sure and what is not', () => {
    const about = { ...facts, certainty: 'probably', told: true } as const;
    const sentence = texts.agentSentence(about, T0);
    expect(sentence).toContain('Vous êtes probablement touché par une coupure');
    expect(sentence).toContain('Un SMS vous a été envoyé.');
    expect(texts.agentReason('en', 'seen', 1)).toBe('Seen 1 minute ago at a cell of the incident.');
    expect(texts.cause('fr', 'power')).toBe('une coupure électrique');
    expect(texts.cause('fr', 'volcano')).toBe('un incident sur le réseau');
  });
});

describe('what writes to somebody', () => {
  it.each([
    ['+33700000000', 'longNumber'],
    ['33700000000', 'longNumber'],
    ['38000', 'shortCode'],
    ['Tocsin', 'alphanumeric'],
    ['Tel 24', 'alphanumeric'],
  ] as const)('is, as %s, a %s', (from, kind) => expect(senderKindOf(from)).toBe(kind));

  it('decides how a text says to opt out', () => {
    const named = new Texts(messageFiles, policy, 'alphanumeric');
    expect(named.sms(facts, T0).text).toMatch(/Opt-out: www\.tocsin\.example$/);
    expect(named.helpText('en')).not.toContain('STOP');
    expect(say()).toMatch(/STOP$/);
    expect(texts.sms({ ...facts, channel: 'email' }, T0)).toMatchObject({
      title: 'Tocsin Mobile : incident sur le réseau mobile à Châteaugiron',
      size: { segments: 1 },
    });
  });
});
