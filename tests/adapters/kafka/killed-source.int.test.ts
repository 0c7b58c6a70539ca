import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import { hasKafka, sharedKafka } from '../../services/kafka/shared.js';
import { testDatabase } from '../../services/postgres.js';
import { report, TestTopics, uniqueName } from './test-topics.js';

const WAIT = { timeout: 30_000 };
const PROCESS = fileURLToPath(new URL('./source-process.ts', import.meta.url));
const PARTITIONS = 3;

describe.skipIf(!(await hasKafka()))('a source that is killed', async () => {
  const { brokers } = await sharedKafka();
  const topics = new TestTopics(brokers);

  test('has journalled every report once, wherever the kills fell', async () => {
    const database = await testDatabase();
    onTestFinished(() => database.close());
    const journal = new PostgresJournal(database.pool);
    const topic = await topics.create(PARTITIONS);
    const group = uniqueName('group');
    let child: ChildProcess | undefined;
    const begin = (): void => {
      child = fork(PROCESS, [brokers.join(','), topic, group, database.url], {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
    };
    const kill = async (): Promise<void> => {
      const ended = new Promise((done) => child?.once('exit', done));
      child?.kill('SIGKILL');
      await ended;
    };
    onTestFinished(kill);

    const expected: string[] = [];
    const send = async (wave: number): Promise<void> => {
      const ids = Array.from({ length: 3000 }, (_, i) => `cell-${wave}-${i}`);
      expected.push(...ids);
      await topics.send(
        topic,
        ids.map((id, i) => ({ key: id, value: report(id), partition: i % PARTITIONS })),
      );
    };
    const journalled = async (): Promise<string[]> => {
      const ids: string[] = [];
      for (let after = -1; ; ) {
        const entries = await journal.read('telemetry/0', after, 1000);
        for (const { fact, offset } of entries) {
          if (fact.kind === 'reports') ids.push(...fact.block.objectIds);
          after = offset;
        }
        if (entries.length === 0) return ids;
      }
    };

    await send(0);
    for (let wave = 1; wave <= 2; wave++) {
      begin();
      const before = (await journalled()).length;
      await vi.waitFor(
        async () => expect((await journalled()).length).toBeGreaterThan(before),
        WAIT,
      );
      await Promise.all([send(wave), kill()]);
    }
    begin();
    await vi.waitFor(async () => expect(await journalled()).toHaveLength(expected.length), WAIT);
    expect((await journalled()).sort()).toEqual(expected.sort());
  });
});
