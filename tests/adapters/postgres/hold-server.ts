import { startEmbeddedPostgres } from '../../../src/adapters/postgres/embedded.js';

/** Starts a server in the folder named on the command line and stays until it is killed. */
const server = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '' });
process.stdout.write(`${server.url}\n`);
