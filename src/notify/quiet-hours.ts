import { DateTime, IANAZone } from 'luxon';
import type { QuietHours } from './policy-kinds.js';

const MAX_ZONES = 1000;
const known = new Map<string, boolean>();

/** Whether a zone name can be reckoned with; an unknown one must not mean "send now". */
export function isKnownZone(zone: string | null | undefined): zone is string {
  if (typeof zone !== 'string') return false;
  let isValid = known.get(zone);
  if (isValid === undefined) {
    // Asking the runtime takes a hundred times as long as everything else here.
    isValid = IANAZone.isValidZone(zone);
    if (known.size >= MAX_ZONES) known.clear();
    known.set(zone, isValid);
  }
  return isValid;
}

/**
 * When the quiet hours that hold now end, in a zone's local time; daylight saving is minded, and an
 * end that the clocks skip is the moment after the gap.
 * @returns epoch ms of their end, or undefined when it is not quiet now
 * @throws RangeError for a zone that is not known
 */
export function quietUntil(nowMs: number, zone: string, quiet: QuietHours): number | undefined {
  if (!isKnownZone(zone)) throw new RangeError(`unknown time zone "${zone}"`);
  const now = DateTime.fromMillis(nowMs, { zone });
  const minute = now.hour * 60 + now.minute;
  const from = minuteOfDay(quiet.from);
  const to = minuteOfDay(quiet.to);
  const spansMidnight = from > to;
  const isQuiet = spansMidnight ? minute >= from || minute < to : minute >= from && minute < to;
  if (!isQuiet) return undefined;
  const endsTomorrow = spansMidnight && minute >= from;
  const day = endsTomorrow ? now.plus({ days: 1 }) : now;
  const end = day.set({ hour: Math.floor(to / 60), minute: to % 60, second: 0, millisecond: 0 });
  // In the repeated hour of autumn the first of two equal local times may already be past.
  return Math.max(end.toMillis(), nowMs + 1000);
}

function minuteOfDay(text: string): number {
  const [hour = '0', minute = '0'] = text.split(':');
  return Number(hour) * 60 + Number(minute);
}
