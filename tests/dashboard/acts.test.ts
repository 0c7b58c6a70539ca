import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyAuthorityReport } from '../../src/adapters/postgres/authority-reports.js';
import { withTransaction } from '../../src/adapters/postgres/pool.js';
import type { OperatorAct } from '../../src/domain/facts.js';
import { impact, incident, saveIncident } from '../api/world.js';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { type DashboardServer, dashboardServer } from './dashboard-server.js';
import { COUNTS, weigh } from './impact-world.js';

const AT = '2026-03-10T14:20:00.000Z';

let served: DashboardServer;
let browser: TestBrowser;
let page: Page;
/** Errors and warnings of the page. */
const wrong: string[] = [];

function lastAct(): OperatorAct | undefined {
  const fact = served.server.journalled.at(-1);
  return fact?.kind === 'acts' ? fact.items[0] : undefined;
}

function button(name: string | RegExp) {
  return page.getByRole('button', { name, exact: true });
}

/** Opens what a button asks for. */
async function open(name: string) {
  await page.locator('.actions').getByRole('button', { name, exact: true }).click();
  return page.getByRole('dialog');
}

async function confirm(name: string | RegExp, why = 'seen on site'): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill(why);
  await dialog.getByRole('button', { name }).click();
  await dialog.waitFor({ state: 'detached' });
}

describe.skipIf(!hasChromium)('acts on an incident’s page', () => {
  beforeAll(async () => {
    served = await dashboardServer();
    const near = { sites: ['S2'], cells: [{ cellId: 'S2-1', degree: 1, since: AT }] };
    await saveIncident(served.db.pool, incident('inc_near', near), impact(50, 10));
    await weigh(served.db.pool, 'inc_fibre', COUNTS);
    await served.db.pool.query(
      `insert into links (link_id, parent_id, child_id, kind)
       select 'FIB-1', 'AGG-1', id, 'transport' from unnest(array['S1', 'S2', 'S3']) id`,
    );
    browser = await startChromium();
    page = await browser.context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(error.message));
    await page.goto(await served.link('operator'));
    await page.goto(`${served.url}/incidents/inc_fibre`);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });
  beforeEach(() => {
    wrong.length = 0;
  });

  it('merge with another, having shown what both share', async () => {
    const dialog = await open('Merge');
    await dialog.getByText('Transport link LINK-QUIMPER-1').first().waitFor();
    expect(await dialog.textContent()).toMatch(/9 cells count there.*1 site in both/s);
    await dialog.getByRole('radio', { name: /Quimper Gare/ }).check();
    await confirm('Merge into Quimper Gare');
    expect(lastAct()).toMatchObject({ action: 'merge', incidentId: 'inc_fibre', into: 'inc_near' });
    expect(wrong).toEqual([]);
  });

  it('split cells and sites off, by keyboard, but never all', async () => {
    const dialog = await open('Split');
    await dialog.getByRole('checkbox', { name: 'Pont-l’Abbé' }).focus();
    await page.keyboard.press('Space');
    await dialog.getByRole('checkbox', { name: 'S1-2' }).focus();
    await page.keyboard.press('Space');
    expect(await dialog.locator('caption').textContent()).toBe('4 cells of 9 ticked');
    for (const site of ['Quimper Centre', 'Quimper Gare']) {
      await dialog.getByRole('checkbox', { name: site }).check();
    }
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('another fault');
    expect(await dialog.getByRole('button', { name: 'Split off' }).isDisabled()).toBe(true);
    for (const site of ['Quimper Centre', 'Quimper Gare']) {
      await dialog.getByRole('checkbox', { name: site }).uncheck();
    }
    await page.keyboard.press('Tab');
    await confirm('Split off');
    expect(lastAct()).toMatchObject({ action: 'split', cells: ['S3-1', 'S3-2', 'S3-3'] });
  });

  it('split off all that depends on a resource', async () => {
    const dialog = await open('Split');
    await dialog.getByRole('button', { name: 'All below a resource' }).click();
    await dialog.getByRole('searchbox').fill('fib');
    await dialog.getByRole('radio', { name: /FIB-1/ }).check();
    await confirm('Split off');
    expect(lastAct()).toMatchObject({ action: 'split', resource: { type: 'link', id: 'FIB-1' } });
    expect(wrong).toEqual([]);
  });

  it('set the cause, from the candidates or any resource', async () => {
    let dialog = await open('Set cause');
    await dialog.getByRole('radio', { name: /Power zone ZONE-QUIMPER/ }).check();
    await confirm('Set cause');
    expect(lastAct()).toMatchObject({ action: 'setCause', resource: { id: 'ZONE-QUIMPER' } });
    dialog = await open('Set cause');
    await dialog.getByRole('searchbox').fill('concarneau');
    await dialog.getByRole('radio', { name: /S4/ }).check();
    await confirm('Set cause');
    expect(lastAct()).toMatchObject({ action: 'setCause', resource: { type: 'site', id: 'S4' } });
  });

  it('silence it for a while, see that it is, and end it', async () => {
    const dialog = await open('Silence');
    await dialog.getByRole('button', { name: '4 h' }).click();
    await confirm('Silence', 'crew is there');
    const until = Date.parse(lastAct()?.until ?? '') - Date.parse(AT);
    expect(until / 3_600_000).toBeCloseTo(4, 1);
    await page.getByText('by Ada Kermadec: crew is there').waitFor();
    await page.getByRole('link', { name: 'Incidents', exact: true }).click();
    await page.getByRole('heading', { name: '1 silence' }).waitFor();
    await button(/^End the silence of/).click();
    await confirm('End the silence', 'mended');
    await page.getByRole('heading', { name: '1 silence' }).waitFor({ state: 'detached' });
    expect(lastAct()).toMatchObject({ action: 'silence', incidentId: 'inc_fibre', why: 'mended' });
    expect(wrong).toEqual([]);
  });

  it('say that a duty was reported to the authority, and take it back', async () => {
    await page.goto(`${served.url}/incidents/inc_fibre`);
    const duty = page.locator('.clocks li', { hasText: 'French emergency-call supervision' });
    const decided = async (): Promise<void> => {
      const act = lastAct();
      if (act === undefined) throw new Error('nothing was journalled');
      await withTransaction(served.db.pool, (client) => applyAuthorityReport(client, act));
      await page.reload();
    };
    await duty.getByRole('button', { name: /^Mark as reported/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Tocsin sends nothing to the authority').waitFor();
    expect(await dialog.getByRole('button', { name: 'Mark as reported' }).isDisabled()).toBe(true);
    await confirm('Mark as reported', 'COGIC 4711');
    expect(lastAct()).toMatchObject({ action: 'reported', clock: 'fr-emergency-calls' });
    await decided();
    await duty.getByText(/by Ada Kermadec: COGIC 4711/).waitFor();
    await duty.getByRole('button', { name: /^Take back/ }).click();
    await page.getByRole('dialog').getByText('The clock runs again').waitFor();
    await confirm('Take back', 'sent to the wrong desk');
    expect(lastAct()).toMatchObject({ action: 'undoReported', clock: 'fr-emergency-calls' });
    await decided();
    await duty.getByRole('button', { name: /^Mark as reported/ }).waitFor();
    expect(wrong).toEqual([]);
  });

  it('say in its own numbers what “not an incident” leads to', async () => {
    await page.goto(`${served.url}/incidents/inc_fibre`);
    const dialog = await open('Not an incident');
    expect(await dialog.textContent()).toMatch(
      /4 messages are never sent.*12 people who were told hear.*cannot be undone/s,
    );
    await confirm('Not an incident', 'a drill');
    expect(lastAct()).toMatchObject({ action: 'notAnIncident', why: 'a drill' });
  });

  it('show plainly why something was refused, and keep what was typed', async () => {
    const dialog = await open('Comment');
    const state = (to: string) =>
      served.db.pool.query(`update incidents set state = '${to}' where incident_id = 'inc_fibre'`);
    await state('closed');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('too late');
    await dialog.getByRole('button', { name: 'Comment' }).click();
    await dialog.getByRole('alert').getByText('This incident is closed').waitFor();
    expect(await dialog.getByRole('textbox').inputValue()).toBe('too late');
    await state('open');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('lead from a merged incident to the one it goes on as', async () => {
    const merged = { state: 'closed' as const, endedAt: AT, mergedInto: 'inc_near' };
    await saveIncident(served.db.pool, incident('inc_merged', merged), impact(0, 0));
    await page.goto(`${served.url}/incidents/inc_merged`);
    await page.getByRole('link', { name: 'inc_near' }).click();
    await page.waitForURL('**/incidents/inc_near');
  });
});
