import type { PartnerNoticeItem } from '../../api/partner-schemas.js';
import { count, words } from '../format.js';
import { useResource } from '../resource.js';
import { Chip, Failure, Panel, When } from './words.js';

const KINDS: Record<PartnerNoticeItem['last']['kind'], readonly [word: string, tone: string]> = {
  onset: ['told', 'warn'],
  change: ['told of changes', 'warn'],
  restored: ['over', 'good'],
  merged: ['goes on as another', 'quiet'],
  withdrawn: ['withdrawn', 'quiet'],
};

const STATES: Record<string, string> = {
  pending: 'waits',
  claimed: 'on its way',
  superseded: 'not needed any more',
  shadow: 'not sent',
};

const WORDS: Record<string, string> = {
  onset: 'first word',
  change: 'changes',
  restored: 'all over',
  merged: 'goes on as another',
  withdrawn: 'no incident',
};

/** Who else was told, MVNOs and partners: what, when, by which address, and what failed. */
export function PartnersPanel({ id }: { id: string }) {
  const path = `/api/v1/incidents/${encodeURIComponent(id)}/partner-notices`;
  const notices = useResource<PartnerNoticeItem[]>(path, ['incident'], id);
  if (notices.error) return <Failure error={notices.error} retry={notices.reload} />;
  if (notices.data === undefined || notices.data.length === 0) return null;
  return (
    <Panel title="Partners" note="what MVNOs and sharing partners were told, in counts">
      <ul class="plain-list alerts">
        {notices.data.map((notice) => (
          <Notice key={notice.alertId} notice={notice} />
        ))}
      </ul>
    </Panel>
  );
}

function Notice({
  notice: { partner, last, deliveries, acknowledgements },
}: {
  notice: PartnerNoticeItem;
}) {
  const [word, tone] = KINDS[last.kind];
  return (
    <li>
      <p>
        <Chip word={word} tone={tone} /> <strong>{partner}</strong>: {linesWords(last)}
      </p>
      <ul class="plain-list hint">
        {deliveries.map((each) => (
          <li key={`${each.revision} ${each.recipient}`}>
            {channelWord(each.recipient)}, {WORDS[each.kind] ?? words(each.kind)} decided{' '}
            <When at={each.decidedAt} only="clock" />: {STATES[each.state] ?? words(each.state)}
            {each.attempts > 1 && ` after ${each.attempts} attempts`}
            {each.reason !== null && `, ${each.reason}`}
          </li>
        ))}
      </ul>
      {acknowledgements.map(({ who, note }) => (
        <p key={who}>
          Seen by {who}
          {note !== '' && <>: “{note}”</>}
        </p>
      ))}
    </li>
  );
}

function linesWords({ counts }: PartnerNoticeItem['last']): string {
  const some = (number: number | null): string => (number === null ? 'a few' : count(number));
  const { lines, machines, visitors } = counts;
  return [
    `${some(lines)} lines`,
    ...(machines === 0 ? [] : [`${some(machines)} machines`]),
    ...(visitors === 0 ? [] : [`${some(visitors)} visitors`]),
  ].join(', ');
}

/** `partner NAME (webhook)` is shown under the partner's name. */
function channelWord(recipient: string): string {
  return /\((\w+)\)$/.exec(recipient)?.[1] ?? recipient;
}
