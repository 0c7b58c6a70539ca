import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CatchUp } from '../../src/runtime/catch-up.js';
import { Health } from '../../src/runtime/health.js';

const MINUTE = 60_000;

function world() {
  const wall = { at: 0, now: () => wall.at };
  const health = new Health(wall, wall);
  const catchUp = new CatchUp({ wall, health, stallMs: 2 * MINUTE, mostMs: 10 * MINUTE });
  const source = (name: string) => {
    const state = { isThere: true, isCaughtUp: false, read: 0 };
    catchUp.add({
      name,
      isCaughtUp: async () => {
        if (!state.isThere) throw new Error('connection refused');
        return state.isCaughtUp;
      },
      progress: () => state.read,
    });
    return state;
  };
  /** Asks as a tick does, with the answers to what it asked. */
  const holdsBack = async (minutes = 0): Promise<boolean> => {
    wall.at += minutes * MINUTE;
    await setImmediate();
    catchUp.holdsBack();
    await setImmediate();
    return catchUp.holdsBack();
  };
  const said = () => health.report().components.find(({ name }) => name === 'network time');
  return { source, holdsBack, said };
}

describe('CatchUp', () => {
  it('waits for nothing where there is nothing to wait for', async () => {
    const { holdsBack, said } = world();
    expect(await holdsBack()).toBe(false);
    expect(said()).toBeUndefined();
  });

  it('waits until every source has caught up, and says for which', async () => {
    const { source, holdsBack, said } = world();
    const [kafka, influx] = [source('kafka intake'), source('influx/links')];
    expect(await holdsBack()).toBe(true);
    expect(said()).toMatchObject({
      status: 'degraded',
      detail: 'waits for kafka intake, influx/links to catch up',
    });
    kafka.isCaughtUp = true;
    expect(await holdsBack()).toBe(true);
    influx.isCaughtUp = true;
    expect(await holdsBack()).toBe(false);
    expect(said()).toMatchObject({ status: 'up' });
  });

  it('waits once: a source that falls behind later stops nothing', async () => {
    const { source, holdsBack } = world();
    const kafka = source('kafka intake');
    kafka.isCaughtUp = true;
    expect(await holdsBack()).toBe(false);
    kafka.isCaughtUp = false;
    expect(await holdsBack()).toBe(false);
  });

  it('goes on without a source that is away, says why, and mends it when it comes', async () => {
    const { source, holdsBack, said } = world();
    const influx = source('influx/links');
    influx.isThere = false;
    expect(await holdsBack()).toBe(true);
    expect(await holdsBack(1.9)).toBe(true);
    expect(await holdsBack(0.1)).toBe(false);
    expect(said()).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(
        /without influx\/links, which has read nothing for 120 s \(connection refused\)/,
      ),
    });
    Object.assign(influx, { isThere: true, isCaughtUp: true });
    expect(await holdsBack()).toBe(false);
    expect(said()).toMatchObject({ status: 'up' });
  });

  it('waits for one that reads on, but not for ever', async () => {
    const { source, holdsBack, said } = world();
    const kafka = source('kafka intake');
    for (let minute = 0; minute < 10; minute++) {
      expect(await holdsBack(minute === 0 ? 0 : 1)).toBe(true);
      kafka.read++;
    }
    expect(await holdsBack(1)).toBe(false);
    expect(said()?.detail).toContain('has not caught up within 600 s');
  });
});
