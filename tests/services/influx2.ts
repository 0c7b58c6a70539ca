import { randomBytes } from 'node:crypto';
import { startInflux2Contract } from './influx2-contract.js';

/** An InfluxDB 2 with a bucket of one's own. */
export interface Influx2 {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  readonly bucket: string;
  /** whether it is the real one */
  readonly isReal: boolean;
  /** Writes line protocol. @throws when it is refused */
  write(lines: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The server of TOCSIN_TEST_INFLUX2_URL, `_TOKEN` and `_ORG` when they are set; else a small server
 * that keeps to the same contract.
 */
export async function startInflux2(): Promise<Influx2> {
  const { TOCSIN_TEST_INFLUX2_URL: url, TOCSIN_TEST_INFLUX2_TOKEN: token } = process.env;
  const org = process.env.TOCSIN_TEST_INFLUX2_ORG;
  if (url === undefined || token === undefined || org === undefined) {
    const server = await startInflux2Contract();
    return { ...(await withBucket(server)), isReal: false, stop: () => server.stop() };
  }
  const real = await withBucket({ url, token, org });
  return { ...real, isReal: true, stop: () => real.drop() };
}

interface Access {
  readonly url: string;
  readonly token: string;
  readonly org: string;
}

async function withBucket({ url, token, org }: Access) {
  const bucket = `tocsin-test-${randomBytes(4).toString('hex')}`;
  const call = async (method: string, path: string, body?: string, type = 'application/json') => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Token ${token}`, 'content-type': type },
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`influxdb: ${answer.status} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const orgs = (await call('GET', `/api/v2/orgs?org=${encodeURIComponent(org)}`)).orgs;
  const orgID = (orgs as { id: string }[])[0]?.id;
  const made = await call('POST', '/api/v2/buckets', JSON.stringify({ orgID, name: bucket }));
  const query = new URLSearchParams({ org, bucket, precision: 'ns' });
  return {
    url,
    token,
    org,
    bucket,
    write: async (lines: string) =>
      void (await call('POST', `/api/v2/write?${query}`, lines, 'text/plain')),
    drop: async () => void (await call('DELETE', `/api/v2/buckets/${String(made.id)}`)),
  };
}
