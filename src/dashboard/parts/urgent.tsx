import type { IncidentItem } from '../../api/schemas.js';
import { useNow } from '../clock.js';
import { clockWords } from './clock-words.js';
import { Chip } from './words.js';

/** What makes an incident more pressing than its head count: chips beside its state. */
export function Urgent({ incident }: { incident: Pick<IncidentItem, 'impact' | 'endedAt'> }) {
  const now = useNow(60_000);
  const { impact, endedAt } = incident;
  const running = (impact?.clocks ?? [])
    .filter(({ deadlineAt, reported }) => deadlineAt !== null && reported === undefined)
    .sort((a, b) => (a.deadlineAt ?? '').localeCompare(b.deadlineAt ?? ''));
  const next = running.find(({ deadlineAt }) => Date.parse(deadlineAt ?? '') >= now) ?? running[0];
  const words = next && clockWords(next, now, endedAt !== null);
  const isLost = impact?.cost?.emergency.isLost === true;
  return (
    <>
      {isLost && (
        <Chip word={`emergency calls ${endedAt === null ? 'lost' : 'were lost'}`} tone="bad" />
      )}
      {next && words && (
        <Chip
          word={`${next.name}: ${words.state === 'overrun' ? 'overrun ' : ''}${words.text}`}
          tone={words.tone}
        />
      )}
    </>
  );
}
