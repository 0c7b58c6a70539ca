import Type, { type Static } from 'typebox';

/** What a subscriber may lose, each by itself: calls, data, texts. */
export const Service = Type.Union([
  Type.Literal('voice'),
  Type.Literal('data'),
  Type.Literal('sms'),
]);
export type Service = Static<typeof Service>;

/** All services, in the order in which they are said. */
export const SERVICES: readonly Service[] = ['voice', 'data', 'sms'];

const Share = Type.Number({ minimum: 0, maximum: 1 });

/** A share of each service, in [0,1]: mostly the share that is lost. */
export const ServiceShares = Type.Object(
  { voice: Share, data: Share, sms: Share },
  { additionalProperties: false, description: 'share of each service that is lost' },
);
export type ServiceShares = Static<typeof ServiceShares>;

/** One share for every service. */
export function allServices(share: number): ServiceShares {
  return { voice: share, data: share, sms: share };
}

/** The same done to the share of each service. */
export function eachService(of: (service: Service) => number): ServiceShares {
  return { voice: of('voice'), data: of('data'), sms: of('sms') };
}
