import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  InfluxqlReader,
  identifier,
  selectQuery,
} from '../../../src/adapters/influx/influxql-reader.js';
import { hasInflux1, type Influx1, startInflux1 } from '../../services/influx1.js';
import { describeInfluxSource } from './influx-source.contract.js';

describe('selectQuery', () => {
  it('quotes every name and writes times as whole milliseconds', () => {
    expect(selectQuery(['a"b', 'c\\'], 'm\n', { fromMs: 1.5, toMs: 3 })).toBe(
      'SELECT "a\\"b", "c\\\\" FROM "m\\n" WHERE time >= 1ms AND time < 3ms',
    );
    expect(identifier('"; DROP DATABASE x --')).toBe('"\\"; DROP DATABASE x --"');
  });
});

if (hasInflux1) {
  describeInfluxSource('InfluxSource on InfluxDB 1.x (InfluxQL)', async () => {
    const server = await startInflux1();
    const database = `tocsin_test_${process.pid}`;
    await server.manage(`CREATE DATABASE "${database}"`);
    return {
      options: { dialect: 'influxql', url: server.url, database },
      write: (lines) => server.write(database, lines),
      stop: async () => {
        await server.manage(`DROP DATABASE "${database}"`);
        await server.stop();
      },
    };
  });

  describe.skipIf(process.env.TOCSIN_TEST_INFLUX1_URL !== undefined)(
    'credentials and restarts',
    () => {
      let server: Influx1;
      beforeAll(async () => {
        server = await startInflux1(true);
        await server.manage("CREATE USER root WITH PASSWORD 'secret' WITH ALL PRIVILEGES");
      });
      afterAll(() => server.stop());

      const reader = (password: string) =>
        new InfluxqlReader(
          {
            name: 'x',
            dialect: 'influxql',
            url: server.url,
            database: '_internal',
            measurement: 'm',
            username: 'root',
            password,
          },
          ['users'],
        );
      const signal = new AbortController().signal;

      it('is refused with a wrong password', async () => {
        await expect(reader('wrong').check(signal)).rejects.toMatchObject({
          code: 'input.config',
          message: expect.stringContaining('credentials') as string,
        });
      });

      it('is away while the server restarts, and works again after', async () => {
        await server.pause();
        await expect(reader('secret').check(signal)).rejects.toMatchObject({
          code: 'unavailable.influx',
        });
        await server.resume();
        await expect(reader('secret').check(signal)).rejects.toMatchObject({
          message: expect.stringContaining('database not found') as string,
        });
      });
    },
  );
}
