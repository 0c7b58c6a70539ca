import { useState } from 'preact/hooks';
import { networkNow } from '../../clock.js';
import { ReasonDialog } from '../reason-dialog.js';
import { inputTime, isoTime, TimeField } from '../time-field.js';
import { Tabs } from '../words.js';
import { type ActProps, act, noted } from './act.js';
import { waitingMessages } from './consequences.js';

const NAME = 'Silence';
const MINUTE_MS = 60_000;
const LENGTHS = [
  ['30 min', 30],
  ['1 h', 60],
  ['2 h', 120],
  ['4 h', 240],
  ['8 h', 480],
  ['Until…', 0],
] as const;

/** Asks how long nothing is to be told of an incident. */
export function SilenceDialog({ incident, onDone, onClose }: ActProps) {
  const [minutes, setMinutes] = useState<number>(60);
  const [time, setTime] = useState(() => inputTime(networkNow() + 60 * MINUTE_MS));
  const until = minutes === 0 ? isoTime(time) : inMinutes(minutes);
  const waiting = waitingMessages(incident);
  return (
    <ReasonDialog
      title="How long should it be silent?"
      text={`Until then nobody is told of it${waiting > 0 ? ` (${waiting} messages wait)` : ''}, and what it holds opens no new incident. It ends by itself; “End” in the list of silences ends it before.`}
      confirm={NAME}
      isReady={until !== undefined}
      onSubmit={async (why) => {
        await act(incident.id, 'silence', why, {
          until: minutes === 0 ? until : inMinutes(minutes),
        });
        onDone(noted(NAME));
      }}
      onClose={onClose}
    >
      <Tabs label="How long" options={LENGTHS} value={minutes} onChange={setMinutes} />
      {minutes === 0 && <TimeField name="Silent until" value={time} onChange={setTime} />}
    </ReasonDialog>
  );
}

function inMinutes(minutes: number): string {
  return new Date(networkNow() + minutes * MINUTE_MS).toISOString();
}
