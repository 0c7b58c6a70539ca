const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A relative time has two digits a unit; a month of it is worth what the centre's calendar says. */
const MOST = 27 * DAY;

/**
 * A validity period as SMPP 3.4, 7.1.1 writes it: `YYMMDDhhmmss000R` from now on, or in UTC with `000+`.
 * @param seconds at least 1; more than 27 days count as 27
 */
export function validityPeriod(
  seconds: number,
  form: 'relative' | 'absolute',
  nowMs: number,
): string {
  const whole = Math.max(1, Math.min(MOST, Math.floor(seconds)));
  if (form === 'absolute') {
    const at = new Date(nowMs + whole * 1000).toISOString();
    return `${at.slice(2, 19).replace(/[-T:]/g, '')}000+`;
  }
  const parts = [
    Math.floor(whole / DAY),
    Math.floor((whole % DAY) / HOUR),
    Math.floor((whole % HOUR) / MINUTE),
    whole % MINUTE,
  ];
  return `0000${parts.map((part) => String(part).padStart(2, '0')).join('')}000R`;
}
