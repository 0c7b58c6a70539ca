import { randomUUID } from 'node:crypto';
import Type from 'typebox';
import { TocsinError } from '../domain/errors.js';
import type { OperatorAct } from '../domain/facts.js';
import type { ApiDeps } from './deps.js';
import type { OperatorRecord, Session } from './ports.js';

/** An act was taken: it is journalled and takes effect with a later tick. */
export const Accepted = Type.Object({ actId: Type.String() });

type Given = Omit<OperatorAct, 'actId' | 'at' | 'actor'>;

/**
 * An act of whoever is signed in, at network time now.
 * @throws TocsinError `auth.missing`
 */
export function newAct(deps: ApiDeps, session: Session | null, given: Given): OperatorAct {
  if (session === null) throw new TocsinError('auth.missing', 'Sign in first.');
  const at = new Date(deps.networkNow()).toISOString();
  return { actId: `act_${randomUUID()}`, at, actor: session.name, ...given };
}

/** The audit log's line of an act: all that it carries. @param more what else is to be kept of it */
export function recordOf(
  act: OperatorAct,
  target: string | null,
  more: Readonly<Record<string, unknown>> = {},
): OperatorRecord {
  const { actor, action, why, incidentId: _, ...carried } = act;
  return { actor, action, target, why, detail: { ...carried, ...more } };
}
