import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperatorAct } from '../../src/domain/facts.js';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { type DashboardServer, dashboardServer } from './dashboard-server.js';

let served: DashboardServer;
let browser: TestBrowser;
let page: Page;

function acts(): OperatorAct[] {
  return served.server.journalled.flatMap((fact) => (fact.kind === 'acts' ? fact.items : []));
}

describe.skipIf(!hasChromium)('an agent with a caller on the line', () => {
  beforeAll(async () => {
    served = await dashboardServer();
    browser = await startChromium();
    page = await browser.context.newPage();
    await page.goto(await served.link('agent'));
    await page.goto(`${served.url}/lookup`);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('looks up, answers and takes it back by keyboard alone', async () => {
    await page.getByRole('button', { name: 'Look up' }).waitFor();
    await page.keyboard.type('0612345678');
    await page.keyboard.press('Enter');
    await page.getByText('This subscriber is affected.').waitFor();
    await page.keyboard.press('4');
    await page.getByText('Noted: Text me when it is back').waitFor();
    expect(acts()).toMatchObject([{ answer: 'textWhenBack', incidentId: 'inc_fibre' }]);
    await page.getByRole('button', { name: 'Undo' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Noted:').waitFor({ state: 'detached' });
    expect(acts()[1]).toMatchObject({ action: 'undoAnswer', undoes: acts()[0]?.actId });
    await page.keyboard.press('/');
    await page.keyboard.type('0699999999');
    await page.keyboard.press('Enter');
    await page.getByText('No subscriber has the number').waitFor();
    expect(acts().length).toBe(2);
  });

  it('is told plainly why an answer was not taken', async () => {
    await page.getByLabel('Number the problem is with').fill('0612345678');
    await page.keyboard.press('Enter');
    await page.getByText('This subscriber is affected.').waitFor();
    await browser.context.setOffline(true);
    await page.getByRole('button', { name: 'Not affected' }).click();
    await page.getByRole('alert').filter({ hasText: 'Tocsin does not answer' }).waitFor();
    await browser.context.setOffline(false);
    await page.getByRole('button', { name: 'Not affected' }).click();
    await page.getByText('Noted: Not affected').waitFor();
  });
});
