import { expect, onTestFinished, test } from 'vitest';
import { PostgresTickLog } from '../../../src/adapters/postgres/kafka-ticks.js';
import type { Fact, OperatorAct } from '../../../src/domain/facts.js';
import { testDatabase } from '../../services/postgres.js';

const STREAM = 'kafka:ran/0';
const tick = (nowMs: number): Fact => ({ kind: 'tick', nowMs });
const act: OperatorAct = {
  actId: 'act_1',
  at: '2026-03-10T14:20:00.000Z',
  actor: 'Zoé',
  why: 'scores mislead',
  action: 'revertModel',
};

async function emptyLog(): Promise<PostgresTickLog> {
  const database = await testDatabase();
  onTestFinished(() => database.close());
  return new PostgresTickLog(database.pool);
}

test('counts, reads, refuses a second writer and prunes all but the last', async () => {
  const log = await emptyLog();
  expect(await log.countBefore(STREAM, 1000)).toBe(0);
  await log.append(STREAM, 0, { slot: 10, fact: tick(1) });
  await log.append(STREAM, 1, { slot: 11, fact: tick(2) });
  await log.append(STREAM, 2, { slot: 30, fact: tick(3) });
  await expect(log.append(STREAM, 2, { slot: 31, fact: tick(3) })).rejects.toMatchObject({
    code: 'lease.lost',
  });
  expect(await log.countBefore(STREAM, 11)).toBe(1);
  expect(await log.countBefore(STREAM, 12)).toBe(2);
  expect(await log.read(STREAM, 11, 10)).toEqual([
    { slot: 11, fact: tick(2) },
    { slot: 30, fact: tick(3) },
  ]);
  expect(await log.prune(STREAM, 25)).toBe(1);
  expect(await log.countBefore(STREAM, 25)).toBe(2);
  expect(await log.read(STREAM, 0, 10)).toHaveLength(2);
});

test('keeps acts and changes of the network among the ticks, and how far acts came', async () => {
  const log = await emptyLog();
  expect(await log.actsThrough(STREAM)).toBe(-1);
  const facts: Fact[] = [
    { kind: 'acts', items: [act] },
    { kind: 'network', items: [{ version: 4 }] },
    tick(1),
  ];
  await log.append(STREAM, 0, { slot: 10, fact: facts[0] ?? tick(0) }, 7);
  await log.append(STREAM, 1, { slot: 11, fact: facts[1] ?? tick(0) });
  await log.append(STREAM, 2, { slot: 12, fact: facts[2] ?? tick(0) });
  expect((await log.read(STREAM, 0, 10)).map(({ fact }) => fact)).toEqual(facts);
  await log.prune(STREAM, 100);
  expect(await log.read(STREAM, 0, 10)).toHaveLength(1);
  expect(await log.actsThrough(STREAM)).toBe(7);
});
