import type { IncidentDetail } from '../../../api/schemas.js';
import { percent, plural } from '../../format.js';
import { When } from '../words.js';

type Cell = IncidentDetail['cells'][number];

interface Props {
  readonly cells: readonly Cell[];
  readonly picked: ReadonlySet<string>;
  readonly onChange: (picked: ReadonlySet<string>) => void;
}

/** Cells of an incident by site, to be ticked one by one or a site at once. */
export function CellPicker({ cells, picked, onChange }: Props) {
  const toggle = (ids: readonly string[], isOn: boolean): void => {
    const next = new Set(picked);
    for (const id of ids) if (isOn) next.add(id);
    for (const id of ids) if (!isOn) next.delete(id);
    onChange(next);
  };
  return (
    <div class="table cell-picker">
      <table>
        <caption>
          {plural(picked.size, 'cell')} of {cells.length} ticked
        </caption>
        {bySite(cells).map(([name, own]) => (
          <SiteRows key={name} name={name} cells={own} picked={picked} toggle={toggle} />
        ))}
      </table>
    </div>
  );
}

interface SiteProps {
  readonly name: string;
  readonly cells: readonly Cell[];
  readonly picked: ReadonlySet<string>;
  readonly toggle: (ids: readonly string[], isOn: boolean) => void;
}

function SiteRows({ name, cells, picked, toggle }: SiteProps) {
  const ids = cells.map(({ cellId }) => cellId);
  const count = ids.filter((id) => picked.has(id)).length;
  return (
    <tbody>
      <tr class="site-row">
        <th scope="rowgroup" colSpan={3}>
          <label class="choice">
            <input
              type="checkbox"
              checked={count === ids.length}
              ref={(box) => {
                if (box !== null) box.indeterminate = count > 0 && count < ids.length;
              }}
              onChange={(event) => toggle(ids, event.currentTarget.checked)}
            />
            <strong>{name}</strong>
          </label>
        </th>
      </tr>
      {cells.map(({ cellId, degree, since }) => (
        <tr key={cellId}>
          <th scope="row">
            <label class="choice">
              <input
                type="checkbox"
                checked={picked.has(cellId)}
                onChange={(event) => toggle([cellId], event.currentTarget.checked)}
              />
              <span>{cellId}</span>
            </label>
          </th>
          <td class="number">{percent(degree)} lost</td>
          <td>
            since <When at={since} only="clock" />
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function bySite(cells: readonly Cell[]): [string, Cell[]][] {
  const sites = new Map<string, Cell[]>();
  for (const cell of cells) {
    const site = cell.siteName ?? cell.siteId ?? 'not in the inventory';
    sites.set(site, [...(sites.get(site) ?? []), cell]);
  }
  return [...sites];
}
