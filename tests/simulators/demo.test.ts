import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Demo, type DemoOptions, startDemo } from '../../simulators/demo/demo.js';
import { callHistory, demoStartMs, telemetryHistory } from '../../simulators/demo/demo-history.js';
import { FaultPlan } from '../../simulators/demo/fault-plan.js';
import { isInReach } from '../../simulators/demo/reach.js';
import { msisdnOf } from '../../simulators/population/identities.js';
import { ServiceTruth } from '../../simulators/population/service.js';
import { PERIOD_MS } from '../../simulators/telemetry/calendar.js';
import { createWorld } from '../../simulators/world.js';

const SIZE = { sites: 40, cells: 140, subscribers: 4_000 };
const START = Date.UTC(2026, 4, 5, 7, 45);
const HOUR = 3_600_000;
const world = createWorld({ seed: 9, ...SIZE });

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Push {
  readonly path: string;
  readonly token: string;
  readonly body: string;
}

/** A service that takes pushes; resolves `reached` when `isEnough` says so. */
async function startService(isEnough: (pushes: readonly Push[]) => boolean, refuseFirst = 0) {
  const pushes: Push[] = [];
  let refused = 0;
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    if (refused++ < refuseFirst) {
      response.writeHead(503, { 'retry-after': '0' }).end();
      return;
    }
    const body = gunzipSync(Buffer.concat(chunks)).toString();
    const path = (request.url ?? '').split('?')[0] ?? '';
    pushes.push({ path, token: request.headers.authorization ?? '', body });
    response.writeHead(204).end();
    if (isEnough(pushes)) reach();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { baseUrl, pushes, reached };
}

async function start(options: Partial<DemoOptions> & { baseUrl: string }): Promise<Demo> {
  const demo = await startDemo({
    writeToken: 'secret-token',
    gatewayPort: 0,
    accountSid: 'AC1',
    authToken: 'auth',
    seed: 9,
    networkStartMs: START,
    speed: 5_000,
    ...SIZE,
    ...options,
  });
  closers.push(() => demo.stop());
  return demo;
}

const to = (pushes: readonly Push[], path: string): Push[] =>
  pushes.filter((push) => push.path === path);

describe('demo', () => {
  it('pushes telemetry, alarms, sightings and calls until it is stopped', async () => {
    const service = await startService(
      (pushes) =>
        to(pushes, '/api/v1/alarms').length > 0 &&
        to(pushes, '/api/v1/calls').length > 2 &&
        to(pushes, '/api/v2/write').length > 4 &&
        to(pushes, '/api/v1/presence').length > 0,
    );
    const demo = await start({ baseUrl: service.baseUrl });
    await service.reached;
    await demo.stop();
    const count = service.pushes.length;
    expect(service.pushes.every(({ token }) => token === 'Token secret-token')).toBe(true);
    const [first] = to(service.pushes, '/api/v2/write');
    expect(first?.body.split('\n').length).toBeGreaterThan(130);
    expect(first?.body).toContain(`${START - PERIOD_MS}000000\n`);
    expect(JSON.parse(to(service.pushes, '/api/v1/alarms')[0]?.body ?? '')).toMatchObject([
      { perceivedSeverity: 'critical', objectType: 'link' },
    ]);
    await demo.finished;
    expect(service.pushes.length).toBe(count);
  });

  it('sends again what the service could not take', async () => {
    const service = await startService((pushes) => to(pushes, '/api/v2/write').length > 0, 2);
    await start({ baseUrl: service.baseUrl });
    await service.reached;
    expect(to(service.pushes, '/api/v1/presence').length).toBe(1);
  });

  it('has phones out of reach while their cell is out and nobody catches them', () => {
    const plan = new FaultPlan(world, { seed: 9, fromMs: START, firstAfterMs: 20 * 60_000 });
    plan.extend(START + HOUR);
    const service = new ServiceTruth(world, () => plan.effects);
    const unreached = (atMs: number): number =>
      Array.from({ length: world.people.size }, (_, i) => msisdnOf(i)).filter(
        (number) => !isInReach(world, service, number, atMs),
      ).length;
    expect(unreached(START)).toBe(0);
    expect(unreached((plan.faults[0]?.spec.fromMs ?? 0) + 60_000)).toBeGreaterThan(30);
    expect(isInReach(world, service, '+33123456789', START)).toBe(true);
  });

  it('is a gateway for the account it was given', async () => {
    const service = await startService(() => false);
    const { gateway } = await start({ baseUrl: service.baseUrl, speed: 60 });
    const refused = await fetch(`${gateway.url}/2010-04-01/Accounts/AC1.json`);
    const taken = await fetch(`${gateway.url}/2010-04-01/Accounts/AC1.json`, {
      headers: { authorization: `Basic ${Buffer.from('AC1:auth').toString('base64')}` },
    });
    expect([refused.status, taken.status]).toEqual([401, 200]);
  });
});

describe('demo fault plan', () => {
  it('is the same whatever the steps it is worked out in, and goes on without end', () => {
    const options = { seed: 9, fromMs: START, firstAfterMs: 20 * 60_000 };
    const once = new FaultPlan(world, options);
    once.extend(START + 40 * HOUR);
    const steps = new FaultPlan(world, options);
    for (let hour = 0; hour <= 40; hour++) steps.extend(START + hour * HOUR);
    expect(steps.faults).toEqual(once.faults);
    expect(once.faults.length).toBeGreaterThan(10);
    expect(new Set(once.faults.map(({ spec }) => spec.kind)).size).toBeGreaterThan(4);
  });

  it('begins with a fibre cut of at least three sites that lasts seventy minutes', () => {
    const plan = new FaultPlan(createWorld({ seed: 1 }), {
      seed: 1,
      fromMs: START,
      firstAfterMs: 20 * 60_000,
    });
    plan.extend(START + HOUR);
    const [fault] = plan.faults;
    expect(fault?.spec).toMatchObject({
      kind: 'transportCut',
      fromMs: START + 20 * 60_000,
      durationMs: 70 * 60_000,
    });
    expect(fault?.truth[0]?.cells.length).toBeGreaterThanOrEqual(9);
  });

  it('forgets faults a day after their end', () => {
    const plan = new FaultPlan(world, { seed: 9, fromMs: START, firstAfterMs: 20 * 60_000 });
    plan.extend(START + 20 * 24 * HOUR);
    const oldest = plan.faults.map(({ spec }) => spec.fromMs + spec.durationMs);
    expect(Math.min(...oldest)).toBeGreaterThan(START + 19 * 24 * HOUR);
  });
});

describe('demo history', () => {
  it('starts on a working day in the morning', () => {
    const startMs = demoStartMs(Date.UTC(2026, 4, 3, 12), 'Europe/Paris');
    expect(new Date(startMs).toISOString()).toBe('2026-04-30T07:45:00.000Z');
  });

  it('ticks forward to its end and reports every period but the last', async () => {
    const span = { fromMs: START - 6 * HOUR, toMs: START };
    let tickMs = 0;
    let latestMs = 0;
    let rows = 0;
    for await (const fact of telemetryHistory(world, span)) {
      if (fact.kind === 'tick') {
        expect(fact.nowMs).toBeGreaterThanOrEqual(tickMs);
        tickMs = fact.nowMs;
      } else if (fact.kind === 'reports') {
        rows += fact.block.rows;
        latestMs = Math.max(latestMs, fact.block.periodStartMs.at(-1) ?? 0);
      }
    }
    expect(tickMs).toBe(START);
    expect(latestMs).toBe(START - 2 * PERIOD_MS);
    expect(rows).toBeGreaterThan(140 * 22);
  });

  it('gives calls for every open interval', () => {
    const calls = [...callHistory(world, { fromMs: START - 24 * HOUR, toMs: START })];
    expect(calls.filter(({ queue }) => queue === 'technical')).toHaveLength(96);
    expect(calls.every(({ offered }) => offered >= 0)).toBe(true);
  });
});
