import { describe, expect, it } from 'vitest';
import type { SurgeAlert } from '../../../src/domain/surge-alert.js';
import { alertText } from '../../../src/forecast/desk/alert-text.js';
import { watchSurge } from '../../../src/forecast/desk/surge-watch.js';
import { ahead, deskRules, T0 } from './surge-world.js';

const { surges } = watchSurge(undefined, ahead('care', T0, [0, 60, 20], 20), deskRules.surge, T0);
const alert: SurgeAlert = {
  schemaVersion: 1,
  deliveryId: 'news_1',
  alertId: 'surge_1',
  kind: 'surge',
  revision: 1,
  recipient: 'desk',
  decidedAt: new Date(T0).toISOString(),
  raisedAt: new Date(T0).toISOString(),
  leadSeconds: 900,
  queues: [...surges],
  incidents: ['inc-1'],
  acknowledgeUrl: 'https://tocsin.example/desk/acknowledge/x',
};

describe('alertText', () => {
  it('says how many calls, when, where and who is missing, in local time', () => {
    expect(alertText(alert, 'en', 'Europe/Paris')).toEqual({
      subject: 'Surge: 80 more calls in 15 min in care, 14 people short',
      body: `Surge: 80 more calls in 15 min in care, 14 people short.

- care: from Tue 15:15 to Tue 15:45, 80 more calls; at Tue 15:15 100 calls where 40 are usual, for which 25 agents are needed; 14 people short (3.5 h)

Incidents in the network bring these calls: inc-1

Say that you have seen it, so that others need not:
https://tocsin.example/desk/acknowledge/x
`,
    });
  });

  it('speaks French, and of an all-clear asks nothing', () => {
    expect(alertText(alert, 'fr', 'Europe/Paris').subject).toBe(
      'Pic d’appels : 80 appels de plus dans 15 min sur care, 14 personnes manquent',
    );
    const over = alertText({ ...alert, kind: 'allClear', leadSeconds: null }, 'fr', 'Europe/Paris');
    expect(over.subject).toBe('Fin d’alerte : le pic d’appels sur care est passé');
    expect(over.body).not.toContain('https:');
  });

  it('does not claim a gap or its absence without a roster', () => {
    const unknown = surges.map((each) => ({ ...each, gapAgents: null, gapHours: null }));
    const { subject, body } = alertText({ ...alert, queues: unknown }, 'en', 'Europe/Paris');
    expect(subject).toBe('Surge: 80 more calls in 15 min in care');
    expect(body).toContain('no roster is known');
  });
});
