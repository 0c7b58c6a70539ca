import { useState } from 'preact/hooks';
import type { IncidentDetail } from '../../api/schemas.js';
import type { RegulatoryClock } from '../../domain/regulatory-clock.js';
import { type Me, mayOperate } from '../api.js';
import { useNow } from '../clock.js';
import { act } from './acts/act.js';
import { clockWords } from './clock-words.js';
import { ReasonDialog } from './reason-dialog.js';
import { Chip, When } from './words.js';

/** What the duties of an incident are shown with. */
export interface DutyProps {
  readonly incident: IncidentDetail;
  readonly me: Me;
  readonly onDone: () => void;
}

/** Duties to report with their clocks; an operator says here that the authority was told. */
export function Duties({
  clocks,
  incident,
  me,
  onDone,
}: DutyProps & { clocks: readonly RegulatoryClock[] }) {
  const now = useNow(30_000);
  const [asked, setAsked] = useState<RegulatoryClock | undefined>();
  return (
    <>
      <h3>Duties to report</h3>
      <ul class="clocks">
        {clocks.map((each) => {
          const { state, text, tone } = clockWords(each, now, incident.endedAt !== null);
          return (
            <li key={each.id}>
              <span>{each.name}</span>
              <Chip word={state} tone={tone} />
              <span class="clock-text">
                {text}
                {each.deadlineAt !== null && (
                  <>
                    {', due '}
                    <When at={each.deadlineAt} only="clock" />
                  </>
                )}{' '}
                {mayOperate(me) && (
                  <button type="button" onClick={() => setAsked(each)}>
                    {each.reported === undefined ? 'Mark as reported' : 'Take back'}
                    <span class="hidden"> {each.name}</span>
                  </button>
                )}
              </span>
            </li>
          );
        })}
      </ul>
      <p class="hint">Conditions and deadlines are those of rules/impact.yaml.</p>
      {asked !== undefined && (
        <DutyDialog
          clock={asked}
          id={incident.id}
          onDone={onDone}
          onClose={() => setAsked(undefined)}
        />
      )}
    </>
  );
}

interface DialogProps {
  readonly clock: RegulatoryClock;
  readonly id: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function DutyDialog({ clock, id, onDone, onClose }: DialogProps) {
  const isDone = clock.reported !== undefined;
  return (
    <ReasonDialog
      title={isDone ? `Take the report back: ${clock.name}?` : `Was this reported: ${clock.name}?`}
      text={
        isDone
          ? 'The clock runs again, as if nothing had been reported. That there was a report stays in the audit log.'
          : 'The clock stops for everybody, with your name and the time. Tocsin sends nothing to the authority. “Take back” undoes this. Give the reference of your report as the reason.'
      }
      confirm={isDone ? 'Take back' : 'Mark as reported'}
      onSubmit={async (why) => {
        await act(id, isDone ? 'undoReported' : 'reported', why, { clock: clock.id });
        onDone();
      }}
      onClose={onClose}
    />
  );
}
