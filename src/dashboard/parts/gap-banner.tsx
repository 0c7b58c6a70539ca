import type { GapItem } from '../../api/schemas.js';
import { plural } from '../format.js';
import { useResource } from '../resource.js';
import { Link } from '../router.js';
import { When } from './words.js';

/** What one feed misses, over all its gaps. */
export interface FeedGap {
  readonly feed: string;
  /** when the first of them began, ISO 8601 */
  readonly from: string;
  readonly cells: number;
}

/** Gaps by feed, the one without most cells first. */
export function feedGaps(gaps: readonly GapItem[]): FeedGap[] {
  const feeds = new Map<string, FeedGap>();
  for (const { feed, from, cells } of gaps) {
    const known = feeds.get(feed);
    const isEarlier = known === undefined || Date.parse(from) < Date.parse(known.from);
    feeds.set(feed, {
      feed,
      from: isEarlier ? from : known.from,
      cells: cells + (known?.cells ?? 0),
    });
  }
  return [...feeds.values()].sort((a, b) => b.cells - a.cells || (a.feed < b.feed ? -1 : 1));
}

/** Says on every page that a feed delivers nothing for some cells: which, since when, how many. */
export function GapBanner() {
  const gaps = useResource<GapItem[]>('/api/v1/telemetry-gaps?lasting=true&limit=500', ['gap']);
  const feeds = feedGaps(gaps.data ?? []);
  if (feeds.length === 0) return null;
  return (
    <p class="banner banner-note">
      <strong>Telemetry gap:</strong>{' '}
      {feeds.map(({ feed, from, cells }, index) => (
        <>
          {index > 0 && '; '}feed {feed}, {plural(cells, 'cell')} without data since{' '}
          <When at={from} />
        </>
      ))}
      . The data is missing, not the service: nobody is told.{' '}
      <Link href="/sources">See what is missing</Link>
    </p>
  );
}
