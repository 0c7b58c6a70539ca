const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const numbers = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });
const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const dayTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const exactTime = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'full',
  timeStyle: 'long',
});

/** `8,421`. */
export function count(value: number): string {
  return numbers.format(value);
}

/** Three significant digits: `0.0312`, `48.1`. */
export function decimal(value: number): string {
  return decimals.format(value);
}

/** `86 %` of a fraction. */
export function percent(fraction: number): string {
  return `${numbers.format(fraction * 100)} %`;
}

/** `one cell`, `9 cells`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A length of time as people say it: `45 s`, `12 min`, `2 h 10 min`, `3 days`. */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms >= 2 * DAY) return plural(Math.round(ms / DAY), 'day');
  const minutes = Math.round(ms / MINUTE);
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** `12 min ago`, `in 2 h`, `just now`. */
export function relative(atMs: number, nowMs: number): string {
  const apart = nowMs - atMs;
  if (Math.abs(apart) < 10_000) return 'just now';
  return apart > 0 ? `${span(apart)} ago` : `in ${span(-apart)}`;
}

/** `14:20` when within the same half day, else with the day. Local time of the browser. */
export function clock(atMs: number, nowMs: number): string {
  return Math.abs(nowMs - atMs) < DAY / 2 ? clockTime.format(atMs) : dayTime.format(atMs);
}

const UTC_TIME = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(?: UTC|Z)/g;

/** A sentence in which UTC times, as the service writes them, stand in the browser's local time. */
export function localTimes(text: string, nowMs: number): string {
  return text.replace(UTC_TIME, (given, day: string, time: string, seconds = '') => {
    const ms = Date.parse(`${day}T${time}${seconds}Z`);
    return Number.isNaN(ms) ? given : clock(ms, nowMs);
  });
}

/** In full with seconds and zone, for a title. */
export function exact(atMs: number): string {
  return exactTime.format(atMs);
}

const WORDS: Record<string, string> = {
  optedOut: 'opted out',
  quietHours: 'quiet hours',
  notAnIncident: 'not an incident',
  setRepair: 'repair time',
  killSwitchOn: 'stopped messages',
  killSwitchOff: 'allowed messages',
  lookUp: 'look-up',
  signIn: 'sign-in',
  awaitingApproval: 'waits for approval',
  dataOnly: 'data only',
};

const KPI_WORDS: readonly [RegExp, string][] = [
  [/ (ratio|mbps|megabytes)$/, ''],
  [/\brrc\b/, 'RRC'],
  [/\berab\b/, 'E-RAB'],
  [/\bprb\b/, 'PRB'],
  [/\bdl\b/, 'downlink'],
  [/\bul\b/, 'uplink'],
];

/** A KPI in words without its unit: `rrcSetupSuccessRatio` is `RRC setup success`. */
export function kpiName(kpi: string): string {
  const plain = KPI_WORDS.reduce((text, [from, to]) => text.replace(from, to), words(kpi));
  return plain.replace(/^./, (first) => first.toUpperCase());
}

/** A code such as `outOfRange` or `kpi.outOfRange` in plain words. */
export function words(code: string): string {
  return (
    WORDS[code] ??
    code
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .replace(/[._-]+/g, ' ')
      .toLowerCase()
  );
}

const CAUSES: Record<string, string> = {
  transport: 'Transport link',
  aggregation: 'Aggregation node',
  power: 'Power zone',
  core: 'Core function',
  site: 'Site',
  sector: 'Sector',
  cell: 'Cell',
  area: 'Customers say so at',
  unknown: 'Not known yet',
};

/** A cause for people: `Transport link LINK-7`. */
export function causeName(kind: string, id: string): string {
  const name = CAUSES[kind] ?? words(kind).replace(/^./, (first) => first.toUpperCase());
  return kind === 'unknown' || id === '' ? name : `${name} ${id}`;
}

/** A cause with how probable it is; of a place that only customers name no probability is known. */
export function statedCause({ kind, id, probability }: CauseProbability): string {
  const name = causeName(kind, id);
  return kind === 'area' ? name : `${name} (${percent(probability)})`;
}

interface CauseProbability {
  readonly kind: string;
  readonly id: string;
  readonly probability: number;
}

/** `Quimper Centre, Quimper Gare and 7 more`. */
export function placeNames(places: readonly string[], total: number): string {
  if (places.length === 0) return 'Place not known';
  const shown = places.slice(0, total > 3 ? 2 : 3);
  const more = total - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
