import { useEffect, useState } from 'preact/hooks';
import type { ResourceItem } from '../../api/act-schemas.js';
import { words } from '../format.js';
import { useResource } from '../resource.js';

const SETTLE_MS = 250;

interface Props {
  readonly label: string;
  readonly picked: ResourceItem | undefined;
  readonly onPick: (resource: ResourceItem) => void;
}

/** Finds a cell, site, link, function or software version by id or name, and picks one. */
export function ResourceSearch({ label, picked, onPick }: Props) {
  const [text, setText] = useState('');
  const [search, setSearch] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim()), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const path = `/api/v1/resources?limit=12&search=${encodeURIComponent(search)}`;
  const found = useResource<ResourceItem[]>(search.length >= 2 ? path : undefined);
  return (
    <div class="resource-search">
      <label>
        {label}
        <input
          type="search"
          value={text}
          placeholder="id or name, 2 characters at least"
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
        />
      </label>
      {found.error && (
        <p class="problem" role="alert">
          {found.error.message}
        </p>
      )}
      {found.data?.length === 0 && <p role="status">Nothing is named like this.</p>}
      <Choices items={found.data ?? []} picked={picked} onPick={onPick} />
    </div>
  );
}

function Choices(props: Omit<Props, 'label'> & { items: readonly ResourceItem[] }) {
  const { items, picked, onPick } = props;
  const isListed = items.some((each) => isSame(each, picked));
  const shown = picked === undefined || isListed ? items : [picked, ...items];
  return (
    <ul class="choices">
      {shown.map((each) => (
        <li key={`${each.type} ${each.id}`}>
          <label class="choice">
            <input
              type="radio"
              name="resource"
              checked={isSame(each, picked)}
              onChange={() => onPick(each)}
            />
            <span>
              <strong>{each.id}</strong> <small>{described(each)}</small>
            </span>
          </label>
        </li>
      ))}
    </ul>
  );
}

function described({ type, kind, name }: ResourceItem): string {
  const what = kind === type ? type : `${words(kind)} ${type}`;
  return name === null ? what : `${what}, ${name}`;
}

function isSame(one: ResourceItem, other: ResourceItem | undefined): boolean {
  return one.type === other?.type && one.id === other.id;
}
