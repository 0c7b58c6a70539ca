import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seedPlanner } from '../api/planner-world.js';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { type DashboardServer, dashboardServer } from './dashboard-server.js';

let served: DashboardServer;
let browser: TestBrowser;
let page: Page;
/** What must never happen: errors and breaches of the content policy. */
const wrong: string[] = [];

describe.skipIf(!hasChromium)("the planner's page", () => {
  beforeAll(async () => {
    served = await dashboardServer();
    await seedPlanner(served.db.pool);
    browser = await startChromium();
    page = await browser.context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(await served.link('planner'));
    await page.getByRole('link', { name: 'Planner' }).click();
    await page.waitForSelector('.chart canvas');
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });
  beforeEach(() => {
    wrong.length = 0;
  });

  it('shows who was told of a surge, what failed, and lets a planner say "seen"', async () => {
    const panel = page.locator('section', { hasText: 'Surge alerts' });
    await panel.getByText('mobile: 412 more calls').waitFor();
    expect(await panel.textContent()).toContain('29 people short');
    expect(await panel.textContent()).toContain('outsourcer, surge: failed, webhook: answered 400');
    await panel.getByRole('button', { name: 'I have seen it' }).click();
    await panel.getByText('Seen by Ada Kermadec').waitFor();
    await panel.getByRole('button').waitFor({ state: 'detached' });
    expect(wrong).toEqual([]);
  });

  it('says what the roster means: who is missing, how long callers wait, how many give up', async () => {
    const first = page
      .locator('section', { hasText: 'Agents by interval' })
      .locator('tbody tr')
      .first();
    expect(await first.textContent()).toMatch(/\d+ s\d+ %\d+ short$/);
    const figures = await page.locator('dl.figures').textContent();
    expect(figures).toMatch(/Greatest shortage\d+ agents.*hours missing in all/);
    expect(figures).toContain('Calls given up');
  });

  it('shows how right forecasts were, ordinary and in incidents, and whether the pattern drifts', async () => {
    const panel = page.locator('section', { hasText: 'How right forecasts were' });
    const rows = panel.locator('table').first().locator('tbody tr');
    await rows.first().waitFor();
    const text = await rows.allTextContents();
    expect(text).toHaveLength(6);
    expect(text[0]).toMatch(/^15 min before[\d,]+5 %/);
    expect(text[1]).toMatch(/^15 min before in incidents\d+25 %/);
    expect(await page.getByText('Steady: 5 %').count()).toBe(1);
    await panel.getByText('With and without area').click();
    const byArea = await panel.locator('details tbody tr').allTextContents();
    expect(byArea[0]).toMatch(/^15 min before–5 % of/);
    expect(byArea[1]).toMatch(/^15 min before, in incidents25 % of \d+25 % of \d+$/);
  });

  it('shows how calls are learnt and whether that drifts, and goes back to the version before', async () => {
    const panel = page.locator('section', { hasText: 'How ordinary calls are learnt' });
    await panel.getByText('errors have grown').waitFor();
    const text = await panel.textContent();
    expect(text).toContain('Version 3 is in use');
    expect(text).toContain('2 times those of the eight before');
    expect(await panel.locator('tbody tr').allTextContents()).toHaveLength(3);
    await panel.getByRole('button', { name: 'Go back to version 2' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('a day of the ACD was doubled');
    await dialog.getByRole('button', { name: 'Go back', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await panel.getByText('the forecast changes with the next tick').waitFor();
    expect(served.server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'revertPattern', queue: 'mobile', why: 'a day of the ACD was doubled' }],
    });
    expect(wrong).toEqual([]);
  });

  it('compares courses of action side by side, with curves and cost', async () => {
    const panel = page.locator('section', { hasText: 'What if' });
    await panel.getByLabel('IVR message on').check();
    await panel.getByLabel('Agents called in for mobile').fill('10');
    await panel.getByRole('button', { name: 'Compare' }).click();
    await panel.locator('canvas').waitFor();
    const rows = await panel.locator('tbody tr').allTextContents();
    expect(rows.map((row) => row.replace(/[\d,].*/, ''))).toEqual([
      'As things stand',
      'Notify now',
      'Notify in ',
      'Notify nobody more',
      'Own plan',
    ]);
    expect(rows[4]).toMatch(/[−+][\d,]+$/);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['Download CSV', 'forecast-mobile.csv'],
    ['JSON', 'forecast-mobile.json'],
    ['All queues', 'forecast-all-queues.csv'],
  ])('gives a file by %s', async (name, file) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name, exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(file);
  });

  it('fits a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.waitForFunction(() => document.documentElement.scrollWidth === 390);
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(wrong).toEqual([]);
  });
});
