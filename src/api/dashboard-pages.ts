/** Addresses of the web application's pages that show no single thing. */
export const PLAIN_PAGES = [
  '/',
  '/works',
  '/recurring',
  '/planner',
  '/effect',
  '/lookup',
  '/quality',
  '/sources',
] as const;
export type PlainPage = (typeof PLAIN_PAGES)[number];

/** Pages of one incident or site. */
export const PAGES_OF_ONE = ['/incidents/:id', '/sites/:id'] as const;
