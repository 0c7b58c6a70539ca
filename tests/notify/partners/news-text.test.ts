import { expect, it } from 'vitest';
import type { PartnerNews } from '../../../src/domain/partner-news.js';
import { partnerNewsText } from '../../../src/notify/partners/news-text.js';

const news: PartnerNews = {
  schemaVersion: 1,
  deliveryId: 'news_1',
  alertId: 'partner_1',
  kind: 'onset',
  revision: 1,
  recipient: 'partner breizh (email)',
  partner: 'breizh',
  decidedAt: '2026-01-14T13:02:00.000Z',
  changes: [],
  incidentId: 'inc_1',
  goesOnAs: null,
  state: 'open',
  severity: 'critical',
  startedAt: '2026-01-14T12:55:00.000Z',
  endedAt: null,
  estimatedRepairAt: '2026-01-14T15:30:00.000Z',
  certainty: 0.98,
  causeKind: 'site',
  counts: {
    lines: 1240,
    machines: 0,
    byKind: { person: 1240 },
    lost: { voice: 900, data: 1100, sms: null },
    visitors: 0,
  },
  areas: [
    { area: 'Rennes', sites: 2, cells: 6, lines: 1240 },
    { area: 'Vitré', sites: 1, cells: 3, lines: null },
  ],
  acknowledgeUrl: 'https://tocsin.example/desk/acknowledge/x',
};

it('says in English where, since when, how many and until when, in local time', () => {
  const { subject, body } = partnerNewsText(news, 'en', 'Europe/Paris');
  expect(subject).toBe('Incident in Rennes, Vitré');
  for (const part of [
    '1,240',
    'Wed 14 Jan 13:55',
    '16:30',
    '98 %',
    'without SMS: few',
    '- Vitré: 3 cells at 1 site, lines at home there: few',
  ]) {
    expect(body).toContain(part);
  }
  expect(body).not.toContain('Machines');
});

it.each([
  ['change', 'Incident à Rennes, Vitré : du nouveau'],
  ['restored', 'Service rétabli à Rennes, Vitré'],
  ['merged', 'L’incident à Rennes, Vitré rejoint un incident plus large'],
  ['withdrawn', 'Pas d’incident à Rennes, Vitré : ne pas tenir compte'],
] as const)('says %s in French', (kind, subject) => {
  const said = partnerNewsText({ ...news, kind, goesOnAs: 'inc_2' }, 'fr', 'Europe/Paris');
  expect(said.subject).toBe(subject);
  if (kind === 'merged') expect(said.body).toContain('inc_2');
});
