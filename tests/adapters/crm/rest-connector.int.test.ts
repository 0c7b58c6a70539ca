import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LogicalClock } from '../../../simulators/clock.js';
import { type CrmSimulator, startCrm } from '../../../simulators/crm.js';
import { crmConfigOf } from '../../../simulators/crm-description.js';
import { RestCrmConnector } from '../../../src/adapters/crm/rest-connector.js';
import { checkRestCrm, type RestCrmConfig } from '../../../src/adapters/crm/rest-crm-config.js';
import { ALL_DONE, crmConnectorContract, flagToWrite } from '../../crm/crm-connector.contract.js';
import { MemoryQuota } from '../../services/crm.js';

for (const isBulk of [false, true]) {
  crmConnectorContract(`REST ${isBulk ? 'in bulk' : 'one by one'}`, async () => {
    const crm = await startCrm();
    const config = crmConfigOf(crm.url, { isBulk });
    const connector = new RestCrmConnector({ config, quota: new MemoryQuota(), now: () => 0 });
    const stop = async (): Promise<void> => {
      await connector.close();
      await crm.stop();
    };
    return { connector, stop };
  });
}

describe('REST connector', () => {
  const clock = new LogicalClock(0);
  let crm: CrmSimulator;
  let quota: MemoryQuota;
  const opened: RestCrmConnector[] = [];

  beforeAll(async () => {
    crm = await startCrm({ clock });
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
    await crm.stop();
  });
  beforeEach(() => {
    quota = new MemoryQuota();
    const { faults } = crm;
    Object.assign(faults, { dropAfterRate: 0, requestsPerSecond: Number.POSITIVE_INFINITY });
    faults.unknownAccounts.clear();
  });

  function connect(change: Partial<RestCrmConfig> & { isBulk?: boolean } = {}): RestCrmConnector {
    const config = crmConfigOf(crm.url, change);
    const now = (): number => clock.nowMs();
    const connector = new RestCrmConnector({ config, quota, timeoutMs: 2_000, now });
    opened.push(connector);
    return connector;
  }

  it('gives a repeat after a lost answer the same key, so that it is done once', async () => {
    crm.faults.dropAfterRate = 1;
    const flag = flagToWrite(21);
    const before = crm.changes().length;
    expect((await connect().upsert([flag])).stoppedBy?.code).toBe('unavailable.crm');
    crm.faults.dropAfterRate = 0;
    expect(await connect().upsert([flag])).toEqual(ALL_DONE(1));
    expect(crm.changes().length - before).toBe(1);
    // the same words later are another push
    expect(await connect().upsert([{ ...flag, intent: 'later' }])).toEqual(ALL_DONE(1));
    expect(crm.changes().length - before).toBe(2);
  });

  it('leaves out what the CRM refuses for good and goes on with the rest', async () => {
    crm.faults.unknownAccounts.add('A31');
    const pushed = await connect().upsert([30, 31, 32].map((id) => flagToWrite(id)));
    expect(pushed).toMatchObject({ dealtWith: 3, stoppedBy: null });
    expect(pushed.refused).toMatchObject([{ key: { subscriberId: 31 }, reason: 'http.404' }]);
    const held = crm.flags().map(({ subscriberId }) => subscriberId);
    expect(held).toEqual(expect.arrayContaining([30, 32]));
    expect(held).not.toContain(31);
  });

  it('says how far it came, leaves the CRM alone for as long as it asks, then goes on', async () => {
    Object.assign(crm.faults, { requestsPerSecond: 3, retryAfterSeconds: 60 });
    const connector = connect({ parallel: 1 });
    const flags = [41, 42, 43, 44, 45].map((id) => flagToWrite(id));
    await clock.advance(1_000);
    const first = await connector.upsert(flags);
    expect(first.dealtWith).toBe(3);
    expect(first.stoppedBy?.message).toContain('429');
    const requests = crm.requests();
    expect((await connector.upsert(flags.slice(3))).stoppedBy?.message).toContain('60 s');
    expect(crm.requests()).toBe(requests);
    await clock.advance(60_000);
    expect(await connector.upsert(flags.slice(3))).toEqual(ALL_DONE(2));
  });

  it('makes no more requests in a day than are allowed, bulk ones counted once', async () => {
    const single = await connect({ perDay: 3 }).upsert(
      [1, 2, 3, 4, 5].map((id) => flagToWrite(id)),
    );
    expect(single.dealtWith).toBe(3);
    expect(single.stoppedBy?.message).toContain('3 requests of today');
    quota.used = 0;
    const many = Array.from({ length: 120 }, (_, n) => flagToWrite(100 + n));
    expect(await connect({ perDay: 3, isBulk: true }).upsert(many)).toEqual(ALL_DONE(120));
    expect(quota.used).toBe(3);
  });

  it('says that it is away, when nobody answers or an entry of its list is no flag', async () => {
    crm.tamper(1, 'inc_1', { no: 'flag' });
    const connector = connect();
    await expect(connector.list?.(undefined, 5)).rejects.toMatchObject({ code: 'unavailable.crm' });
    crm.tamper(1, 'inc_1', null);
    const config = crmConfigOf('http://127.0.0.1:1');
    const nobody = new RestCrmConnector({ config, quota, now: () => 0 });
    opened.push(nobody);
    await expect(nobody.check()).rejects.toMatchObject({ code: 'unavailable.crm' });
    expect((await nobody.upsert([flagToWrite(1)])).stoppedBy?.code).toBe('unavailable.crm');
  });

  it('is refused when its description has a place that nothing fills', () => {
    const config = crmConfigOf('http://crm', { isBulk: true });
    expect(checkRestCrm(config)).toEqual([]);
    const upsert = { url: 'http://crm/{subscriber}' };
    expect(checkRestCrm({ ...config, upsert })).toMatchObject([{ path: ['upsert'] }]);
  });
});
