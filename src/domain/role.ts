/** What a signed-in person may do. */
export type Role = 'viewer' | 'planner' | 'agent' | 'operator' | 'admin';

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

/** Narrows text from outside, such as a database column. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
