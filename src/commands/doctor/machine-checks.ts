import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { attempt, type Check, failed, passed, skipped, warned } from './report.js';

const LEAST_FREE_BYTES = 2e9;
const MEGABYTE = 1e6;

/** Whether the data folder, or the nearest folder above it that exists, can be written; disk space. */
export function checkDataFolder(dataDir: string): Promise<Check> {
  const name = 'data folder';
  const mend = `make ${dataDir} writable for this user, or set dataDir to a folder that is`;
  return attempt(name, mend, async () => {
    const there = await nearest(dataDir);
    await access(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(there);
    const free = `${Math.floor((bavail * bsize) / MEGABYTE)} MB free`;
    if (bavail * bsize < LEAST_FREE_BYTES) {
      return warned(name, `${dataDir}: ${free}`, 'free at least 2 GB: the journal needs room');
    }
    const state = there === dataDir ? 'writable' : 'will be created';
    return passed(name, `${dataDir}: ${state}, ${free}`);
  });
}

async function nearest(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  return isThere || path === dirname(path) ? path : nearest(dirname(path));
}

/** Whether the port of the service is free, or Tocsin itself is what answers on it. */
export function checkPort(host: string, port: number): Promise<Check> {
  const name = 'http port';
  const mend = 'set server.host and server.port to an address of this machine that is free';
  return attempt(name, mend, async (signal) => {
    if (port === 0) return skipped(name, 'any free port is taken');
    const problem = await listenProblem(host, port);
    if (problem === undefined) return passed(name, `${host}:${port} is free`);
    if (problem !== 'EADDRINUSE') return failed(name, `${host}:${port}: ${problem}`, mend);
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    const answer = await fetch(`http://${reachable}:${port}/health`, { signal })
      .then((response) => response.json() as Promise<{ components?: unknown }>)
      .catch(() => ({ components: undefined }));
    if (answer.components !== undefined) return passed(name, `Tocsin runs on ${host}:${port}`);
    return failed(name, `another program uses ${host}:${port}`, mend);
  });
}

function listenProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
