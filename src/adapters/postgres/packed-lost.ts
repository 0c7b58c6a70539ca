import type { Service, ServiceShares } from '../../domain/services.js';

/** Steps in which a share is kept. */
const STEPS = 31;

/** Shares of each service from `incident_subscribers.lost`: five bits each, voice lowest. */
export function unpackLost(packed: number): ServiceShares {
  const share = (shift: number): number => ((packed >> shift) & STEPS) / STEPS;
  return { voice: share(0), data: share(5), sms: share(10) };
}

/** From half lost on a service is more gone than there; under 5 % nobody notices (`lossWord`). */
const LOST_FROM = 16;
const NOTICEABLE = 2;

/** `lossWord` of src/domain/services.ts for a row of `incident_subscribers`. */
export function lossWordSql(alias: string): string {
  const share = (shift: number): string => `((${alias}.lost >> ${shift}) & ${STEPS})`;
  const [voice, data, sms] = [share(0), share(5), share(10)];
  return `case when ${alias}.service = 'none' then 'none'
    when ${voice} >= ${LOST_FROM} and ${data} < ${NOTICEABLE} then 'noCalls'
    when ${voice} < ${NOTICEABLE} and ${data} >= ${LOST_FROM} then 'noData'
    when ${voice} < ${NOTICEABLE} and ${data} >= ${NOTICEABLE} then 'slowData'
    when ${voice} < ${NOTICEABLE} and ${sms} >= ${LOST_FROM} then 'noTexts' else 'degraded' end`;
}

const SHIFTS: Readonly<Record<Service, number>> = { voice: 0, data: 5, sms: 10 };

/** Whether a service is probably gone for a row of `incident_subscribers`; see `reachChannel`. */
export function isLostSql(alias: string, service: Service): string {
  return `(${alias}.probability::float8 * ((${alias}.lost >> ${SHIFTS[service]}) & ${STEPS}) >= 0.5 * ${STEPS})`;
}
