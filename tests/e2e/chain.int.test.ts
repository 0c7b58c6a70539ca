import { beforeEach, describe, expect, test } from 'vitest';
import { hasInflux1 } from '../services/influx1.js';
import { hasKafka } from '../services/kafka/shared.js';
import { type Chain, openChain } from './chain.js';
import {
  checkAffected,
  checkCalls,
  checkFlags,
  checkIncident,
  checkOnsets,
  checkRestored,
  checkTelemetry,
  onlyIncident,
} from './chain-checks.js';
import { flagged, forecast, unsettled } from './outcome.js';

const WAIT = { timeout: 180_000, interval: 200 };
/** So that a kill finds the service in the middle of what it does. */
const CLOSELY = { timeout: 180_000, interval: 10 };
const PARTITIONS = 2;

const isServersThere = hasInflux1 && (await hasKafka());

describe.skipIf(!isServersThere)('telemetry, alarms and calls to messages and flags', () => {
  let chain: Chain;
  beforeEach(async () => {
    chain = await openChain();
    return () => chain.close();
  });

  /** Waits until every source is read and a forecast without an incident is there. */
  async function running(): Promise<void> {
    const { service, database } = chain;
    await service.until(async () => {
      const { rows } = await database.pool.query(
        `select 1 from shard_watermarks where shard like 'kafka:%'`,
      );
      expect(rows).toHaveLength(PARTITIONS);
      expect((await forecast(database.pool)).total).toBeGreaterThan(0);
    }, WAIT);
    expect((await forecast(database.pool)).surge).toBe(0);
  }

  /** Waits until those seen lately are known: they decide who is affected. */
  async function seen(): Promise<void> {
    const { service, database, world } = chain;
    await service.until(async () => {
      const { rows } = await database.pool.query('select 1 from last_seen');
      expect(rows).toHaveLength(world.sightings.length);
    }, WAIT);
  }

  /** Waits until alarms and counters agree on an open incident, and everything due has been done. */
  async function told(): Promise<void> {
    const { service, database, world } = chain;
    await service.until(async () => {
      const { incident, impact } = await onlyIncident(chain);
      expect(incident.state).toBe('open');
      expect(incident.anomalyIds.length).toBeGreaterThan(world.lost.length);
      expect(impact?.subscribers).toBeGreaterThan(0);
      expect((await flagged(database.pool)).length).toBeGreaterThan(0);
      expect(await unsettled(database.pool)).toEqual([]);
    }, WAIT);
  }

  async function over(): Promise<void> {
    const { service, database } = chain;
    await service.until(async () => {
      expect((await onlyIncident(chain)).incident.state).toBe('resolved');
      expect(await unsettled(database.pool)).toEqual([]);
      expect(await flagged(database.pool)).toEqual([]);
    }, WAIT);
  }

  /**
   * Waits until what is released was released by the service that runs now: after a kill the marks
   * of the one before stand until its successor has its partitions back and has read them again.
   */
  async function caughtUp(): Promise<void> {
    const { service, database } = chain;
    const sinceMs = Date.now();
    await service.until(async () => {
      const { rows } = await database.pool.query<{ tick: number }>(
        `select tick_ms as tick from shard_watermarks where shard like 'kafka:%'`,
      );
      for (const { tick } of rows) expect(Number(tick)).toBeGreaterThan(sinceMs);
    }, WAIT);
  }

  /** Kills the service as soon as the gateway has taken so many messages, and starts it again. */
  async function killAfter(messages: number): Promise<void> {
    const { service, gateway } = chain;
    await service.until(
      () => expect(gateway.sent().length).toBeGreaterThanOrEqual(messages),
      CLOSELY,
    );
    await service.kill();
    service.begin();
  }

  test('an outage is found, its people are flagged and told once, and once more when it is over', async () => {
    const { service, operator, database } = chain;
    service.begin();
    await running();
    await operator.sendPeopleAndCalls();
    await seen();
    const before = await forecast(database.pool);

    await operator.cut();
    await told();
    await checkIncident(chain);
    await checkAffected(chain);
    await checkFlags(chain);
    await checkOnsets(chain, 0);
    const during = await forecast(database.pool);
    expect(during.surge).toBeGreaterThan(0);
    expect(during.total).toBeGreaterThan(before.total);

    await operator.mend();
    await over();
    await checkRestored(chain, 0);
    await checkCalls(chain);
    expect(operator.troubles).toEqual([]);

    expect(await service.stop()).toBe(0);
    await checkTelemetry(chain);
  }, 600_000);

  test('kills in the middle change nothing in what people get and see', async () => {
    const { service, operator, database, gateway } = chain;
    service.begin();
    await running();

    // Taken in, but nothing of it decided or in a checkpoint.
    await operator.sendPeopleAndCalls();
    await service.kill();
    service.begin();
    await seen();
    const cut = operator.cut();
    await service.kill();
    service.begin();
    await cut;

    // While messages are handed over, and while the service comes back from that.
    await killAfter(30);
    await service.until(async () => {
      const { rows } = await database.pool.query<{ leads: boolean }>(
        `select exists (select 1 from pg_stat_activity
           where application_name = 'tocsin-leader' and datname = current_database()) as leads`,
      );
      expect(rows[0]?.leads).toBe(true);
    }, CLOSELY);
    await service.kill();
    service.begin();
    await killAfter(gateway.sent().length + 100);

    await told();
    await checkIncident(chain);
    await checkAffected(chain);
    await checkFlags(chain);
    await checkOnsets(chain, 2);
    expect((await forecast(database.pool)).surge).toBeGreaterThan(0);

    await operator.mend();
    const onsets = gateway.sent().length;
    await service.kill();
    service.begin();
    await killAfter(onsets + 50);
    await over();
    await checkRestored(chain, 1);
    await checkCalls(chain);
    await caughtUp();
    expect(await service.stop()).toBe(0);
    await checkTelemetry(chain);
  }, 900_000);
});
