import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** asked for the folder of the built dashboard; it is built with the first question */
    testDashboardDoor: string;
  }
}

async function builtDashboard(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-test-dashboard-'));
  await build({
    configFile: fileURLToPath(new URL('../../../src/dashboard/vite.config.ts', import.meta.url)),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  });
  return folder;
}

/** One build of the dashboard for the whole test run, of the source as it is. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let building: Promise<string> | undefined;
  const door = createServer((_request, response) => {
    building ??= builtDashboard();
    building.then(
      (folder) => response.end(folder),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
  const { port } = door.address() as AddressInfo;
  project.provide('testDashboardDoor', `http://127.0.0.1:${port}/`);
  return async () => {
    door.closeAllConnections();
    door.close();
    const folder = await building?.catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
}
