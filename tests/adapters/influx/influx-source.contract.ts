import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InfluxSource } from '../../../src/adapters/influx/influx-source.js';
import type { InfluxOptions } from '../../../src/adapters/influx/ports.js';
import { TocsinError } from '../../../src/domain/errors.js';
import type { Fact, SourcePosition } from '../../../src/domain/facts.js';
import type { CompiledFeed } from '../../../src/sources/compiled-feed.js';
import type { Intake } from '../../../src/sources/ports.js';
import {
  blocks,
  openInventory,
  recording,
  row,
  smallLineFeed,
  T0,
} from '../../sources/decoding.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A running server of one dialect with an empty place of its own to write to. */
export interface InfluxUnderTest {
  readonly options: Omit<InfluxOptions, 'name' | 'measurement'>;
  write(lines: string): Promise<void>;
  stop(): Promise<void>;
}

class MemoryIntake implements Intake {
  readonly facts: Fact[] = [];
  readonly positions: SourcePosition[] = [];
  failsNext = false;

  async accept(facts: readonly Fact[], position?: SourcePosition): Promise<void> {
    if (this.failsNext) {
      this.failsNext = false;
      throw new TocsinError('unavailable.postgres', 'away');
    }
    this.facts.push(...facts);
    if (position !== undefined) this.positions.push(position);
  }

  async position(source: string): Promise<unknown> {
    return this.positions.findLast((each) => each.source === source)?.position;
  }

  /** Reports accepted since the last time, as `id@minutes=users`, sorted. */
  taken(): string[] {
    return blocks(this.facts.splice(0))
      .flatMap((block) => block.objectIds.map((_, index) => row(block, index)))
      .map(({ id, at, users }) => `${id}@${(Number(at) - T0) / MINUTE}=${users}`)
      .sort();
  }
}

/** What every dialect must do; `start` gives a server, `name` tells which. */
export function describeInfluxSource(name: string, start: () => Promise<InfluxUnderTest>): void {
  describe(name, () => {
    let server: InfluxUnderTest;
    let count = 0;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.stop());

    /** A source on a measurement of its own, whose clock the test moves. */
    function source(options: Partial<InfluxOptions> = {}, feed = feedOf(`m${++count}`)) {
      const intake = new MemoryIntake();
      const clock = { now: T0 + HOUR };
      const context = recording();
      const made = new InfluxSource(
        {
          ...server.options,
          name: 'site',
          measurement: feed.feed.measurement ?? '',
          latenessMs: 30 * MINUTE,
          pageMs: HOUR,
          ...options,
        },
        { feed, intake, context: { ...context, aliases: openInventory }, now: () => clock.now },
      );
      const write = (lines: [cell: string, minutes: number, users: number][]) =>
        server.write(lines.map((line) => lineOf(feed.feed.measurement ?? '', ...line)).join('\n'));
      const poll = async () => {
        const turns: string[] = [];
        do turns.push(await made.turn(new AbortController().signal));
        while (turns.at(-1) === 'busy');
        return turns;
      };
      return { made, intake, clock, context, write, poll };
    }

    it('reads the points of many series and keeps the cursor with them', async () => {
      const { made, intake, write, poll, context } = source({ fromMs: T0 });
      await write([
        ['A', 0, 1],
        ['B', 0, 2],
        ['A', 15, 3],
      ]);
      await made.recover();
      expect(await poll()).toEqual(['idle']);
      expect(intake.taken()).toEqual(['A@0=1', 'A@15=3', 'B@0=2']);
      expect(intake.positions.at(-1)).toEqual({
        source: 'influx/site',
        position: { throughMs: T0 + HOUR },
      });
      expect(context.letters).toEqual([]);
    });

    it('finds points that come late, within lateness, and hands none on twice', async () => {
      const { made, intake, clock, write, poll } = source({ fromMs: T0 });
      await write([['A', 45, 1]]);
      await made.recover();
      await poll();
      await write([
        ['B', 45, 2],
        ['C', 15, 3],
      ]);
      clock.now += MINUTE;
      await poll();
      expect(intake.taken()).toEqual(['A@45=1', 'B@45=2']);
      clock.now += MINUTE;
      await poll();
      expect(intake.taken()).toEqual([]);
    });

    it('fills the gap after downtime page by page', async () => {
      const { made, intake, clock, write, poll } = source();
      intake.positions.push({ source: 'influx/site', position: { throughMs: T0 + HOUR } });
      clock.now = T0 + 5 * HOUR;
      await write(Array.from({ length: 20 }, (_, i) => ['A', i * 15, i]));
      await made.recover();
      const before = made.progress;
      await made.turn(new AbortController().signal);
      expect(made.isCaughtUp).toBe(false);
      expect(made.progress).toBeGreaterThan(before);
      expect(await poll()).toEqual(['busy', 'busy', 'busy', 'idle']);
      expect(made.isCaughtUp).toBe(true);
      expect(intake.taken()).toHaveLength(18);
      const cursors = intake.positions.map(
        (each) => (each.position as { throughMs: number }).throughMs,
      );
      expect(cursors).toEqual(cursors.toSorted((a, b) => a - b));
      expect(cursors.at(-1)).toBe(clock.now);
    });

    it('loses nothing when the intake fails', async () => {
      const { made, intake, write, poll } = source({ fromMs: T0 });
      await write([['A', 0, 1]]);
      await made.recover();
      intake.failsNext = true;
      await expect(poll()).rejects.toMatchObject({ code: 'unavailable.postgres' });
      await made.recover();
      await poll();
      expect(intake.taken()).toEqual(['A@0=1']);
    });

    it('begins as far back as lateness when there is no cursor', async () => {
      const { made, intake, write, poll } = source();
      await write([
        ['A', 15, 1],
        ['A', 45, 2],
      ]);
      await made.recover();
      await poll();
      expect(intake.taken()).toEqual(['A@45=2']);
    });

    it('takes names for names, whatever they hold', async () => {
      const measurement = `x"' ; DROP\\SERIES é`;
      const field = `us'ers') or (r\\true \${1} é`;
      const feed = smallLineFeed({ measurement, kpis: { users: { column: field } } });
      const { made, intake, poll } = source({ fromMs: T0 }, feed);
      const name = (text: string): string => text.replace(/[ ,=]/g, '\\$&');
      await server.write(`${name(measurement)},cell=A ${name(field)}=7 ${T0}000000`);
      await made.recover();
      await poll();
      expect(intake.taken()).toEqual(['A@0=7']);
    });

    it('says that it is away while it is, which trying again can mend', async () => {
      const { made } = source({ url: 'http://127.0.0.1:1' });
      await made.recover();
      const turn = made.turn(new AbortController().signal);
      await expect(turn).rejects.toMatchObject({ code: 'unavailable.influx', retryable: true });
    });

    it('says what to mend when the place does not exist', async () => {
      const { made } = source({ bucket: 'nowhere', database: 'nowhere' });
      await expect(made.check(new AbortController().signal)).rejects.toMatchObject({
        code: 'input.config',
        message: expect.stringContaining('nowhere') as string,
      });
    });

    it('passes the check where all is well', async () => {
      await expect(source().made.check(new AbortController().signal)).resolves.toBeUndefined();
    });

    it('stops in the middle when asked to, without moving the cursor', async () => {
      const { made, intake, write } = source({ fromMs: T0 });
      await write([['A', 0, 1]]);
      await made.recover();
      await expect(made.turn(AbortSignal.abort())).rejects.toThrow();
      expect(intake.positions).toEqual([]);
    });
  });
}

function feedOf(measurement: string): CompiledFeed {
  return smallLineFeed({ measurement });
}

function lineOf(measurement: string, cell: string, minutes: number, users: number): string {
  return `${measurement},cell=${cell},vendor=x users=${users},mbps=4.5 ${T0 + minutes * MINUTE}000000`;
}
