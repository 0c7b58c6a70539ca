import { PostgresCrmConnector } from '../../../src/adapters/crm/postgres-connector.js';
import { crmConnectorContract } from '../../crm/crm-connector.contract.js';
import { testDatabase } from '../../services/postgres.js';

crmConnectorContract('Postgres', async () => {
  const database = await testDatabase();
  const connector = new PostgresCrmConnector(database.pool);
  return { connector, stop: () => database.close() };
});
