import Type, { type Static } from 'typebox';
import type { Channel } from './customer.js';

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

/** How a service is for somebody: as ever, worse, or as good as gone. */
const ServiceState = Type.Union([
  Type.Literal('kept'),
  Type.Literal('degraded'),
  Type.Literal('lost'),
]);
type ServiceState = Static<typeof ServiceState>;

/** Below this share lost nobody notices. */
const NOTICEABLE = 0.05;
/** From this share lost on a service is more gone than there. */
const LOST_FROM = 0.5;

/** A share lost in words: below 5 % nobody notices, from half on it is more gone than there. */
function serviceState(lost: number): ServiceState {
  if (lost >= LOST_FROM) return 'lost';
  return lost >= NOTICEABLE ? 'degraded' : 'kept';
}

/** How each service is for somebody. */
export const ServiceStates = Type.Object(
  { voice: ServiceState, data: ServiceState, sms: ServiceState },
  { additionalProperties: false },
);
export type ServiceStates = Static<typeof ServiceStates>;

/** How each service is for somebody who lost those shares. */
export function serviceStates({ voice, data, sms }: ServiceShares): ServiceStates {
  return { voice: serviceState(voice), data: serviceState(data), sms: serviceState(sms) };
}

/** What somebody lost in a word: everything, calls, data or texts alone, slow data, or some of all. */
export type LossWord = 'none' | 'noCalls' | 'noData' | 'slowData' | 'noTexts' | 'degraded';

/** All loss words; sentences have one variant each. */
export const LOSS_WORDS: readonly LossWord[] = [
  'none',
  'noCalls',
  'noData',
  'slowData',
  'noTexts',
  'degraded',
];

/**
 * What somebody lost in a word. One service is named where the others are kept.
 * @param isNone they have no service at all
 */
export function lossWord(lost: ServiceShares, isNone: boolean): LossWord {
  if (isNone) return 'none';
  const { voice, data, sms } = serviceStates(lost);
  if (voice === 'lost' && data === 'kept') return 'noCalls';
  if (voice === 'kept' && data === 'lost') return 'noData';
  if (voice === 'kept' && data === 'degraded') return 'slowData';
  return voice === 'kept' && data === 'kept' && sms === 'lost' ? 'noTexts' : 'degraded';
}

/** How somebody can be told now: by what they have left, or once service is back. */
export const ReachChannel = Type.Union(
  [Type.Literal('sms'), Type.Literal('data'), Type.Literal('voice'), Type.Literal('whenBack')],
  {
    description:
      'sms: a text arrives; data: e-mail or push; voice: a call or the voice menu; whenBack: nothing reaches them before service is back, or they use another line',
  },
);
export type ReachChannel = Static<typeof ReachChannel>;

/** The first channel that probably works, given shares lost over everything that may be so. */
export function reachChannel({ voice, data, sms }: ServiceShares): ReachChannel {
  if (sms < LOST_FROM) return 'sms';
  if (data < LOST_FROM) return 'data';
  return voice < LOST_FROM ? 'voice' : 'whenBack';
}

/** Channels by which nothing arrives: a text needs the network's texts, a notification or mail its data. */
export function lostChannels(isSmsLost: boolean, isDataLost: boolean): Channel[] {
  return [
    ...(isSmsLost ? (['sms'] as const) : []),
    ...(isDataLost ? (['push', 'email'] as const) : []),
  ];
}
