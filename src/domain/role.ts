/** What a signed-in person may do. */
export type Role = 'viewer' | 'planner' | 'agent' | 'operator' | 'admin';

/**
 * What a route asks for. `public` needs nothing; `push` is checked by the push routes themselves
 * (a token, since machines have no session); the others need a session with a role that covers it.
 */
export type RouteRole = Role | 'public' | 'push';

export const ROLES: readonly Role[] = ['viewer', 'planner', 'agent', 'operator', 'admin'];

const COVERS: Record<Role, readonly Role[]> = {
  viewer: ['viewer'],
  planner: ['viewer', 'planner'],
  agent: ['viewer', 'agent'],
  operator: ['viewer', 'planner', 'agent', 'operator'],
  admin: ROLES,
};

/** Whether someone with role `has` may use what needs `needed`. */
export function covers(has: Role, needed: Role): boolean {
  return COVERS[has].includes(needed);
}

/** Whether phone numbers are shown in full: to those who talk to subscribers or answer for it. */
export function seesNumbers(role: Role): boolean {
  return covers(role, 'agent');
}

/** Narrows text from outside, such as a database column. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
