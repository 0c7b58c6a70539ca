import { createStore } from './store.js';

/** Who is signed in, as `/api/v1/me` says. */
export interface Me {
  readonly name: string;
  readonly role: 'viewer' | 'planner' | 'agent' | 'operator' | 'admin';
  readonly expiresAt: string;
  readonly version: string;
  readonly networkTime: string;
  readonly speed: number;
}

/** `unknown` until the server has answered for the first time. */
export const session = createStore<Me | 'unknown' | 'signedOut'>('unknown');

/** An answer other than success; `status` 0 when there was no answer at all. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  let reply: Response;
  try {
    reply = await fetch(path, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'Tocsin does not answer. It may be restarting, or the network is away.');
  }
  if (reply.ok) return reply;
  if (reply.status === 401) session.set('signedOut');
  const problem: unknown = await reply.json().catch(() => undefined);
  throw new ApiError(reply.status, messageIn(problem) ?? `The answer was ${reply.status}.`);
}

function messageIn(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null || !('message' in problem)) return undefined;
  return String(problem.message);
}

/** Reads a document. The server checks its own answers against the schema `T` comes from. */
export async function getJson<T>(path: string): Promise<T> {
  const reply = await call('GET', path);
  return (await reply.json()) as T;
}

/** Sends a change and reads what came of it. @throws ApiError with a sentence to show */
export async function postJson<T>(path: string, body: unknown): Promise<T> {
  const reply = await call('POST', path, body);
  return (await reply.json()) as T;
}

/** Sends a change. @throws ApiError with a sentence to show */
export async function send(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<void> {
  await call(method, path, body);
}

/** Whether someone may correct what detection holds for chance. */
export function mayAdminister(me: Me): boolean {
  return me.role === 'admin';
}

/** Whether someone may act on incidents and see raw samples and the audit log. */
export function mayOperate(me: Me): boolean {
  return me.role === 'operator' || me.role === 'admin';
}
