import { type Incident, isActive } from '../domain/incident.js';
import { LOSS_WORDS, type LossWord } from '../domain/services.js';
import type { CrmRules } from './rules.js';

/** One sentence of a flag, for everybody it fits. */
export interface FlagVariant {
  readonly language: string;
  readonly certainty: 'yes' | 'probably';
  readonly service: LossWord;
  readonly told: boolean;
}

/** Whether an incident's subscribers are to be flagged: it is open or recovering. */
export function isFlagged(incident: Incident): boolean {
  return isActive(incident.state);
}

/**
 * Until when a flag made now holds. Rounded up to half the validity, so that flags are rewritten
 * once per half and not at every refresh: between one and one and a half times the validity ahead.
 */
export function flagValidUntil(nowMs: number, rules: CrmRules): number {
  const validMs = rules.validMinutes * 60_000;
  const stepMs = validMs / 2;
  return Math.ceil((nowMs + validMs) / stepMs) * stepMs;
}

/** Every combination that a sentence depends on, for some languages. */
export function flagVariants(languages: readonly string[]): FlagVariant[] {
  const variants: FlagVariant[] = [];
  for (const language of languages) {
    for (const certainty of ['yes', 'probably'] as const) {
      for (const service of LOSS_WORDS) {
        for (const told of [true, false]) variants.push({ language, certainty, service, told });
      }
    }
  }
  return variants;
}
