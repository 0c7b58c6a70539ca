import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { type DashboardServer, dashboardServer } from './dashboard-server.js';
import { COUNTS, weigh } from './impact-world.js';

let served: DashboardServer;
let browser: TestBrowser;
let page: Page;
const wrong: string[] = [];

describe.skipIf(!hasChromium)('what an incident costs', () => {
  beforeAll(async () => {
    served = await dashboardServer();
    await weigh(served.db.pool, 'inc_fibre', COUNTS);
    browser = await startChromium();
    page = await browser.context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(await served.link('viewer'));
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('makes lost emergency calls and the next deadline seen in the list', async () => {
    const row = page.getByRole('listitem').filter({ hasText: 'Quimper Centre' });
    await row.getByText('emergency calls lost').waitFor();
    await row.getByText('French emergency-call supervision: 27 min left').waitFor();
  });

  it('stands on the page with parts, band, duties to report and the rank', async () => {
    await page.goto(`${served.url}/incidents/inc_fibre`);
    const panel = page.locator('section.panel', { hasText: 'What it costs' });
    await panel.getByText('Emergency calling is lost.').waitFor();
    const text = (await panel.textContent()) ?? '';
    for (const part of [
      '572,000',
      'business',
      'Credits due',
      'the estimated repair',
      '63 % of 900,000 user-minutes',
    ]) {
      expect(text).toContain(part);
    }
    await served.db.pool.query(
      `insert into authority_reports values
         ('a1', 'inc_fibre', 'fr-emergency-calls', '2026-03-10T14:10Z', 'Ada', 'COGIC 4711')`,
    );
    await page.reload();
    await panel.getByText(/by Ada: COGIC 4711/).waitFor();
    expect(await panel.getByRole('button', { name: /Take back|Mark as reported/ }).count()).toBe(0);
    await panel.getByText(/^How it is ranked \(first of all, then/).click();
    await panel.getByText('emergency services: before all without it').waitFor();
    expect(wrong).toEqual([]);
  });

  it('says which visitors are there, and what partners were told, when, and what failed', async () => {
    const { pool } = served.db;
    await pool.query(
      `update incidents set impact = impact || '{"visitors": 47}' where incident_id = 'inc_fibre'`,
    );
    await pool.query(
      `insert into incident_visitors select incident_no, n, c, most, most
       from incidents, (values ('26201', 'DE', 40), ('', 'GB', 7)) as v (n, c, most)
       where incident_id = 'inc_fibre'`,
    );
    const counts = {
      ...{ lines: 1240, machines: 0, byKind: { person: 1240 }, visitors: null },
      lost: { voice: 900, data: 1100, sms: 800 },
    };
    const news = { kind: 'onset', decidedAt: '2026-03-10T13:50:00.000Z', counts, areas: [] };
    await pool.query(
      `insert into partner_notices (notice_id, lineage_id, partner, incident_id, revision, told, news, raised_at)
       select 'partner_1', lineage_id, 'breizh', incident_id, 1, '{}', $1, '2026-03-10T13:50Z'
       from incidents where incident_id = 'inc_fibre'`,
      [JSON.stringify(news)],
    );
    await pool.query(
      `insert into desk_deliveries (delivery_id, notice_id, kind, revision, recipient, news, state, reason, attempts)
       values ('d1', 'partner_1', 'onset', 1, 'partner breizh (email)', $1, 'sent', null, 1),
         ('d2', 'partner_1', 'onset', 1, 'partner breizh (webhook)', $1, 'pending', 'webhook: answered 503', 3)`,
      [JSON.stringify(news)],
    );
    await page.goto(`${served.url}/incidents/inc_fibre`);
    await page
      .getByText('Visitors from other networks: 47 (26201, Germany 40; United Kingdom 7)')
      .waitFor();
    const partners = page.locator('section.panel', { hasText: 'Partners' });
    await partners.getByText('1,240 lines, a few visitors').waitFor();
    const told = (await partners.textContent()) ?? '';
    expect(told).toMatch(/email, first word decided .*: sent/);
    expect(told).toMatch(/webhook, .*: waits after 3 attempts, webhook: answered 503/);
    expect(wrong).toEqual([]);
  });

  it('leads to what to repair first, in the order one wants', async () => {
    await page.goto(served.url);
    await page.getByRole('button', { name: 'Repair first' }).click();
    const rows = page.locator('.repair');
    await rows.first().getByText('brings emergency calls back').waitFor();
    expect(await rows.allTextContents()).toEqual([
      expect.stringContaining('Transport link LINK-QUIMPER-1'),
      expect.stringContaining('Power zone ZONE-QUIMPER'),
    ]);
    await page.getByRole('button', { name: 'Oldest' }).click();
    await rows
      .first()
      .getByRole('link', { name: /Quimper Centre/ })
      .click();
    await page.getByRole('heading', { name: 'What it costs' }).waitFor();
    expect(wrong).toEqual([]);
  });

  it('names where problems recur, by what one wants, and leads there', async () => {
    const lasted = "'2026-03-08T10:00Z', '2026-03-09T12:00Z'";
    await served.db.pool.query(
      `insert into cell_incidents (cell_no, incident_no, from_at, to_at, degree)
       select cell_number('S1-1'), incident_no, ${lasted}, 1 from incidents
       where incident_id = 'inc_fibre'`,
    );
    await page.getByRole('link', { name: 'Recurring' }).click();
    const row = page.getByRole('row').filter({ hasText: 'Quimper Centre' });
    await row.getByText('lasting').waitFor();
    await row.getByText('572,000').waitFor();
    await page.getByRole('button', { name: 'Causes' }).click();
    await page.getByRole('rowheader', { name: /Transport link LINK-QUIMPER-1/ }).waitFor();
    await page.getByRole('button', { name: 'Cells' }).click();
    await page.getByRole('link', { name: 'S1-1' }).click();
    await page.getByRole('heading', { name: 'Quimper Centre' }).waitFor();
    await served.db.pool.query('delete from cell_incidents');
    expect(wrong).toEqual([]);
  });

  it('leads from its cells to the view of a site, and back', async () => {
    await page.goto(`${served.url}/incidents/inc_fibre`);
    await page.getByRole('link', { name: 'Quimper Centre', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Quimper Centre' }).waitFor();
    await page.getByText('3 of 3', { exact: true }).waitFor();
    await page.getByText('3 cells here, of 9 at 3 sites').waitFor();
    await page.getByRole('link', { name: /^Transport link LINK-QUIMPER-1/ }).click();
    await page.getByRole('heading', { name: 'What it costs' }).waitFor();
    expect(wrong).toEqual([]);
  });

  it('fits a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${served.url}/incidents/inc_fibre`);
    await page.getByText('Emergency calling is lost.').waitFor();
    await page.waitForFunction(() => document.documentElement.scrollWidth <= 390);
    await page.goto(`${served.url}/sites/S1`);
    await page.getByText('3 cells here, of 9 at 3 sites').waitFor();
    await page.waitForFunction(() => document.documentElement.scrollWidth <= 390);
  });
});
