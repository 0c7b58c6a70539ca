import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LaneModel } from '../../src/api/act-schemas.js';
import type { Role } from '../../src/domain/role.js';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { type DashboardServer, dashboardServer } from './dashboard-server.js';

const MODEL: LaneModel = {
  stream: 'telemetry/0',
  feed: 'vendor-a-pm',
  version: 4,
  previousVersion: 3,
  clusters: 6,
  rateFactor: 0.8,
  calibration: [
    {
      kpi: 'latencyMs',
      vendor: 'Acme',
      beyondHundredth: 0.041,
      beyondThousandth: 0.012,
      isLost: true,
    },
  ],
};

let served: DashboardServer;
let browser: TestBrowser;
let page: Page;
const wrong: string[] = [];

async function signIn(role: Role): Promise<void> {
  await browser.context.clearCookies();
  await page.goto(await served.link(role));
}

async function confirm(name: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('as the report says');
  await dialog.getByRole('button', { name, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

describe.skipIf(!hasChromium)('the quality page', () => {
  beforeAll(async () => {
    served = await dashboardServer({ models: () => [MODEL] });
    const { pool } = served.db;
    await pool.query(
      `update incidents set doc = jsonb_set(doc, '{kpis}', '["latencyMs", "silence"]')`,
    );
    const stated = { candidates: [{ id: 'L', probability: 0.86, evidence: [] }], setBy: null };
    const detail = { at: '2026-03-10T14:00:00Z', resource: { id: 'L' }, stated };
    await pool.query(
      `insert into audit_log (actor, action, target, why, detail) values
         ('Ana', 'setCause', 'inc_fibre', 'seen', $1),
         ('Ana', 'notAnIncident', 'inc_old', 'a drill', '{}')`,
      [JSON.stringify(detail)],
    );
    await pool.query(
      `insert into accepted_levels values ('telemetry/0', 1, '2026-03-10T13:00Z', 'vendor-a-pm',
         'cell', 'S1-1', 'latencyMs', 'operator', '2026-03-09T13:00Z', 41, 20)`,
    );
    await pool.query(
      `insert into agent_answers (answer_id, at, answer, affected, probability) values
         ('a1', '2026-03-09T13:00Z', 'stillDown', 'yes', 0.93),
         ('a2', '2026-03-09T14:00Z', 'notAffected', 'yes', 0.94),
         ('a3', '2026-03-09T15:00Z', 'otherProblem', 'no', 0.01)`,
    );
    browser = await startChromium();
    page = await browser.context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    await signIn('admin');
    await page.getByRole('link', { name: 'Quality' }).click();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  it('says what was achieved, for what, with how sure it is and what to change', async () => {
    await page.getByRole('heading', { name: /^Calibration/ }).waitFor();
    await page.getByText('an operator said so').waitFor();
    const text = (await page.locator('main').textContent()) ?? '';
    for (const part of [
      '1 of 2 incidents marked “not an incident”',
      'correct thresholds by',
      '0 waves left',
      'Latency',
      'Silence',
      'Transport link',
      '80 % to 90 %',
      'version 4, 6 clusters of objects, correction 0.8',
      '4.1 %',
      'lost',
      'S1-1',
      'From 2 answers, those about another problem left out',
      'Yes, affected21 (50 %)',
    ]) {
      expect(text).toContain(part);
    }
    expect(wrong).toEqual([]);
  });

  it('goes back to the models before', async () => {
    await page.getByRole('button', { name: 'Go back to version 3' }).click();
    await page.getByText('telemetry/0 goes from version 4 to 3').waitFor();
    await confirm('Go back');
    expect(served.server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'revertModel', feed: 'vendor-a-pm', why: 'as the report says' }],
    });
  });

  it('corrects thresholds by a factor that it suggests and explains', async () => {
    await page.getByRole('button', { name: 'Correct thresholds' }).click();
    const factor = page.getByLabel('Factor');
    expect(Number(await factor.inputValue())).toBeLessThan(0.8);
    await page.getByText('Raised thresholds: fewer false incidents').waitFor();
    await factor.fill('500');
    expect(await page.getByRole('button', { name: 'Correct', exact: true }).isDisabled()).toBe(
      true,
    );
    await factor.fill('0.5');
    await confirm('Correct');
    expect(served.server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'correctRate', value: '0.5' }],
    });
  });

  it('accepts a level by hand', async () => {
    await page.getByRole('button', { name: 'Accept a level' }).click();
    await page.getByRole('searchbox').fill('S5-1');
    await page.getByRole('radio', { name: /S5-1/ }).check();
    await confirm('Accept the level');
    expect(served.server.journalled.at(-1)).toMatchObject({
      items: [{ action: 'acceptLevel', resource: { id: 'S5-1' } }],
    });
    expect(wrong).toEqual([]);
  });

  it('lets an operator see the rate and not correct it, and others not see it at all', async () => {
    await signIn('operator');
    await page.goto(`${served.url}/quality`);
    await page.getByText('Correcting thresholds needs the role admin.').waitFor();
    expect(await page.getByRole('button', { name: 'Correct thresholds' }).count()).toBe(0);
    await signIn('viewer');
    await page.waitForSelector('.row');
    expect(await page.getByRole('link', { name: 'Quality' }).count()).toBe(0);
    await page.goto(`${served.url}/quality`);
    await page.getByText('Not for your role').first().waitFor();
  });

  it('names on every page each feed that is missing, since when, and for how many cells', async () => {
    await served.db.pool.query(
      `insert into telemetry_gaps values
         ('g2', 'vendor-b-pm', '2026-03-10T14:10Z', null, 7, 'silent'),
         ('g3', 'vendor-a-pm', '2026-03-10T14:15Z', null, 3, 'silent')`,
    );
    for (const path of ['/', '/sources', '/incidents/inc_fibre', '/quality']) {
      await page.goto(served.url + path);
      const banner = page.locator('.banner-note');
      await banner.getByText(/See what is missing/).waitFor();
      expect(await banner.textContent()).toMatch(
        /feed vendor-a-pm, 45 cells without data since 22 min ago.*feed vendor-b-pm, 7 cells/,
      );
    }
  });
});
