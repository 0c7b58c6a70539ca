import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FluxReader, fluxQuery } from '../../../src/adapters/influx/flux-reader.js';
import type { InfluxOptions } from '../../../src/adapters/influx/ports.js';
import { type Influx2, startInflux2 } from '../../services/influx2.js';
import { describeInfluxSource } from './influx-source.contract.js';

const signal = new AbortController().signal;

describeInfluxSource('InfluxSource on InfluxDB 2 (Flux)', async () => {
  const server = await startInflux2();
  const { url, token, org, bucket } = server;
  return { options: { dialect: 'flux', url, token, org, bucket }, ...server };
});

describe('FluxReader', () => {
  let server: Influx2;
  beforeAll(async () => {
    server = await startInflux2();
  });
  afterAll(() => server.stop());

  const reader = (changes: Partial<InfluxOptions>): FluxReader => {
    const { url, token, org, bucket } = server;
    return new FluxReader(
      { name: 'x', dialect: 'flux', measurement: 'm', url, token, org, bucket, ...changes },
      ['users'],
    );
  };

  it.each([
    ['a wrong token', { token: 'wrong' }, 'credentials'],
    ['an unknown organisation', { org: 'nobody' }, 'organization'],
    ['no organisation', { org: '' }, 'org'],
  ])('says what to mend with %s', async (_name, changes, message) => {
    await expect(reader(changes).check(signal)).rejects.toMatchObject({
      code: 'input.config',
      message: expect.stringContaining(message) as string,
    });
  });

  it('needs a bucket', () => {
    expect(() => reader({ bucket: undefined })).toThrow(/needs a bucket/);
  });

  it('writes names into the query as string literals only', () => {
    const query = String(fluxQuery('b"', 'm") |> drop()', ['f\\"'], { fromMs: 0, toMs: 1 }));
    expect(query).toContain('from(bucket: "b\\"")');
    expect(query).toContain('r._measurement == "m\\") |> drop()"');
    expect(query).toContain('r._field == "f\\\\\\""');
  });
});
