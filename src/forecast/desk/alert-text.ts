import { DateTime } from 'luxon';
import type { QueueSurge, SurgeAlert } from '../../domain/surge-alert.js';

export type DeskLanguage = 'en' | 'fr';

/** An e-mail as plain text. */
export interface AlertText {
  readonly subject: string;
  readonly body: string;
}

interface Words {
  readonly surge: (calls: number, queues: string, when: string, gap: string) => string;
  readonly wider: (queues: string) => string;
  readonly allClear: (queues: string) => string;
  readonly in: (minutes: number) => string;
  readonly now: string;
  readonly short: (agents: number) => string;
  readonly line: (surge: QueueSurge, clock: (iso: string) => string) => string;
  readonly enough: string;
  readonly noRoster: string;
  readonly acknowledge: string;
  readonly over: string;
  readonly why: string;
}

const EN: Words = {
  surge: (calls, queues, when, gap) =>
    `Surge: ${calls} more calls ${when} in ${queues}${gap === '' ? '' : `, ${gap}`}`,
  wider: (queues) => `Surge reaches more queues: ${queues}`,
  allClear: (queues) => `All clear: the surge in ${queues} is over`,
  in: (minutes) => `in ${minutes} min`,
  now: 'from now on',
  short: (agents) => `${agents} people short`,
  line: (surge, clock) =>
    `${surge.queue}: from ${clock(surge.from)} to ${clock(surge.until)}, ${whole(surge.extraCalls)} more calls; at ${clock(surge.peakAt)} ${whole(surge.peakCalls)} calls where ${whole(surge.peakOrdinary)} are usual, for which ${surge.agents} agents are needed`,
  enough: 'the roster covers it',
  noRoster: 'no roster is known',
  acknowledge: 'Say that you have seen it, so that others need not:',
  over: 'Calls are back to what is usual. Thank you.',
  why: 'Incidents in the network bring these calls:',
};

const FR: Words = {
  surge: (calls, queues, when, gap) =>
    `Pic d’appels : ${calls} appels de plus ${when} sur ${queues}${gap === '' ? '' : `, ${gap}`}`,
  wider: (queues) => `Le pic d’appels gagne d’autres files : ${queues}`,
  allClear: (queues) => `Fin d’alerte : le pic d’appels sur ${queues} est passé`,
  in: (minutes) => `dans ${minutes} min`,
  now: 'dès maintenant',
  short: (agents) => `${agents} personnes manquent`,
  line: (surge, clock) =>
    `${surge.queue} : de ${clock(surge.from)} à ${clock(surge.until)}, ${whole(surge.extraCalls)} appels de plus ; à ${clock(surge.peakAt)} ${whole(surge.peakCalls)} appels au lieu de ${whole(surge.peakOrdinary)}, soit ${surge.agents} conseillers nécessaires`,
  enough: 'le planning suffit',
  noRoster: 'le planning n’est pas connu',
  acknowledge: 'Signalez que vous en avez pris connaissance :',
  over: 'Les appels sont revenus à la normale. Merci.',
  why: 'Ces appels viennent d’incidents du réseau :',
};

const WORDS: Readonly<Record<DeskLanguage, Words>> = { en: EN, fr: FR };

function whole(value: number): string {
  return String(Math.round(value));
}

/**
 * An alert in words. Times are local to the call centre.
 * @param zone IANA zone of the call centre
 */
export function alertText(alert: SurgeAlert, language: DeskLanguage, zone: string): AlertText {
  const words = WORDS[language];
  const clock = (iso: string): string =>
    DateTime.fromISO(iso, { zone }).setLocale(language).toFormat('ccc HH:mm');
  const subject = subjectOf(alert, words);
  const queues = alert.queues.map(
    (surge) => `- ${words.line(surge, clock)}; ${gapText(surge, words)}`,
  );
  const incidents =
    alert.incidents.length === 0 ? [] : ['', `${words.why} ${alert.incidents.join(', ')}`];
  const body =
    alert.kind === 'allClear'
      ? [words.over]
      : [...queues, ...incidents, '', words.acknowledge, alert.acknowledgeUrl];
  return { subject, body: `${[`${subject}.`, '', ...body].join('\n')}\n` };
}

function subjectOf({ kind, queues, leadSeconds }: SurgeAlert, words: Words): string {
  const names = queues.map(({ queue }) => queue).join(', ');
  if (kind === 'allClear') return words.allClear(names);
  if (kind === 'wider') return words.wider(names);
  const calls = queues.reduce((sum, { extraCalls }) => sum + extraCalls, 0);
  const gap = queues.reduce((sum, { gapAgents }) => sum + Math.max(0, gapAgents ?? 0), 0);
  const minutes = Math.round((leadSeconds ?? 0) / 60);
  const when = minutes > 0 ? words.in(minutes) : words.now;
  return words.surge(Math.round(calls), names, when, gap > 0 ? words.short(Math.ceil(gap)) : '');
}

function gapText({ gapAgents, gapHours }: QueueSurge, words: Words): string {
  if (gapAgents === null) return words.noRoster;
  if (gapAgents <= 0) return words.enough;
  return `${words.short(Math.ceil(gapAgents))} (${(gapHours ?? 0).toFixed(1)} h)`;
}
