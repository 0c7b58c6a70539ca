import type { SubscriberNetwork } from '../../api/ports.js';
import { repairBandMs } from '../../domain/repair.js';
import { lossWord } from '../../domain/services.js';
import type { Texts } from '../../notify/texts.js';
import type { PersonExposure, PlaceCell } from './lookup-exposure.js';
import type { Surroundings, ToldMessage } from './lookup-surroundings.js';

/** In what language, where and when something is said. */
export interface Wording {
  readonly texts: Texts;
  readonly language: 'fr' | 'en';
  readonly zone: string | null;
  readonly nowMs: number;
}

/** What is said to somebody who is or may be affected. */
export function affectedSentence(
  { incident, service, lost }: PersonExposure,
  certainty: 'yes' | 'probably',
  told: readonly ToldMessage[],
  { texts, language, zone, nowMs }: Wording,
): string {
  const wasTold = told.some(
    ({ kind, state, lineageId }) =>
      (kind === 'onset' || kind === 'overrun') &&
      lineageId === incident.lineageId &&
      (state === 'accepted' || state === 'delivered'),
  );
  return texts.agentSentence(
    {
      language,
      certainty,
      service: lossWord(lost, service === 'none'),
      told: wasTold,
      place: incident.place.name,
      zone: zone ?? incident.place.zone,
      startedAtMs: incident.startedAt.getTime(),
      estimatedRepairAtMs:
        incident.estimatedRepairAt === null ? null : Date.parse(incident.estimatedRepairAt),
      repairBandMs: repairBandMs(incident.repair),
    },
    nowMs,
  );
}

/** What is said to somebody of whom no incident is known: never more than is seen. */
export function unaffectedSentence({ sight, works }: Surroundings, wording: Wording): string {
  const { texts, language, zone, nowMs } = wording;
  const [work] = works;
  const sentences: string[] = [];
  if (sight.state !== 'clear' && sight.since !== null) {
    const sinceMs = Date.parse(sight.since);
    const isWhole = sight.state === 'none';
    sentences.push(texts.unseenSentence({ language, zone, isWhole, sinceMs }, nowMs));
  } else if (work?.isOn !== true) sentences.push(texts.noIncidentSentence(language));
  if (work !== undefined) {
    const startsAtMs = Date.parse(work.startsAt);
    const endsAtMs = Date.parse(work.endsAt);
    sentences.push(texts.worksSentence({ language, zone, startsAtMs, endsAtMs }, nowMs));
  }
  return sentences.join(' ');
}

/** The strongest evidence behind an exposure, in words. @param lost the incident's cells among the places */
export function affectedReason(
  { subscriberId, since }: PersonExposure,
  places: readonly PlaceCell[],
  lost: ReadonlySet<number>,
  { texts, language, nowMs, keepMs }: Wording & { readonly keepMs: number },
): string {
  const own = places.filter((each) => each.subscriberId === subscriberId && lost.has(each.cellNo));
  const seenMs = own.find(({ by }) => by === 'seen')?.seenAt?.getTime();
  if (seenMs !== undefined && since.getTime() - seenMs <= keepMs) {
    return texts.agentReason(language, 'seen', Math.max(0, Math.round((nowMs - seenMs) / 60_000)));
  }
  if (own.some(({ by }) => by === 'usual')) return texts.agentReason(language, 'usual');
  const isHome = own.some(({ by }) => by === 'home');
  return texts.agentReason(language, isHome ? 'home' : 'around');
}

/** Why nobody can say that they are affected. */
export function unaffectedReason(
  { sight }: Pick<SubscriberNetwork, 'sight'>,
  { texts, language }: Wording,
): string {
  return texts.agentReason(language, sight.state === 'none' ? 'unseen' : 'none');
}

/** What somebody told an agent, as the reason for what is stated. */
export function saidReason(
  { answer, at }: { readonly answer: string; readonly at: Date },
  { texts, language, nowMs }: Wording,
): string {
  const minutes = Math.max(0, Math.round((nowMs - at.getTime()) / 60_000));
  return texts.agentReason(language, answer === 'stillDown' ? 'stillDown' : 'notAffected', minutes);
}
