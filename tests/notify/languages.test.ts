import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/adapters/rules/load-yaml.js';
import { MessageFile } from '../../src/notify/message-file.js';
import { lintTexts, previewTexts } from '../../src/notify/text-preview.js';
import { Texts } from '../../src/notify/texts.js';
import { MINUTE, messageFiles, policy, T0 } from '../services/customers.js';

const shipped = readFileSync(resolve('rules/messages/en.yaml'), 'utf8');

/** A language that is only a file: the English one with SMS of its own. */
function language(code: string, sms: Record<string, string>): MessageFile {
  const file = parseYaml(shipped, 'en.yaml', MessageFile);
  return { ...file, language: code, sms: { ...file.sms, ...sms } };
}

/** Slovene has four forms: one, two, few, other. */
const slovene = language('sl', {
  works: `{brand}: dela na omrežju {place} od {since}{hours, plural, =0 {}
    one {, # ura} two {, # uri} few {, # ure} other {, # ur}}.`,
});
const arabic = language('ar', {
  onset:
    '{brand}: انقطعت خدمة الهاتف في {place}. {until, select, none {نعمل على إصلاحها.} other {نتوقع عودتها نحو {until}.}}',
  works:
    '{brand}: أعمال صيانة في {place} {hours, plural, =0 {} one {لمدة ساعة} two {لمدة ساعتين} few {لمدة # ساعات} many {لمدة # ساعة} other {لمدة # ساعة}}.',
});
const texts = new Texts([...messageFiles, slovene, arabic], policy);

const works = (code: string, hours: number): string =>
  texts.sms(
    {
      ...{ kind: 'works', variant: 'full', language: code, service: 'none', reach: 'now' },
      ...{ audience: 'person', place: 'Rennes', isAround: false, zone: 'Europe/Paris' },
      ...{ startedAtMs: T0, endedAtMs: T0 + hours * 60 * MINUTE },
      ...{ estimatedRepairAtMs: null, repairBandMs: 0 },
    },
    T0 - 600 * MINUTE,
  ).text;

describe('a language that is a file', () => {
  it('has as many plural forms as it needs', () => {
    expect(
      [1, 2, 3, 5, 101].map((hours) => /, (\d+ \p{L}+)/u.exec(works('sl', hours))?.[1]),
    ).toEqual(['1 ura', '2 uri', '3 ure', '5 ur', '101 ura']);
  });

  it('may run from right to left, and is then UCS-2 as it stands', () => {
    expect(works('ar', 2)).toContain('لمدة ساعتين');
    expect(works('ar-MA', 5)).toContain('لمدة 5 ساعات');
    const previews = previewTexts(texts, 'ar', policy);
    const onset = previews.find(({ name }) => name === 'onset');
    expect(onset).toMatchObject({ encoding: 'UCS-2', language: 'ar' });
    expect(onset?.price).toBeCloseTo((onset?.segments ?? 0) * policy.budget.perSegment);
    expect(onset?.text).toMatch(/^Tocsin Mobile: انقطعت/);
  });

  it('keeps names of places from steering what is shown, or the text', () => {
    const sneaky = '\u202eLa {until}\n{brand, select, other {x}}\u0007';
    const { text } = texts.sms(
      {
        ...{ kind: 'onset', variant: 'full', language: 'en', service: 'none', reach: 'now' },
        ...{ audience: 'person', place: sneaky, isAround: false, zone: null },
        ...{ startedAtMs: T0, endedAtMs: null, estimatedRepairAtMs: null, repairBandMs: 0 },
      },
      T0,
    );
    expect(text).toContain('in La {until} {brand, select, other {x}}.');
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('leaves a place out whose name would make the text longer than allowed', () => {
    const about = (place: string) =>
      texts.sms(
        {
          ...{ kind: 'onset', variant: 'full', language: 'en', service: 'none', reach: 'later' },
          ...{ audience: 'person', place, isAround: true, zone: 'Europe/Paris', startedAtMs: T0 },
          ...{ endedAtMs: null, estimatedRepairAtMs: T0 + 3_600_000, repairBandMs: 0 },
        },
        T0,
      );
    expect(about('Rennes').text).toContain('in Rennes and around');
    const { text, size } = about('Θεσσαλονίκη, ανατολική πλευρά της πόλης');
    expect(size).toMatchObject({ encoding: 'GSM-7', segments: 1 });
    expect(text).not.toContain(' in ');
  });
});

describe('lint', () => {
  it('names each character that forces UCS-2 and a spelling that does not', () => {
    const french = language('fr', { short: 'Réseau coupé, bientôt rétabli… ça ira' });
    const found = lintTexts(french, policy).filter(({ name }) => name === 'short');
    expect(found).toEqual(
      [
        ['ô', 'U+00F4', 'o'],
        ['…', 'U+2026', '...'],
        ['ç', 'U+00E7', 'c'],
      ].map(([character, codePoint, spelling]) => ({
        ...{ name: 'short', character, codePoint, spelling, isRespelt: true },
      })),
    );
    expect(lintTexts(arabic, policy)[0]).toMatchObject({ spelling: null, isRespelt: false });
    for (const file of messageFiles) {
      expect(lintTexts(file, policy).every(({ isRespelt }) => isRespelt)).toBe(true);
    }
  });
});
