import type { Channel } from '../domain/customer.js';
import { respellGsm7, smsSize } from './gsm7.js';
import type { MessageFile } from './message-file.js';
import type { NotificationPolicy } from './policy.js';
import type { SmsFacts } from './text-facts.js';
import { SAMPLE, sampleFacts } from './text-samples.js';
import type { Texts } from './texts.js';

/** One text with real values, and what sending it takes. */
export interface TextPreview {
  readonly language: string;
  readonly channel: Channel;
  /** title of a notification, subject of a mail; null where there is none */
  readonly title: string | null;
  /** key in the file, such as `onset` */
  readonly name: string;
  /** which variant: service, reach, audience */
  readonly variant: string;
  readonly text: string;
  readonly encoding: 'GSM-7' | 'UCS-2';
  readonly units: number;
  readonly segments: number;
  /** of one message, in the policy's currency */
  readonly price: number;
}

/** Every variant of every text of a language, each different one of a channel once. */
export function previewTexts(
  texts: Texts,
  language: string,
  policy: NotificationPolicy,
): TextPreview[] {
  const previews = new Map<string, TextPreview>();
  for (const facts of sampleFacts(language)) {
    const { channel = 'sms' } = facts;
    const { text, title, size } = texts.sms(facts, momentOf(facts));
    if (previews.has(`${channel} ${text}`)) continue;
    previews.set(`${channel} ${text}`, {
      language,
      channel,
      title,
      name: facts.variant === 'short' ? 'short' : facts.kind,
      variant: `${facts.service}, ${facts.reach}, ${facts.audience}`,
      text,
      encoding: size.encoding,
      units: size.units,
      segments: size.segments,
      price:
        channel === 'sms'
          ? size.segments * policy.budget.perSegment
          : policy.channels[channel].perMessage,
    });
  }
  return [...previews.values()];
}

function momentOf({ kind }: SmsFacts): number {
  const { startedAtMs, estimatedRepairAtMs } = SAMPLE;
  if (kind === 'works') return startedAtMs - 24 * 3_600_000;
  return kind === 'restored' ? estimatedRepairAtMs : startedAtMs;
}

/** A character that no GSM-7 text can hold. */
export interface LintFinding {
  readonly name: string;
  readonly character: string;
  /** such as `U+00EA` */
  readonly codePoint: string;
  /** how GSM-7 would spell it; null: this script cannot be */
  readonly spelling: string | null;
  /** whether it is spelt so by itself (`texts.preferGsm7`), or makes the text UCS-2 */
  readonly isRespelt: boolean;
}

/** Characters of a language's SMS that GSM-7 lacks, each once per text, in order of appearance. */
export function lintTexts(file: MessageFile, { texts }: NotificationPolicy): LintFinding[] {
  const findings: LintFinding[] = [];
  for (const [name, message] of Object.entries(file.sms)) {
    for (const character of new Set(message)) {
      const spelling = respellGsm7(character);
      const isOutside = isOutsideGsm7(character);
      if (!isOutside) continue;
      const canSpell = spelling !== character;
      findings.push({
        name,
        character,
        codePoint: `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
        spelling: canSpell ? spelling : null,
        isRespelt: canSpell && texts.preferGsm7,
      });
    }
  }
  return findings;
}

function isOutsideGsm7(character: string): boolean {
  return smsSize(character).outside.length > 0;
}
