import type { RestCrmConfig } from '../src/adapters/crm/rest-crm-config.js';

/** How `simulators/crm.ts` is written to, one request a flag or in bulk. */
export function crmConfigOf(
  url: string,
  { isBulk = false, ...change }: Partial<RestCrmConfig> & { isBulk?: boolean } = {},
): RestCrmConfig {
  const item = {
    account: '{account}',
    subscriberId: '{subscriberId}',
    incidentId: '{incidentId}',
    flag: '{flag}',
  };
  const bulk = { url: `${url}/flags/bulk`, method: 'POST', size: 50 };
  return {
    kind: 'rest',
    name: 'simulated',
    headers: { 'Idempotency-Key': '{key}' },
    upsert: { url: `${url}/flags/{subscriberId}/{incidentId}`, json: item },
    clear: { url: `${url}/flags/{subscriberId}/{incidentId}`, method: 'DELETE' },
    ...(isBulk
      ? {
          bulk: {
            upsert: { ...bulk, item, json: { upserts: '{items}' } },
            clear: {
              ...bulk,
              item: { subscriberId: '{subscriberId}', incidentId: '{incidentId}' },
              json: { clears: '{items}' },
            },
          },
        }
      : {}),
    list: {
      url: `${url}/flags?after={afterSubscriber}&incident={afterIncident}&limit={limit}`,
      items: 'flags',
      flag: 'flag',
      account: 'account',
    },
    ...change,
  };
}
