import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { available } from './require.js';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const path = [process.env.TOCSIN_TEST_CHROMIUM ?? '', ...PATHS].find((each) => existsSync(each));

/** Whether browser tests can run here; says what would enable them when not. */
export const hasChromium = available(
  'chromium',
  path !== undefined,
  'apt-get install chromium, or set TOCSIN_TEST_CHROMIUM to its path',
);

/** A browser with a profile of its own and WebGL in software. `close` leaves nothing behind. */
export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/** Starts Chromium without a window. */
export async function startChromium(width = 1280, height = 900): Promise<TestBrowser> {
  if (path === undefined) throw new Error('there is no Chromium on this machine');
  const profile = await mkdtemp(join(tmpdir(), 'tocsin-test-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    headless: true,
    args: ARGUMENTS,
    viewport: { width, height },
    locale: 'en-GB',
    timezoneId: 'Europe/Paris',
  });
  // clicks wait this long on a machine that is busy with other tests
  context.setDefaultTimeout(60_000);
  const close = async (): Promise<void> => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { context, close };
}
