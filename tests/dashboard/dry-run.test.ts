import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planWorks } from '../../src/adapters/postgres/works-planner.js';
import { OutboxWorld } from '../adapters/postgres/outbox-world.js';
import { NOW_MS } from '../api/world.js';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { incident, insertSubscribers, numberOf, policy } from '../services/customers.js';
import { type DashboardServer, dashboardServer } from './dashboard-server.js';

const HOUR = 3_600_000;
const asking = {
  ...policy,
  approval: { ...policy.approval, abovePeople: 0 },
  kinds: { ...policy.kinds, works: { ...policy.kinds.works, enabled: true } },
};
let served: DashboardServer;
let browser: TestBrowser;
let page: Page;
const wrong: string[] = [];

describe.skipIf(!hasChromium)('who would be told', () => {
  beforeAll(async () => {
    served = await dashboardServer();
    const { pool } = served.db;
    const ids = [9001, 9002, 9003];
    await insertSubscribers(
      pool,
      ids.map((id) => ({ id, usual: { 'S1-1': 1 }, homeSite: 'S1', vulnerable: id === 9003 })),
    );
    await pool.query(`insert into opt_outs (phone_key, source)
      select phone_key, 'operator' from subscriber_identifiers
      where subscriber_id = 9002 and phone_key is not null`);
    const startedAt = new Date(NOW_MS - HOUR / 6).toISOString();
    const open = incident(['S1-1'], { id: 'inc_told', lineageId: 'inc_told', startedAt });
    await new OutboxWorld(pool, asking).decide(open, NOW_MS);
    await pool.query(`insert into works values ('W1', 'S1', $1, $2, 'new power supply')`, [
      new Date(NOW_MS + 24 * HOUR),
      new Date(NOW_MS + 27 * HOUR),
    ]);
    await planWorks(pool, asking, NOW_MS);
    browser = await startChromium();
    page = await browser.context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(await served.link('operator'));
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('is tried out on the page of an incident, numbers hidden', async () => {
    await page.goto(`${served.url}/incidents/inc_told`);
    const panel = page.locator('section.panel', { hasText: 'Messages' }).first();
    await panel.getByRole('button', { name: 'Who would be told?' }).click();
    await panel.getByRole('button', { name: 'Try it out again' }).waitFor();
    const text = (await panel.textContent()) ?? '';
    expect(text).toContain('The wave waits for approval: 3 people');
    expect(text).toMatch(/consumer, fr, vulnerable.*incident touche le réseau mobile/);
    expect(text).toContain('1 not sent: opted out');
    expect(text).not.toContain(numberOf(9001));
    expect(wrong).toEqual([]);
  });

  it('of planned works is let go by an operator, with a reason', async () => {
    await page.getByRole('link', { name: 'Works', exact: true }).click();
    const panel = page.locator('section.panel', { hasText: 'W1 on S1' });
    await panel.getByText('waits for approval').waitFor();
    await panel.getByRole('button', { name: 'Who would be told?' }).click();
    await panel
      .getByText(/travaux prévus sur le réseau mobile/)
      .first()
      .waitFor();
    await panel.getByRole('button', { name: 'Approve messages' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('announced by the town too');
    await dialog.getByRole('button', { name: 'Approve messages' }).click();
    await panel.getByText('is noted and takes effect').waitFor();
    const [fact] = served.server.journalled;
    expect(fact).toMatchObject({ items: [{ action: 'approve', incidentId: 'works:W1' }] });
    expect(wrong).toEqual([]);
  });
});
