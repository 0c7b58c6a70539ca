import type { Tmf621Config } from '../../adapters/crm/tmf621-config.js';
import { createPool } from '../../adapters/postgres/pool.js';
import type { Config } from '../../config.js';
import { createConnector, createTicketSystem } from '../../service/crm.js';
import { attempt, type Check, passed, skipped } from './report.js';

/**
 * Whether each CRM answers and lets us in. Nothing is written to it.
 * @param databaseUrl Tocsin's own database, where quotas are counted
 */
export async function checkCrms({ crm = [] }: Config, databaseUrl: string): Promise<Check[]> {
  const pool = createPool(databaseUrl, { max: 1, applicationName: 'tocsin-doctor' });
  try {
    const checks: Check[] = [];
    for (const config of crm) {
      const name = `crm ${config.name ?? config.kind}`;
      if (config.kind === 'postgres' && config.url === undefined) {
        checks.push(skipped(name, 'the table crm_customer_flags in Tocsin’s own database'));
        continue;
      }
      if (config.kind === 'tmf621') {
        checks.push(await checkTickets(config));
        continue;
      }
      const mend =
        config.kind === 'rest'
          ? 'check its addresses and headers, and that it lets this machine in'
          : 'check crm.url, and that the user may create a table or use crm_customer_flags';
      checks.push(
        await attempt(name, mend, async () => {
          const connector = createConnector(config, pool);
          try {
            await connector.check();
          } finally {
            await connector.close();
          }
          const isListed = connector.list !== undefined;
          return passed(
            name,
            isListed ? 'it answers' : 'it cannot list what it holds: only what was pushed is known',
          );
        }),
      );
    }
    return checks;
  } finally {
    await pool.end();
  }
}

function checkTickets(config: Tmf621Config): Promise<Check> {
  const name = `crm ${config.name}`;
  return attempt(name, 'check its url and headers: GET URL/troubleTicket?limit=1', async () => {
    const system = createTicketSystem(config);
    try {
      await system.check();
    } finally {
      await system.close();
    }
    return passed(name, 'it answers');
  });
}
