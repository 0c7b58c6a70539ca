import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contrastSums } from '../../src/notify/effect/contrast.js';
import { estimateEffect, type ObservedEffect } from '../../src/notify/effect/estimate.js';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { type DashboardServer, dashboardServer } from './dashboard-server.js';

let served: DashboardServer;
let browser: TestBrowser;
let page: Page;
const wrong: string[] = [];

function observed(toldCalls: number, untoldCalls: number): ObservedEffect {
  const calls = (isTold: boolean, count: number, first: number) =>
    Array.from({ length: count }, (_, n) => ({ cell: 0, cluster: first + n, isTold, calls: 1 }));
  const sums = contrastSums(
    [{ toldExposure: 6000, untoldExposure: 6000 }],
    [...calls(true, toldCalls, 0), ...calls(false, untoldCalls, 10_000)],
  );
  const common = { design: 'sendingOrder' as const, told: 12_000, untold: 0, shareTold: 0.5 };
  return { ...common, sums, callsAfterTold: toldCalls };
}

const panelOf = (title: string) =>
  page.locator('section.panel', { has: page.getByRole('heading', { name: title }) });

describe.skipIf(!hasChromium)('the effect page', () => {
  beforeAll(async () => {
    served = await dashboardServer();
    for (const [id, told, untold] of [
      ['inc_fibre', 350, 500],
      ['inc_old', 3, 4],
    ] as const) {
      const each = observed(told, untold);
      await served.db.pool.query(
        `insert into wave_effects (wave_id, incident_id, lineage_id, ended_at, observed, estimate)
         values ($1, $1, $1, '2026-03-10T09:00Z', $2, $3)`,
        [id, JSON.stringify(each), JSON.stringify(estimateEffect(each))],
      );
    }
    browser = await startChromium();
    page = await browser.context.newPage();
    page.on('pageerror', (error) => wrong.push(String(error)));
    await page.goto(await served.link('planner'));
    await page.getByRole('link', { name: 'Effect' }).click();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    expect(wrong).toEqual([]);
  });

  it('says how many calls telling prevented, with the interval and what is not in it', async () => {
    const panel = panelOf('Calls prevented by telling people');
    await panel.getByRole('heading', { name: 'Order of sending' }).waitFor();
    const text = await panel.innerText();
    expect(text).toMatch(/30 % \(\d+ % to \d+ %\)/);
    expect(text).toContain('so the total effect is rather larger');
    expect(text).toContain('Nobody is held out');
  });

  it('lists incidents, the unmeasurable ones with the reason', async () => {
    const panel = panelOf('Incidents');
    expect(await panel.innerText()).toContain('not yet measurable: 3 calls of people told and 4');
  });

  it('states a month against its costs', async () => {
    await page.getByLabel('Month').fill('2026-03');
    const panel = panelOf('Statement of the month');
    await panel.getByText('Calls avoided').waitFor();
    expect(await panel.innerText()).toContain('no baseline is fixed');
  });
});
