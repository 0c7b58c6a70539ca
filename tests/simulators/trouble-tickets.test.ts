import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTicketSystem, type TicketSystemSimulator } from '../../simulators/trouble-tickets.js';

const NOW = '2026-01-14T13:00:00.000Z';
let system: TicketSystemSimulator;
beforeEach(async () => {
  system = await startTicketSystem({
    clock: { nowMs: () => Date.parse(NOW), at: () => () => undefined, stop: () => undefined },
  });
});
afterEach(() => system.stop());

const call = (method: string, path = '', body?: unknown) =>
  fetch(`${system.url}/troubleTicket${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('the simulated ticket system', () => {
  it('creates a ticket with an id and time of its own, and reads it back', async () => {
    const made = await call('POST', '', { externalId: 'inc_1', priority: '1' });
    expect(made.status).toBe(201);
    const ticket = (await made.json()) as { id: string };
    expect(ticket).toMatchObject({ externalId: 'inc_1', priority: '1', creationDate: NOW });
    expect(await (await call('GET', `/${ticket.id}`)).json()).toEqual(ticket);
  });

  it('makes two of a ticket that is created twice: it knows no idempotency', async () => {
    for (let n = 0; n < 2; n++) await call('POST', '', { externalId: 'inc_1' });
    expect(system.tickets()).toHaveLength(2);
    expect(system.requests().map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('lists by our id where it filters, and everything where it does not', async () => {
    for (const externalId of ['inc_1', 'inc_2']) await call('POST', '', { externalId });
    const list = async (): Promise<unknown[]> =>
      (await call('GET', '?externalId=inc_2')).json() as Promise<unknown[]>;
    expect(await list()).toMatchObject([{ externalId: 'inc_2' }]);
    system.faults.filters = false;
    expect(await list()).toHaveLength(2);
  });

  it('changes what is given, says when, and knows no ticket that is not there', async () => {
    await call('POST', '', { externalId: 'inc_1', priority: '2' });
    const changed = await call('PATCH', '/TT1', { priority: '1' });
    expect(await changed.json()).toMatchObject({
      externalId: 'inc_1',
      priority: '1',
      lastUpdate: NOW,
    });
    system.edit('TT1', { expectedResolutionDate: NOW });
    expect(system.tickets()).toMatchObject([{ priority: '1', expectedResolutionDate: NOW }]);
    for (const [method, body] of [['GET'], ['PATCH', {}]] as const) {
      expect((await call(method, '/TT9', body)).status).toBe(404);
    }
  });

  it('cuts connections before or after it has done what was asked', async () => {
    system.faults.dropBeforeRate = 1;
    await expect(call('POST', '', {})).rejects.toThrow();
    expect(system.tickets()).toEqual([]);
    system.faults.dropBeforeRate = 0;
    system.faults.dropAfterRate = 1;
    await expect(call('POST', '', {})).rejects.toThrow();
    expect(system.tickets()).toHaveLength(1);
  });
});
