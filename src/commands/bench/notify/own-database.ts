import pg from 'pg';

/** The same server, another database. */
export function databaseAt(url: string, name: string): string {
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

/** Runs statements on the server's own database, one after the other. */
export async function administer(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseAt(url, 'postgres') });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A copy of the template beside it, which goes with the server. @returns its URL */
export async function ownDatabase(templateUrl: string, name: string): Promise<string> {
  const template = new URL(templateUrl).pathname.slice(1);
  await administer(templateUrl, [`create database ${name} template ${template}`]);
  return databaseAt(templateUrl, name);
}
