import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createPool } from '../../src/adapters/postgres/pool.js';
import type { TestServer } from './global-setup.js';

/** A database of one's own. `close` ends the pool and drops the database. */
export interface TestDatabase {
  readonly url: string;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

async function testServer(): Promise<TestServer> {
  const response = await fetch(inject('testPostgresDoor'));
  const text = await response.text();
  if (!response.ok) throw new Error(`no Postgres for tests: ${text}`);
  return JSON.parse(text) as TestServer;
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/**
 * A fresh, migrated database on the test run's own server (or on TOCSIN_TEST_POSTGRES_URL, whose
 * user must be allowed to create databases). Call it in `beforeAll` or a test, `close` it after.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const { url, template } = await testServer();
  const name = `tocsin_test_${randomBytes(6).toString('hex')}`;
  await onServer(url, `create database ${name} template ${template}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const pool = createPool(own.href);
  const close = async (): Promise<void> => {
    await pool.end();
    await onServer(url, `drop database if exists ${name} with (force)`);
  };
  return { url: own.href, pool, close };
}
