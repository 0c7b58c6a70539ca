import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CrmSimulator, startCrm } from '../../simulators/crm.js';

let nowMs = 0;
let crm: CrmSimulator;
beforeEach(async () => {
  nowMs = 1_000_000;
  crm = await startCrm({
    clock: { nowMs: () => nowMs, at: () => () => undefined, stop: () => undefined },
  });
});
afterEach(() => crm.stop());

const put = (id: number, { key = '', account = `A${id}` } = {}) =>
  fetch(`${crm.url}/flags/${id}/inc_1`, {
    method: 'PUT',
    headers: key === '' ? {} : { 'idempotency-key': key },
    body: JSON.stringify({ account, flag: { n: id } }),
  });

describe('the simulated CRM', () => {
  it('holds what it was given, in order, and pages it', async () => {
    for (const id of [3, 1, 2]) expect((await put(id)).status).toBe(200);
    expect(crm.flags().map(({ subscriberId }) => subscriberId)).toEqual([1, 2, 3]);
    const page = await fetch(`${crm.url}/flags?after=1&incident=inc_1&limit=1`);
    const { flags } = (await page.json()) as { flags: { subscriberId: number }[] };
    expect(flags.map(({ subscriberId }) => subscriberId)).toEqual([2]);
  });

  it('makes one change of a repeat under the same key, and two under different ones', async () => {
    for (const key of ['a', 'a', 'b']) await put(1, { key });
    expect(crm.changes()).toHaveLength(2);
    expect(crm.requests()).toBe(3);
  });

  it('answers 404 for an account it does not know, and for a flag it does not hold', async () => {
    crm.faults.unknownAccounts.add('A9');
    expect((await put(9)).status).toBe(404);
    expect((await fetch(`${crm.url}/flags/9/inc_1`, { method: 'DELETE' })).status).toBe(404);
    expect(crm.changes()).toEqual([]);
  });

  it('takes many at once, and clears them', async () => {
    const flags = [1, 2].map((id) => ({
      account: '',
      subscriberId: id,
      incidentId: 'i',
      flag: {},
    }));
    const bulk = (body: unknown) =>
      fetch(`${crm.url}/flags/bulk`, { method: 'POST', body: JSON.stringify(body) });
    await bulk({ upserts: flags });
    expect(crm.flags()).toHaveLength(2);
    await bulk({ clears: flags });
    expect(crm.flags()).toEqual([]);
    expect(crm.changes().map(({ kind }) => kind)).toEqual(['upsert', 'upsert', 'clear', 'clear']);
  });

  it('cuts connections while it is down, before and after the change as it is told', async () => {
    crm.faults.downUntilMs = nowMs + 1;
    await expect(put(1)).rejects.toThrow();
    nowMs += 1;
    expect((await put(1)).status).toBe(200);
    crm.faults.dropBeforeRate = 1;
    await expect(put(2)).rejects.toThrow();
    expect(crm.flags()).toHaveLength(1);
    crm.faults.dropBeforeRate = 0;
    crm.faults.dropAfterRate = 1;
    await expect(put(2)).rejects.toThrow();
    expect(crm.flags()).toHaveLength(2);
  });

  it('says how long to wait beyond its pace, and takes more in the next second', async () => {
    crm.faults.requestsPerSecond = 1;
    crm.faults.retryAfterSeconds = 3;
    expect((await put(1)).status).toBe(200);
    const late = await put(2);
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '3']);
    nowMs += 1000;
    expect((await put(2)).status).toBe(200);
  });

  it('lets somebody change a record behind our back', async () => {
    await put(1);
    crm.tamper(1, 'inc_1', { n: 'other' });
    expect(crm.flags()).toMatchObject([{ account: 'A1', flag: { n: 'other' } }]);
    crm.tamper(1, 'inc_1', null);
    expect(crm.flags()).toEqual([]);
  });
});
