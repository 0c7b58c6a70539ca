import type { CompiledFeed } from './compiled-feed.js';

const encoder = new TextEncoder();

/** What a value is for, where it is not the number of a column (0 and up). */
export const USE = { object: -1, time: -2, unread: -3, inner: -4, ambiguous: -5 } as const;

/** A member that a feed reads: its name in bytes, and what it is for. */
export interface Member {
  readonly key: Uint8Array;
  readonly use: number;
  /** members of the object that is its value, for `USE.inner` */
  readonly inner: Level | undefined;
}

/** The members that are read of one object. */
export interface Level {
  readonly members: readonly Member[];
  /** member seen at each place of the record before, -1 for none: records repeat their order */
  readonly order: Int32Array;
  /** number of the record in which it was last entered */
  entered: number;
}

/** Places whose member is remembered. */
const PLACES = 64;

interface Wanted {
  readonly path: readonly string[];
  readonly use: number;
}

/**
 * What the scanner looks for in JSON records of a feed of kind `kpi`.
 * @returns undefined where only a whole parse will do: paths into arrays, one member for two uses
 */
export function jsonPlan(feed: CompiledFeed): Level | undefined {
  const object = feed.feed.object?.column;
  const named: [string, number][] = [
    ...feed.columns.map((column, index): [string, number] => [column, index]),
    ...(object === undefined ? [] : [[object, USE.object] as [string, number]]),
    [feed.feed.time?.column ?? 'time', USE.time],
  ];
  const names = named.map(([name]) => name);
  const isOdd = (name: string): boolean => name.split('.').some((step) => /^\d*$/.test(step));
  if (new Set(names).size < names.length || names.some(isOdd)) return undefined;
  const wanted = named.map(([name, use]) => ({ path: name.split('.'), use }));
  const dotted = names.filter((name) => name.includes('.'));
  return levelOf(wanted, dotted);
}

/** @param direct names with dots, which as members of their own come before the path they spell */
function levelOf(wanted: readonly Wanted[], direct: readonly string[]): Level | undefined {
  const heads = new Set(wanted.map(({ path: [head = ''] }) => head));
  const members: Member[] = direct.map((name) => memberOf(name, USE.ambiguous));
  for (const head of heads) {
    const under = wanted.filter(({ path }) => path[0] === head);
    const here = under.find(({ path }) => path.length === 1);
    if (here && under.length > 1) return undefined;
    if (here) {
      members.push(memberOf(head, here.use));
      continue;
    }
    const rest = under.map(({ path, use }) => ({ path: path.slice(1), use }));
    const inner = levelOf(rest, []);
    if (!inner) return undefined;
    members.push({ ...memberOf(head, USE.inner), inner });
  }
  return { members, order: new Int32Array(PLACES).fill(-1), entered: 0 };
}

function memberOf(name: string, use: number): Member {
  return { key: encoder.encode(name), use, inner: undefined };
}
