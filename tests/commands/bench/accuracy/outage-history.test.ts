import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readOutages } from '../../../../src/commands/bench/accuracy/outage-history.js';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-outages-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD =
  'cause,lat,lon,start_utc,first_seen_utc,last_seen_utc,customers_first,etor_first_utc\n';

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the outages file', () => {
  it('bounds an end by the last snapshot that showed it and the next one of any outage', async () => {
    const rows = [
      'STORM,36.6,-121.6,2024-02-04T00:48:46Z,2024-02-04T10:00:00Z,2024-02-04T11:00:00Z,3,',
      ',36.6,-121.6,2024-02-04T10:10:00Z,2024-02-04T10:20:00Z,2024-02-04T12:00:00Z,1,2024-02-04T15:00:00Z',
    ];
    const [first, second] = await readOutages(file('two.csv', `${HEAD}${rows.join('\n')}\n`));
    expect(first?.past).toEqual({
      startedAtMs: Date.parse('2024-02-04T00:48:46Z'),
      knownAtMs: Date.parse('2024-02-04T10:00:00Z'),
      offsetMs: -8 * 3_600_000,
      traits: { customers: '2^2', going: '2^0', area: '36 -122' },
      endedAfterMs: Date.parse('2024-02-04T11:00:00Z'),
      endedByMs: Date.parse('2024-02-04T12:00:00Z'),
    });
    expect(second?.past.traits.going).toBe('2^1');
    expect(second?.past.endedByMs).toBeNull();
    expect(second?.announcedMs).toBe(Date.parse('2024-02-04T15:00:00Z'));
  });

  it('names the columns that are missing', async () => {
    await expect(readOutages(file('bad.csv', 'cause,lat\nSTORM,1\n'))).rejects.toThrow(
      /no column lon, start_utc/,
    );
  });
});
