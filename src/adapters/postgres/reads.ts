import type pg from 'pg';
import type { KpiReads, Reads } from '../../api/ports.js';
import { readAcceptedLevels, readSilences } from './read-acts.js';
import { postgresAffectedReads } from './read-affected.js';
import { postgresForecastReads } from './read-forecasts.js';
import { postgresIncidentReads } from './read-incidents.js';
import { postgresNetworkReads } from './read-network.js';
import { postgresOperationsReads } from './read-operations.js';
import { readPartnerNotices } from './read-partner-notices.js';
import { readQuality } from './read-quality.js';
import { readRecurring } from './read-recurring.js';
import { readRepairs } from './read-repairs.js';
import { searchResources } from './read-resources.js';
import { readSite } from './read-site.js';
import { readSurgeAlerts } from './read-surge-alerts.js';
import { postgresWorksReads } from './read-works.js';

/**
 * Everything the API reads, from one pool.
 * @param shadowWhy what puts the installation into shadow mode whatever the settings say, or null
 * @param networkNames what networks of visitors are called, by MCC and MNC
 */
export function postgresReads(
  pool: pg.Pool,
  kpis: KpiReads,
  shadowWhy: string | null = null,
  networkNames: Readonly<Record<string, string>> = {},
): Reads {
  return {
    incidents: postgresIncidentReads(pool, networkNames),
    affected: postgresAffectedReads(pool),
    works: postgresWorksReads(pool),
    kpis,
    network: postgresNetworkReads(pool),
    forecasts: postgresForecastReads(pool),
    operations: postgresOperationsReads(pool, shadowWhy),
    quality: (fromMs, nowMs) => readQuality(pool, fromMs, nowMs),
    silences: (nowMs) => readSilences(pool, nowMs),
    resources: (search, limit) => searchResources(pool, search, limit),
    site: (siteId, nowMs) => readSite(pool, siteId, nowMs),
    repairs: (limit) => readRepairs(pool, limit),
    recurring: (asked, nowMs) => readRecurring(pool, asked, nowMs),
    partnerNotices: (incidentId) => readPartnerNotices(pool, incidentId),
    surgeAlerts: (limit) => readSurgeAlerts(pool, limit),
    acceptedLevels: (limit) => readAcceptedLevels(pool, limit),
  };
}
