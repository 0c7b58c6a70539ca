import { useState } from 'preact/hooks';
import type { RepairItem } from '../../api/repair-schemas.js';
import { causeName, count, percent, placeNames } from '../format.js';
import { useResource } from '../resource.js';
import { Link } from '../router.js';
import { Chip, Empty, Failure, Loading, Tabs, When } from './words.js';

const ORDERS = [
  ['What to do first', 'urgency'],
  ['User-minutes', 'saved'],
  ['People', 'people'],
  ['Oldest', 'age'],
] as const;
type Order = (typeof ORDERS)[number][1];

/** Candidate repairs of running incidents with what each saves. */
export function RepairsList() {
  const repairs = useResource<RepairItem[]>('/api/v1/repairs', ['incident']);
  const [order, setOrder] = useState<Order>('urgency');
  if (repairs.error && !repairs.data) {
    return <Failure error={repairs.error} retry={repairs.reload} />;
  }
  if (!repairs.data) return <Loading what="repairs" />;
  if (repairs.data.length === 0) {
    return (
      <Empty title="Nothing to repair">
        <p>Candidate causes of open incidents stand here; planned work is left out.</p>
      </Empty>
    );
  }
  return (
    <>
      <Tabs label="Order" options={ORDERS} value={order} onChange={setOrder} />
      <p class="hint">
        User-minutes that a repair is expected to save in each hour it is done earlier: how probably
        it is the cause × the share of the incident that depends on it × what is lost an hour.
      </p>
      <ol class="rows">
        {sorted(repairs.data, order).map((item, index) => (
          <li key={`${item.kind} ${item.id}`}>
            <Repair item={item} rank={index + 1} />
          </li>
        ))}
      </ol>
    </>
  );
}

/** The service gives them by urgency; equals keep that order. */
function sorted(items: readonly RepairItem[], order: Order): RepairItem[] {
  const since = ({ incidents }: RepairItem): string =>
    incidents.reduce((least, { startedAt }) => (startedAt < least ? startedAt : least), '9');
  const orders: Record<Order, (a: RepairItem, b: RepairItem) => number> = {
    urgency: () => 0,
    saved: (a, b) => b.savedPerHour - a.savedPerHour,
    people: (a, b) => b.people - a.people,
    age: (a, b) => since(a).localeCompare(since(b)),
  };
  return [...items].sort(orders[order]);
}

function Repair({ item, rank }: { item: RepairItem; rank: number }) {
  const names = [item, ...item.alike].map(({ kind, id }) => causeName(kind, id)).join(' or ');
  return (
    <div class={`row repair ${item.emergency >= 0.5 ? 'row-critical' : ''}`}>
      <span class="row-rank" aria-hidden="true">
        {rank}
      </span>
      <span class="row-title">{names}</span>
      <span class="row-people">
        <strong>{count(item.savedPerHour)}</strong> an hour
      </span>
      {item.emergency >= 0.5 && (
        <span class="row-chips">
          <Chip word="brings emergency calls back" tone="bad" />
        </span>
      )}
      {item.incidents.map((each) => (
        <span key={each.id} class="row-facts">
          <Link href={`/incidents/${encodeURIComponent(each.id)}`}>
            {placeNames(each.places, each.placeCount)}
          </Link>
          : {percent(each.probability)} likely the cause, {percent(each.share)} of the incident
          depends on it, {count(each.subscribers)} people, since{' '}
          <When at={each.startedAt} only="clock" />
          {each.estimatedRepairAt !== null && (
            <>
              , repair expected <When at={each.estimatedRepairAt} only="relative" />
            </>
          )}
        </span>
      ))}
    </div>
  );
}
