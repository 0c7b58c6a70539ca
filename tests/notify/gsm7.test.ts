import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { respellGsm7, smsSize } from '../../src/notify/gsm7.js';

const ALPHABET = [
  ...'aZ09 é è à ù ì ò É Ç €{}[]|^~\\\n@£$¥ØøÅåΔΦΓ',
  ...'êôâîûëïçÀÈÊ’«»…—–œ',
  ...'שלום漢字😀👍🏽',
];
const text = fc
  .array(fc.constantFrom(...ALPHABET), { maxLength: 400 })
  .map((characters) => characters.join(''));
const gsmText = fc
  .array(fc.constantFrom(...'abc €[é'), { maxLength: 400 })
  .map((characters) => characters.join(''));

describe('SMS size', () => {
  it('agrees with the segment calculator on encoding and segments', () => {
    fc.assert(
      fc.property(fc.oneof(text, gsmText), (body) => {
        const oracle = new SegmentedMessage(body, 'auto');
        const size = smsSize(body);
        expect(size.encoding).toBe(oracle.encodingName);
        expect(size.segments).toBe(Math.max(1, oracle.segmentsCount));
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  it.each([
    ['a'.repeat(160), 1],
    ['a'.repeat(161), 2],
    [`${'a'.repeat(158)}€`, 1],
    [`${'a'.repeat(159)}€`, 2],
    [`${'a'.repeat(152)}€${'a'.repeat(153)}`, 3],
    ['ê'.repeat(70), 1],
    ['ê'.repeat(71), 2],
    ['', 1],
  ])('counts the segments at the edges (case %#)', (body, segments) => {
    expect(smsSize(body).segments).toBe(segments);
  });

  it('names the characters that force UCS-2', () => {
    expect(smsSize('fenêtre, tête, ça').outside).toEqual(['ê', 'ç']);
  });
});

describe('respelling', () => {
  it('brings French within GSM-7 and leaves what it holds alone', () => {
    expect(respellGsm7('L’été à Châteaugiron : « fenêtre », cœur, français')).toBe(
      'L\'été à Chateaugiron : " fenetre ", coeur, francais',
    );
  });

  it('leaves other scripts alone', () => {
    expect(respellGsm7('שלום 漢字')).toBe('שלום 漢字');
  });

  it('does not change a text that fits', () => {
    fc.assert(
      fc.property(gsmText, (body) => {
        expect(respellGsm7(body)).toBe(body);
      }),
      { seed: 7 },
    );
  });
});
