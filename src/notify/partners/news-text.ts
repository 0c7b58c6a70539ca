import { DateTime } from 'luxon';
import type { PartnerArea, PartnerNews } from '../../domain/partner-news.js';

/** An e-mail as plain text. */
export interface NewsText {
  readonly subject: string;
  readonly body: string;
}

interface Words {
  readonly subject: (kind: PartnerNews['kind'], place: string) => string;
  readonly lines: (count: string) => string;
  readonly few: string;
  readonly machines: (count: string) => string;
  readonly visitors: (count: string) => string;
  readonly lost: (voice: string, data: string, sms: string) => string;
  readonly since: (time: string) => string;
  readonly until: (from: string, to: string) => string;
  readonly repair: (time: string) => string;
  readonly noRepair: string;
  readonly sure: (percent: number) => string;
  readonly places: string;
  readonly area: (area: PartnerArea, lines: string) => string;
  readonly goesOn: (id: string) => string;
  readonly withdrawn: string;
  readonly incident: (id: string, severity: string) => string;
  readonly acknowledge: string;
}

/** Plurals of the nouns used here end in s, in both languages. */
const counted = (count: number, noun: string): string => `${count} ${noun}${count > 1 ? 's' : ''}`;

const EN: Words = {
  subject: (kind, place) =>
    ({
      onset: `Incident${place}`,
      change: `Incident${place}: news`,
      restored: `Service is back${place}`,
      merged: `Incident${place} goes on as part of a larger one`,
      withdrawn: `No incident${place}: please disregard`,
    })[kind],
  lines: (count) => `Lines of yours affected: ${count}`,
  few: 'few',
  machines: (count) => `Machines of yours affected: ${count}`,
  visitors: (count) => `Customers of yours seen there as visitors: ${count}`,
  lost: (voice, data, sms) => `Without calls: ${voice}; without data: ${data}; without SMS: ${sms}`,
  since: (time) => `Since: ${time}`,
  until: (from, to) => `From ${from} to ${to}`,
  repair: (time) => `Expected repair: ${time}`,
  noRepair: 'Expected repair: not known yet',
  sure: (percent) => `Certainty that service failed: ${percent} %`,
  places: 'Where:',
  area: ({ area, sites, cells }, lines) =>
    `- ${area}: ${counted(cells, 'cell')} at ${counted(sites, 'site')}, lines at home there: ${lines}`,
  goesOn: (id) => `It goes on as incident ${id}.`,
  withdrawn: 'An operator has found that it was no incident.',
  incident: (id, severity) => `Incident ${id}, ${severity}`,
  acknowledge: 'Say that you have seen it:',
};

const SEVERITIES_FR: Readonly<Record<PartnerNews['severity'], string>> = {
  critical: 'critique',
  major: 'majeur',
  minor: 'mineur',
  warning: 'avertissement',
};

const FR: Words = {
  subject: (kind, place) =>
    ({
      onset: `Incident${place}`,
      change: `Incident${place} : du nouveau`,
      restored: `Service rétabli${place}`,
      merged: `L’incident${place} rejoint un incident plus large`,
      withdrawn: `Pas d’incident${place} : ne pas tenir compte`,
    })[kind],
  lines: (count) => `Vos lignes touchées : ${count}`,
  few: 'quelques-unes',
  machines: (count) => `Vos objets connectés touchés : ${count}`,
  visitors: (count) => `Vos clients présents en itinérance : ${count}`,
  lost: (voice, data, sms) => `Sans appels : ${voice} ; sans données : ${data} ; sans SMS : ${sms}`,
  since: (time) => `Depuis : ${time}`,
  until: (from, to) => `De ${from} à ${to}`,
  repair: (time) => `Rétablissement prévu : ${time}`,
  noRepair: 'Rétablissement prévu : pas encore connu',
  sure: (percent) => `Certitude que le service est tombé : ${percent} %`,
  places: 'Où :',
  area: ({ area, sites, cells }, lines) =>
    `- ${area} : ${counted(cells, 'cellule')} sur ${counted(sites, 'site')}, lignes domiciliées : ${lines}`,
  goesOn: (id) => `Il se poursuit comme incident ${id}.`,
  withdrawn: 'Un opérateur a constaté que ce n’était pas un incident.',
  incident: (id, severity) =>
    `Incident ${id}, ${SEVERITIES_FR[severity as PartnerNews['severity']]}`,
  acknowledge: 'Signalez que vous en avez pris connaissance :',
};

const WORDS = { en: EN, fr: FR } as const;
const MOST_AREAS = 12;

/**
 * News for a partner in words.
 * @param zone IANA zone that times are said in
 */
export function partnerNewsText(news: PartnerNews, language: 'en' | 'fr', zone: string): NewsText {
  const words = WORDS[language];
  const numbers = new Intl.NumberFormat(language);
  const told = (count: number | null): string =>
    count === null ? words.few : numbers.format(count);
  const at = (iso: string): string =>
    DateTime.fromISO(iso, { zone }).setLocale(language).toFormat('ccc d LLL HH:mm ZZZZ');
  const towns = news.areas.slice(0, 2).map(({ area }) => area);
  const place =
    towns.length === 0 ? '' : `${language === 'fr' ? ' à ' : ' in '}${towns.join(', ')}`;
  const subject = words.subject(news.kind, place);
  const body = [...wordsOf(news, words, at), ...countsOf(news, words, told)];
  const link = ['', words.acknowledge, news.acknowledgeUrl];
  return { subject, body: `${[`${subject}.`, '', ...body, ...link].join('\n')}\n` };
}

function wordsOf(news: PartnerNews, words: Words, at: (iso: string) => string): string[] {
  const what = words.incident(news.incidentId, news.severity);
  if (news.kind === 'withdrawn') return [what, words.withdrawn];
  if (news.kind === 'merged') return [what, words.goesOn(news.goesOnAs ?? '')];
  if (news.endedAt !== null) return [what, words.until(at(news.startedAt), at(news.endedAt))];
  const sure = news.certainty === null ? [] : [words.sure(Math.round(news.certainty * 100))];
  const repair =
    news.estimatedRepairAt === null ? words.noRepair : words.repair(at(news.estimatedRepairAt));
  return [what, words.since(at(news.startedAt)), repair, ...sure];
}

function countsOf(
  { counts, areas }: PartnerNews,
  words: Words,
  told: (count: number | null) => string,
): string[] {
  const { lines, machines, lost, visitors } = counts;
  return [
    words.lines(told(lines)),
    words.lost(told(lost.voice), told(lost.data), told(lost.sms)),
    ...(machines === 0 ? [] : [words.machines(told(machines))]),
    ...(visitors === 0 ? [] : [words.visitors(told(visitors))]),
    '',
    words.places,
    ...areas.slice(0, MOST_AREAS).map((area) => words.area(area, told(area.lines))),
  ];
}
