import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../src/adapters/postgres/embedded.js';
import { hasChromium, startChromium, type TestBrowser } from '../services/chromium.js';
import { ServiceProcess } from './service-process.js';

const LINK = /^ {2}(http:\/\/127\.0\.0\.1:\d+\/\S+)$/m;
const FILLED = { timeout: 480_000, interval: 250 };
/** For what happens in the simulated network, on a busy machine. */
const SHOWN = { timeout: 240_000 };

/** Command lines of running processes that hold this text. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        // It ended meanwhile.
        return '';
      }
    })
    .filter((line) => line.includes(text));
}

/** A figure of an incident's page. */
async function figure(page: Page, name: string): Promise<number> {
  const text = await page
    .locator('.figure', { has: page.getByText(name, { exact: true }) })
    .locator('strong')
    .textContent();
  return Number((text ?? '').replaceAll(',', ''));
}

describe.skipIf(!hasChromium)('the demo, as a newcomer sees it', () => {
  let dataDir: string;
  let port: number;
  let demo: ServiceProcess;
  let browser: TestBrowser;

  beforeEach(async () => {
    // Below /tmp, since user postgres must reach it when the tests run as root.
    dataDir = await mkdtemp(join(tmpdir(), 'tocsin-test-demo-'));
    await chmod(dataDir, 0o755);
    port = await freePort();
    demo = new ServiceProcess(['--data-dir', dataDir, '--port', String(port)], true);
    browser = await startChromium();
  });
  afterEach(async () => {
    await browser.close();
    await demo.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 300_000);

  /** The one-time link that it prints once it runs. */
  async function link(): Promise<string> {
    let found: string | undefined;
    await demo.until(() => {
      found = LINK.exec(demo.said)?.[1];
      expect(found).toBeDefined();
    }, FILLED);
    return found ?? '';
  }

  async function signIn(wrong: string[]): Promise<Page> {
    const page = await browser.context.newPage();
    page.setDefaultTimeout(SHOWN.timeout);
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && origin !== `http://127.0.0.1:${port}`)
        wrong.push(request.url());
    });
    await page.goto(await link());
    await page.getByRole('heading', { name: 'Incidents' }).waitFor();
    return page;
  }

  /** Ctrl-C, after which nothing of it is left. */
  async function endsCleanly(): Promise<void> {
    expect(await demo.stop()).toBe(0);
    expect(processesWith(dataDir)).toEqual([]);
    expect(processesWith(`127.0.0.1:${port}`)).toEqual([]);
  }

  test('an incident appears, grows and ends before their eyes; Ctrl-C ends, the next start goes on', async () => {
    const isBuilt = existsSync(join(import.meta.dirname, '../../dist/dashboard/index.html'));
    expect(isBuilt, 'npm run build:dashboard comes first, npm test does it').toBe(true);
    const wrong: string[] = [];
    demo.begin();
    const page = await signIn(wrong);
    await page.evaluate('window.notReloaded = true');

    const row = page.locator('.row').first();
    await row.waitFor();
    await row.getByText(/[1-9][\d,]* people/).waitFor();
    const first = await row.getByText(/[1-9][\d,]* told/).textContent();
    const toldFirst = Number(/([\d,]+) told/.exec(first ?? '')?.[1]?.replaceAll(',', ''));
    const place = (await row.locator('.row-title').textContent()) ?? '';
    expect(place).not.toBe('');
    await page.locator('.map-canvas[aria-busy=false]').waitFor();

    await row.click();
    await page.getByRole('heading', { name: place }).waitFor();
    await expect.poll(() => figure(page, 'CRM flags'), SHOWN).toBeGreaterThan(0);
    await expect.poll(() => figure(page, 'Told by SMS'), SHOWN).toBeGreaterThan(toldFirst);
    const told = await figure(page, 'Told by SMS');
    await page.locator('.incident-head .chips').getByText('resolved').waitFor();
    await expect.poll(() => figure(page, 'CRM flags'), SHOWN).toBe(0);
    expect(await figure(page, 'Told by SMS')).toBeGreaterThanOrEqual(told);
    expect(await page.evaluate("'notReloaded' in window")).toBe(true);
    expect(wrong).toEqual([]);
    await page.close();
    await endsCleanly();

    demo = new ServiceProcess(['--data-dir', dataDir, '--port', String(port)], true);
    demo.begin();
    const again = await signIn(wrong);
    expect(demo.said).not.toContain('replaying');
    await again.getByRole('button', { name: 'Over' }).click();
    await again.locator('.row-title', { hasText: place }).first().waitFor();
    expect(wrong).toEqual([]);
    await endsCleanly();
  }, 900_000);
});
