import { useState } from 'preact/hooks';
import { networkNow } from '../../clock.js';
import { ReasonDialog } from '../reason-dialog.js';
import { inputTime, isoTime, TimeField } from '../time-field.js';
import { type ActProps, act, noted } from './act.js';

const NAME = 'Set repair time';
const HOUR_MS = 3_600_000;

/** Asks when service is expected back, and by which ticket. */
export function RepairDialog({ incident, onDone, onClose }: ActProps) {
  const { estimatedRepairAt: guess } = incident;
  const [time, setTime] = useState(() =>
    inputTime(guess === null ? networkNow() + HOUR_MS : Date.parse(guess)),
  );
  const [ticket, setTicket] = useState('');
  const repairAt = isoTime(time);
  return (
    <ReasonDialog
      title="When will it be repaired?"
      text="Agents see this time, messages may state it, and the forecast reckons with it. Set it again to change it."
      confirm={NAME}
      isReady={repairAt !== undefined}
      onSubmit={async (why) => {
        const ticketId = ticket.trim();
        await act(incident.id, 'setRepair', why, {
          repairAt,
          ...(ticketId === '' ? {} : { ticketId }),
        });
        onDone(noted(NAME));
      }}
      onClose={onClose}
    >
      <TimeField name="Expected repair" value={time} onChange={setTime} />
      <label>
        Ticket <small>if one says so</small>
        <input
          value={ticket}
          maxLength={256}
          onInput={(event) => setTicket(event.currentTarget.value)}
        />
      </label>
    </ReasonDialog>
  );
}
