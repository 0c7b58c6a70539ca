import { parsePhoneNumber } from 'libphonenumber-js/min';
import Type, { type Static } from 'typebox';
import { countryOfNetwork, networkOfImsi } from './mobile-countries.js';

/** `visitors` of `rules/impact.yaml`: which phones and which cells are of other networks. */
export const VisitorRules = Type.Object(
  {
    ownNetworks: Type.Array(Type.String({ pattern: '^[0-9]{5,6}$' }), {
      uniqueItems: true,
      description: 'MCC and MNC of IMSIs that are ours; empty: no visitor is counted',
    }),
    ownCountryCodes: Type.Array(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }), {
      uniqueItems: true,
      description: 'country codes of numbers that are ours; empty: numbers tell nothing',
    }),
    names: Type.Record(Type.String({ pattern: '^[0-9]{5,6}$' }), Type.String({ maxLength: 60 }), {
      description: 'what networks are called, by MCC and MNC',
    }),
    freshMinutes: Type.Integer({
      minimum: 1,
      maximum: 1440,
      description: 'a visitor counts who was seen at a cell so long before it failed, or since',
    }),
    foreignCells: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        format: 'regex',
        description: 'ids of cells of networks abroad, as a regular expression',
      }),
    ),
    abroadHours: Type.Integer({
      minimum: 1,
      maximum: 720,
      description: 'somebody seen abroad is held to be there for so long, if seen nowhere since',
    }),
  },
  { additionalProperties: false },
);
export type VisitorRules = Static<typeof VisitorRules>;

/** Where a phone is at home. */
export interface VisitorHome {
  /** MCC and MNC; empty: not known */
  readonly network: string;
  /** ISO 3166-1 alpha-2; empty: not known */
  readonly country: string;
}

/**
 * Where a phone is at home that its identifier says is not ours.
 * @param identifier IMSI (14 or 15 digits), or number with its country code, with or without plus
 * @returns undefined when it may be ours, or nothing is declared to tell by
 */
export function visitorHome(
  identifier: string,
  { ownNetworks, ownCountryCodes }: VisitorRules,
): VisitorHome | undefined {
  if (/^\d{14,15}$/.test(identifier)) {
    if (ownNetworks.length === 0 || ownNetworks.some((own) => identifier.startsWith(own))) {
      return undefined;
    }
    return { network: networkOfImsi(identifier), country: countryOfNetwork(identifier) };
  }
  const [, digits] = /^\+?([1-9]\d{6,13})$/.exec(identifier) ?? [];
  if (digits === undefined || ownCountryCodes.length === 0) return undefined;
  if (ownCountryCodes.some((own) => digits.startsWith(own))) return undefined;
  try {
    const number = parsePhoneNumber(`+${digits}`);
    return number.isPossible() ? { network: '', country: number.country ?? '' } : undefined;
  } catch {
    return undefined;
  }
}
