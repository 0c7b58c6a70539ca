const PERIOD_MS = 900_000;
const START_MS = Date.UTC(2026, 0, 1);

/**
 * Bodies of line protocol as `rules/feeds/telemetry-line-protocol.yaml` reads it: one line per cell
 * and period, 8 KPIs each, seeded.
 * @param cells cells in one period; lines come cell by cell, period by period
 */
export function pushBodies(cells: number, periods: number, linesPerBody: number): Buffer[] {
  const random = sequence(7);
  const bodies: Buffer[] = [];
  let lines: string[] = [];
  for (let period = 0; period < periods; period++) {
    for (let cell = 0; cell < cells; cell++) {
      lines.push(lineOf(cell, START_MS + period * PERIOD_MS, random));
      if (lines.length < linesPerBody) continue;
      bodies.push(Buffer.from(`${lines.join('\n')}\n`));
      lines = [];
    }
  }
  if (lines.length > 0) bodies.push(Buffer.from(`${lines.join('\n')}\n`));
  return bodies;
}

function lineOf(cell: number, atMs: number, random: () => number): string {
  const site = Math.floor(cell / 3);
  const attempts = 200 + Math.floor(random() * 2000);
  const bearers = Math.floor(attempts * 1.4);
  const fields = [
    `availability_pct=${random() < 0.99 ? 100 : (random() * 100).toFixed(2)}`,
    `rrc_attempts=${attempts}i`,
    `rrc_successes=${attempts - Math.floor(random() * 5)}i`,
    `erab_attempts=${bearers}i`,
    `erab_successes=${bearers - Math.floor(random() * 6)}i`,
    `erab_releases=${bearers}i`,
    `erab_drops=${Math.floor(random() * 4)}i`,
    `dl_throughput_mbps=${(5 + random() * 60).toFixed(3)}`,
    `prb_dl_pct=${(random() * 90).toFixed(2)}`,
    `users_avg=${(random() * 80).toFixed(3)}`,
    `dl_volume_mb=${(random() * 9000).toFixed(3)}`,
  ];
  return `cell_kpi,cell=SITE-${String(site).padStart(6, '0')}-${cell % 3} ${fields.join(',')} ${atMs}000000`;
}

/** Mulberry32, a small seeded generator. @returns numbers in [0, 1) */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
