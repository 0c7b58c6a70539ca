import { type ContrastSums, contrastSums } from './contrast.js';

/** Accounts that are alike: assigned alike, with so many numbers and so many calls. */
export interface AccountGroup {
  readonly isControl: boolean;
  /** numbers of one account, 1 or more */
  readonly people: number;
  /** calls of one account, 0 or more */
  readonly calls: number;
  /** how many accounts are so */
  readonly accounts: number;
}

/** A control group's contrast, and how many people were on either side. */
export interface ControlContrast {
  readonly sums: ContrastSums;
  readonly told: number;
  readonly untold: number;
}

/**
 * Calls of those to be told against the control group's, as assigned, whether or not a message
 * arrived. An account or household was assigned as one, so it is one cluster.
 */
export function controlContrast(groups: readonly AccountGroup[]): ControlContrast {
  const told = total(groups, (each) => (each.isControl ? 0 : each.people * each.accounts));
  const untold = total(groups, (each) => (each.isControl ? each.people * each.accounts : 0));
  const cell = { toldExposure: told, untoldExposure: untold };
  const sums = contrastSums(
    [cell],
    [false, true].map((isControl) => ({
      cell: 0,
      cluster: Number(isControl),
      isTold: !isControl,
      calls: total(groups, (each) =>
        each.isControl === isControl ? each.calls * each.accounts : 0,
      ),
    })),
  );
  const all = told + untold;
  const toldRate = told > 0 ? sums.toldCalls / told : 0;
  const untoldRate = untold > 0 ? sums.untoldCalls / untold : 0;
  const powers = (isControl: boolean, power: number): number => {
    const rate = isControl ? untoldRate : toldRate;
    const weight = all > 0 ? (isControl ? told : untold) / all : 0;
    return total(groups, (each) =>
      each.isControl === isControl
        ? each.accounts * (weight * (each.calls - rate * each.people)) ** power
        : 0,
    );
  };
  return {
    told,
    untold,
    sums: {
      ...sums,
      toldSquares: powers(false, 2),
      untoldSquares: powers(true, 2),
      products: 0,
      toldFourths: powers(false, 4),
      untoldFourths: powers(true, 4),
    },
  };
}

function total(groups: readonly AccountGroup[], of: (each: AccountGroup) => number): number {
  return groups.reduce((sum, each) => sum + of(each), 0);
}
