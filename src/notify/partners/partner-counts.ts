import type { PartnerArea, PartnerCounts } from '../../domain/partner-news.js';
import { eachService, type Service } from '../../domain/services.js';
import { suppressSmall, tellable } from './suppress-small.js';

/** Lines of one brand and kind affected; services are expected numbers of lines without them. */
export interface LineCount extends Readonly<Record<Service, number>> {
  readonly brand: string;
  readonly kind: string;
  readonly people: number;
}

const MOST_AREAS = 50;

/** Lines of some brands that are affected, machines apart. */
export function linesOf(counts: readonly LineCount[]): number {
  return counts.reduce((sum, { kind, people }) => (kind === 'machine' ? sum : sum + people), 0);
}

/**
 * What a partner may be told of its lines.
 * @param counts of its brands, one for each brand and kind
 * @param visitors of its networks
 * @param fewest smallest count that may be told
 */
export function partnerCounts(
  counts: readonly LineCount[],
  visitors: number,
  fewest: number,
): PartnerCounts {
  const lines = counts.filter(({ kind }) => kind !== 'machine');
  const machines = counts.filter(({ kind }) => kind === 'machine');
  const byKind: Record<string, number> = {};
  for (const { kind, people } of lines) byKind[kind] = (byKind[kind] ?? 0) + people;
  const lost = eachService((service) =>
    Math.round(lines.reduce((sum, count) => sum + count[service], 0)),
  );
  return {
    lines: tellable(linesOf(counts), fewest),
    machines: tellable(
      machines.reduce((sum, { people }) => sum + people, 0),
      fewest,
    ),
    byKind: suppressSmall(byKind, fewest),
    lost: {
      voice: tellable(lost.voice, fewest),
      data: tellable(lost.data, fewest),
      sms: tellable(lost.sms, fewest),
    },
    visitors: tellable(visitors, fewest),
  };
}

/** A town: its sites and cells in the incident, and affected lines that are at home there. */
export interface AreaCount {
  readonly area: string;
  readonly sites: number;
  readonly cells: number;
  readonly lines: number;
}

/** What a partner may be told by town: a town without cells and without a count is left out. */
export function partnerAreas(areas: readonly AreaCount[], fewest: number): PartnerArea[] {
  const lines = suppressSmall(
    Object.fromEntries(areas.map(({ area, lines: count }) => [area, count])),
    fewest,
  );
  return areas
    .map((each) => ({ ...each, lines: lines[each.area] ?? null }))
    .filter(({ area, cells, lines: told }) => area !== '' && (cells > 0 || told !== null))
    .slice(0, MOST_AREAS);
}
