import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PLAIN_PAGES } from '../../src/api/dashboard-pages.js';
import type { HealthReport } from '../../src/runtime/health.js';
import { impact, incident, saveIncident } from '../api/world.js';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { type DashboardServer, dashboardServer } from './dashboard-server.js';

const AT = '2026-03-10T14:20:00.000Z';

let served: DashboardServer;
let browser: TestBrowser;
let page: Page;
/** What must never happen: errors, breaches of the content policy, requests to anyone else. */
const wrong: string[] = [];

/** Notes whatever a page does that it must not. */
function watch(watched: Page): void {
  watched.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
  });
  watched.on('pageerror', (error) => wrong.push(error.message));
  watched.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== served.url) wrong.push(request.url());
  });
}

const SLOW: HealthReport = {
  status: 'degraded',
  networkTime: AT,
  components: [
    {
      name: 'influx ran',
      status: 'degraded',
      since: AT,
      detail: 'no answer from http://influx:8086, next try in 20 s',
    },
  ],
};
let health = SLOW;

function publish(type: 'incident' | 'settings' | 'gap' | 'health', id: string): void {
  served.server.live.publish({ type, id, at: AT });
}

/** How many different colours a picture of an element has. */
async function coloursOf(selector: string): Promise<number> {
  const png = (await page.locator(selector).first().screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d');
    context?.drawImage(image, 0, 0);
    const pixels = context?.getImageData(0, 0, image.width, image.height).data ?? [];
    const seen = new Set<number>();
    for (let i = 0; i < pixels.length; i += 4) {
      seen.add(((pixels[i] ?? 0) << 16) | ((pixels[i + 1] ?? 0) << 8) | (pixels[i + 2] ?? 0));
    }
    return seen.size;
  }, png);
}

describe.skipIf(!hasChromium)('the dashboard', () => {
  beforeAll(async () => {
    served = await dashboardServer({ health: () => health });
    browser = await startChromium();
    page = await browser.context.newPage();
    watch(page);
    await page.goto(await served.link('operator'));
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });
  beforeEach(() => {
    wrong.length = 0;
  });

  it('lists running incidents by impact beside a map with land, cells and areas', async () => {
    await page.waitForSelector('.row');
    const rows = await page.locator('.row').allInnerTexts();
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/Pont-l’Abbé, Quimper Centre.*critical.*8,421 people.*12 told/s);
    await page.waitForSelector('.map-canvas[aria-busy=false]');
    expect(await coloursOf('.map-canvas')).toBeGreaterThan(20);
    expect(await page.locator('.banner').textContent()).toContain('Telemetry gap');
    expect(wrong).toEqual([]);
  });

  it('shows an incident appear, grow and close without loading again', async () => {
    await page.evaluate(() => Object.assign(window, { notReloaded: true }));
    const rennes = { sites: ['S6'], cells: [{ cellId: 'S6-1', degree: 1, since: AT }] };
    await saveIncident(served.db.pool, incident('inc_new', rennes), impact(40, 1000));
    publish('incident', 'inc_new');
    await page.getByText('Rennes République').waitFor();
    await page.getByText('40 people').waitFor();
    await saveIncident(served.db.pool, incident('inc_new', rennes), impact(950, 1000));
    publish('incident', 'inc_new');
    await page.getByText('950 people').waitFor();
    const over = { ...rennes, state: 'resolved' as const, endedAt: AT };
    await saveIncident(served.db.pool, incident('inc_new', over), impact(0, 0));
    publish('incident', 'inc_new');
    await page.getByText('Rennes République').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Over' }).click();
    await page.getByText('Rennes République').first().waitFor();
    await page.getByRole('button', { name: 'Running' }).click();
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
    expect(wrong).toEqual([]);
  });

  it('opens an incident by keyboard and says what, why, who, what was sent, what will come', async () => {
    await page.locator('.row').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/incidents/inc_fibre');
    await page.waitForSelector('.small-charts canvas');
    const text = await page.locator('main').textContent();
    for (const part of [
      '8,421',
      'Transport link LINK-QUIMPER-1',
      '86 %',
      'alarm loss of signal 14 s before',
      'consumer',
      'opted out',
      'fate unknown',
      'Connected users',
      'Three more cells at Pont-l’Abbé fell silent.',
      'calls to the ordinary ones',
    ]) {
      expect(text).toContain(part);
    }
    expect(await coloursOf('.small-charts canvas')).toBeGreaterThan(4);
    expect(wrong).toEqual([]);
  });

  it('says by whom the repair is expected, and that an announced time has passed', async () => {
    const figure = page.locator('.figure', { hasText: 'Expected repair' });
    expect(await figure.textContent()).toMatch(/ticket T-4711, field team west, said 12 min ago/);
    const said = incident('inc_fibre', { revision: 4 });
    const model = {
      source: 'model' as const,
      at: '2026-03-10T15:40:00.000Z',
      low: '2026-03-10T14:50:00.000Z',
      high: '2026-03-10T17:05:00.000Z',
      asOf: AT,
      basedOn: 214,
    };
    const overrun = { source: 'ticket' as const, at: '2026-03-10T14:10:00.000Z', asOf: AT };
    const late = {
      ...said,
      estimatedRepairAt: model.at,
      repair: model,
      repairOverrun: { ...overrun, ticketId: 'T-4711', saidBy: 'field team west' },
    };
    await saveIncident(served.db.pool, late, impact(8421, 900));
    publish('incident', 'inc_fibre');
    await page.getByText(', overrun').waitFor();
    expect(await figure.textContent()).toMatch(
      /16:40.*15:50 to 18:05, from 214 past incidents.*announced for 15:10 \(ticket T-4711, field team west\), overrun/,
    );
    await saveIncident(served.db.pool, said, impact(8421, 900));
    publish('incident', 'inc_fibre');
    await page.getByText(', overrun').waitFor({ state: 'detached' });
    expect(wrong).toEqual([]);
  });

  it('takes an act with its reason', async () => {
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    const confirm = page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' });
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByRole('dialog').getByRole('textbox').fill('on my way');
    await confirm.click();
    await page.getByText('takes effect with the next tick').waitFor();
    expect(served.server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'acknowledge', why: 'on my way', actor: 'Ada Kermadec' }],
    });
    await page.getByRole('button', { name: 'Set repair time' }).click();
    await page.getByLabel('Expected repair').fill('2026-03-10T18:30');
    await page.getByRole('dialog').getByRole('textbox', { name: 'Reason' }).fill('crew says so');
    await page.getByRole('dialog').getByRole('button', { name: 'Set repair time' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(served.server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'setRepair', value: '2026-03-10T17:30:00.000Z' }],
    });
    expect(wrong).toEqual([]);
  });

  it('stops messages and says so on every page', async () => {
    await page.getByRole('button', { name: 'Stop messages' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('wrong text');
    await page.getByRole('dialog').getByRole('button', { name: 'Stop all messages' }).click();
    await page.getByText('Messages are stopped').waitFor();
    expect(await page.locator('.banner-bad').textContent()).toContain('Ada Kermadec: “wrong text”');
    await page.getByRole('button', { name: 'Allow messages' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('text mended');
    await page.getByRole('dialog').getByRole('button', { name: 'Allow messages' }).click();
    await page.getByText('Messages are stopped').waitFor({ state: 'detached' });
    expect(wrong).toEqual([]);
  });

  it('shows planners the fan of calls, agents by interval and a file', async () => {
    await page.getByRole('link', { name: 'Planner' }).click();
    await page.waitForSelector('.chart canvas');
    expect(await coloursOf('.chart canvas')).toBeGreaterThan(20);
    expect(await page.locator('tbody tr').count()).toBe(24);
    const first = await page.locator('tbody tr').first().textContent();
    expect(first).toMatch(/short$/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByText('Download CSV').click(),
    ]);
    expect(download.suggestedFilename()).toBe('forecast-mobile.csv');
    expect(wrong).toEqual([]);
  });

  it('tells an agent whether a caller is affected and what to say', async () => {
    await page.getByRole('link', { name: 'Look-up' }).click();
    await page.getByLabel('Number the problem is with').fill('06 12 34 56 78');
    await page.keyboard.press('Enter');
    await page.getByText('This subscriber is affected.').waitFor();
    expect(await page.locator('blockquote').textContent()).toContain('Une panne touche');
    expect(page.url()).not.toContain('612345678');
    expect(wrong).toEqual([]);
    await page.getByLabel('Number the problem is with').fill('06 99 99 99 99');
    await page.keyboard.press('Enter');
    await page.getByText('No subscriber has the number').waitFor();
  });

  it('shows what could not be read, and what is wrong with which part', async () => {
    await page.getByRole('link', { name: 'Sources' }).click();
    await page.getByText('availability is 200 at S1-2').waitFor();
    await page.getByText('no answer from http://influx:8086').waitFor();
    await page.getByRole('button', { name: 'Samples' }).first().click();
    await page.getByText('{"availability":200}').waitFor();
    expect(wrong).toEqual([]);
  });

  it('fits a telephone on every page', async () => {
    await page.setViewportSize({ width: 400, height: 800 });
    for (const path of ['/incidents/inc_fibre', ...PLAIN_PAGES]) {
      await page.goto(served.url + path);
      await page.waitForSelector('main h1');
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(`${path} ${width}`).toBe(`${path} 400`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(wrong).toEqual([]);
  });

  it('says on every page which part does not work, until it does', async () => {
    await page.goto(`${served.url}/lookup`);
    await page.getByText('Live', { exact: true }).waitFor();
    const part = { name: 'decisions', status: 'down' as const, since: AT, detail: 'no database' };
    health = { ...SLOW, status: 'down', components: [...SLOW.components, part] };
    publish('health', '');
    await page.getByText('Not working: decisions.').waitFor();
    health = SLOW;
    publish('health', '');
    await page.getByText('Not working:').waitFor({ state: 'detached' });
  });

  it('says that the connection is lost, and catches up when it is back', async () => {
    await page.goto(served.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await browser.context.setOffline(true);
    served.server.live.close();
    await page.getByText('Connection lost.').waitFor();
    const late = { sites: ['S8'], cells: [{ cellId: 'S8-1', degree: 1, since: AT }] };
    await saveIncident(served.db.pool, incident('inc_late', late), impact(77, 500));
    await browser.context.setOffline(false);
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    await page.getByText('Lorient Centre').waitFor();
  });

  it('shows a viewer no buttons to act and a signed-out person nothing', async () => {
    await browser.context.clearCookies();
    await page.goto(await served.link('viewer'));
    await page.goto(`${served.url}/incidents/inc_fibre`);
    await page.getByText('What and why').waitFor();
    expect(await page.getByRole('button', { name: /hold|stop/i }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Look-up' }).count()).toBe(0);
    await page.locator('summary', { hasText: 'viewer' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out').waitFor();
    await page.reload();
    await page.getByText('You are signed out').waitFor();
  });
});
