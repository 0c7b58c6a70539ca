/** What the contract server understands of a query. */
export interface FluxQuery {
  readonly bucket: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly measurement: string | undefined;
  readonly fields: readonly string[] | undefined;
  readonly isPivoted: boolean;
  readonly limit: number;
}

const STRING = '"(?:[^"\\\\]|\\\\.)*"';
const STEPS: Readonly<Record<string, RegExp>> = {
  from: new RegExp(`^from\\(bucket: (${STRING})\\)$`),
  range: /^range\(start: (time\(v: "[^"]+"\)|[^,)]+)(?:, stop: (time\(v: "[^"]+"\)|[^,)]+))?\)$/,
  measurement: new RegExp(`^filter\\(fn: \\(r\\) => r\\._measurement == (${STRING})\\)$`),
  fields: new RegExp(
    `^filter\\(fn: \\(r\\) => (r\\._field == ${STRING}(?: or r\\._field == ${STRING})*)\\)$`,
  ),
  pivot: /^pivot\(rowKey: \["_time"\], columnKey: \["_field"\], valueColumn: "_value"\)$/,
  limit: /^limit\(n: (\d+)\)$/,
};

/** @throws Error in the words of the real parser when a step is none it knows */
export function parseFlux(text: string): FluxQuery {
  const steps = splitSteps(text);
  const found = new Map<string, RegExpExecArray>();
  for (const step of steps) {
    const known = Object.entries(STEPS)
      .map(([name, pattern]) => [name, pattern.exec(step)] as const)
      .find(([, match]) => match !== null);
    if (!known?.[1]) throw new Error(`error @1:1-1:${text.length}: undefined identifier ${step}`);
    found.set(known[0], known[1]);
  }
  const bucket = found.get('from')?.[1];
  const range = found.get('range');
  if (bucket === undefined) throw new Error('error @1:1-1:1: missing from');
  if (range === undefined) {
    throw new Error(
      'error in building plan: cannot submit unbounded read; try bounding with range',
    );
  }
  return {
    bucket: unquote(bucket),
    fromMs: timeOf(range[1]),
    toMs: range[2] === undefined ? Number.POSITIVE_INFINITY : timeOf(range[2]),
    measurement: optional(found.get('measurement')?.[1], unquote),
    fields: optional(found.get('fields')?.[1], (list) =>
      [...list.matchAll(new RegExp(STRING, 'g'))].map(([one]) => unquote(one)),
    ),
    isPivoted: found.has('pivot'),
    limit: Number(found.get('limit')?.[1] ?? Number.MAX_SAFE_INTEGER),
  };
}

function optional<T>(text: string | undefined, read: (text: string) => T): T | undefined {
  return text === undefined ? undefined : read(text);
}

/** At `|>` outside of strings. */
function splitSteps(text: string): string[] {
  const pieces = text.match(new RegExp(`${STRING}|\\|>|[^"|]+|.`, 'g')) ?? [];
  const steps = [''];
  for (const piece of pieces) {
    if (piece === '|>') steps.push('');
    else steps[steps.length - 1] += piece;
  }
  return steps.map((step) => step.trim());
}

function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\(.)/g, (_, char: string) => ({ n: '\n', r: '\r', t: '\t' })[char] ?? char);
}

function timeOf(text = ''): number {
  if (text.startsWith('-')) return 0;
  const ms = Date.parse(/^time\(v: "(.*)"\)$/.exec(text)?.[1] ?? text);
  if (Number.isNaN(ms)) throw new Error(`error @1:1-1:1: invalid time literal ${text}`);
  return ms;
}
