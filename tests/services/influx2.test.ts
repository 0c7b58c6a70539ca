import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Influx2, startInflux2 } from './influx2.js';

let server: Influx2;
beforeAll(async () => {
  server = await startInflux2();
});
afterAll(() => server.stop());

const TIME_MS = Date.UTC(2026, 0, 1);

async function write(lines: string, query: Record<string, string> = {}, token = server.token) {
  const { org, bucket } = server;
  const answer = await fetch(
    `${server.url}/api/v2/write?${new URLSearchParams({ org, bucket, ...query })}`,
    {
      method: 'POST',
      headers: { authorization: `Token ${token}` },
      body: lines,
    },
  );
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}

async function stored(measurement: string): Promise<string> {
  const { org, bucket } = server;
  const answer = await fetch(`${server.url}/api/v2/query?org=${encodeURIComponent(org)}`, {
    method: 'POST',
    headers: {
      authorization: `Token ${server.token}`,
      'content-type': 'application/vnd.flux',
    },
    body: `from(bucket: "${bucket}") |> range(start: 2025-12-31T00:00:00Z, stop: 2026-01-02T00:00:00Z) |> filter(fn: (r) => r._measurement == "${measurement}") |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`,
  });
  return answer.text();
}

describe('writing to InfluxDB 2, or to the contract server in its place', () => {
  it.each([
    ['ns', `${TIME_MS}000000`],
    ['us', `${TIME_MS}000`],
    ['ms', `${TIME_MS}`],
    ['s', `${TIME_MS / 1000}`],
  ])('takes times in %s', async (precision, time) => {
    const line = `in_${precision},cell=a\\ b users=3i,mbps=1.5 ${time}`;
    expect(await write(line, { precision })).toEqual({ status: 204, body: undefined });
    expect(await stored(`in_${precision}`)).toContain('2026-01-01T00:00:00');
  });

  it.each([
    ['an unknown organisation', { org: 'nobody' }, 404, 'not found'],
    ['no organisation', { org: '' }, 400, 'invalid'],
    ['an unknown bucket', { bucket: 'nothing' }, 404, 'not found'],
    ['an unknown precision', { precision: 'minutes' }, 400, 'invalid'],
  ])('is refused with %s', async (_, query, status, code) => {
    const answer = await write(`m users=1 ${TIME_MS}`, { precision: 'ms', ...query });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('is refused with a wrong token', async () => {
    expect(await write('m users=1', {}, 'wrong')).toMatchObject({ status: 401 });
  });

  it.each([
    ['no fields', 'm,cell=A'],
    ['no measurement', ',cell=A users=1'],
    ['a tag without a value', 'm,cell= users=1'],
    ['a field without a value', 'm,cell=A users='],
    ['a word for a number', 'm,cell=A users=many'],
    ['NaN', 'm,cell=A users=NaN'],
    ['1e400', 'm,cell=A users=1e400'],
    ['an integer beyond 64 bits', 'm,cell=A users=9223372036854775808i'],
    ['an open quote', 'm,cell=A name="open'],
    ['a time that is none', 'm,cell=A users=1 yesterday'],
  ])('is refused for %s, and the good line beside it is not stored', async (what, line) => {
    const name = `beside_${what.replace(/\W/g, '_')}`;
    const answer = await write(`${name} users=1 ${TIME_MS}\n${line}`, { precision: 'ms' });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid', message: expect.stringContaining('unable to parse') as string },
    });
    expect(await stored(name)).not.toContain('2026-01-01');
  });

  it('is refused without points', async () => {
    expect(await write('')).toMatchObject({ status: 400, body: { code: 'invalid' } });
  });
});
