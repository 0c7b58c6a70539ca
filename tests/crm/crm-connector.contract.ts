import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrmConnector, FlagToWrite, Pushed } from '../../src/crm/ports.js';
import type { CrmFlag } from '../../src/domain/customer.js';

export const ALL_DONE = (count: number): Pushed => ({
  dealtWith: count,
  refused: [],
  stoppedBy: null,
});

let lastIntent = 0;

/** A flag to be pushed under a name of its own. */
export function flagToWrite(subscriberId: number, change: Partial<CrmFlag> = {}): FlagToWrite {
  return {
    account: `A${subscriberId}`,
    intent: String(++lastIntent),
    flag: {
      schemaVersion: 1,
      subscriberId,
      incidentId: 'inc_1',
      lineageId: 'lin_1',
      since: '2026-01-14T12:55:00.000Z',
      service: 'none',
      probability: 0.9,
      told: false,
      cause: 'une panne de site',
      estimatedRepairAt: null,
      sentence: 'Vous êtes touché par une coupure "à Évreux" & <autour>.',
      validUntil: '2026-01-14T15:00:00.000Z',
      ...change,
    },
  };
}

/** What every connector must do, whatever CRM stands behind it. */
export function crmConnectorContract(
  name: string,
  connect: () => Promise<{ connector: CrmConnector; stop(): Promise<void> }>,
): void {
  describe(`${name} as a CRM connector`, () => {
    let connector: CrmConnector;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      ({ connector, stop } = await connect());
    });
    afterAll(() => stop());

    it('can be checked', async () => {
      await expect(connector.check()).resolves.toBeUndefined();
    });

    it('holds what it was given, by subscriber and incident, and gives it back page by page', async () => {
      const flags = [5, 1, 3, 2, 4].map((id) => flagToWrite(id));
      expect(await connector.upsert(flags)).toEqual(ALL_DONE(5));
      expect(await connector.upsert(flags)).toEqual(ALL_DONE(5));
      const first = (await connector.list?.(undefined, 2)) ?? [];
      const rest = (await connector.list?.(first.at(-1)?.flag, 9)) ?? [];
      expect([...first, ...rest].map(({ flag }) => flag.subscriberId)).toEqual([1, 2, 3, 4, 5]);
      expect(first[0]).toEqual({ account: 'A1', flag: flagToWrite(1).flag });
    });

    it('replaces a flag, and clears one as often as it is asked to', async () => {
      expect(await connector.upsert([flagToWrite(2, { told: true })])).toEqual(ALL_DONE(1));
      const keys = [1, 3].map((subscriberId) => ({
        subscriberId,
        incidentId: 'inc_1',
        account: `A${subscriberId}`,
        intent: `clear ${subscriberId}`,
      }));
      expect(await connector.clear(keys)).toEqual(ALL_DONE(2));
      expect(await connector.clear(keys.map((key) => ({ ...key, intent: 'again' })))).toEqual(
        ALL_DONE(2),
      );
      const held = (await connector.list?.(undefined, 9)) ?? [];
      expect(held.map(({ flag }) => [flag.subscriberId, flag.told])).toEqual([
        [2, true],
        [4, false],
        [5, false],
      ]);
    });

    it('does nothing for nothing', async () => {
      expect(await connector.upsert([])).toEqual(ALL_DONE(0));
      expect(await connector.clear([])).toEqual(ALL_DONE(0));
    });
  });
}
