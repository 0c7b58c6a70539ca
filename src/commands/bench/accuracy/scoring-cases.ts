import type { CaseSettings } from './case-settings.js';

/** What the published figures are measured on: other seeds, sizes and months than in development. */
export const SCORING_CASES: CaseSettings = {
  set: 'scoring',
  worldSeeds: [7301, 7302, 7303, 7304, 7305, 7306, 7307, 7308],
  caseSeed: 0x5c0e,
  sites: [36, 84],
  cellsPerSite: [3.1, 4.8],
  firstDay: '2025-09-08',
  withinDays: 85,
  warmUpDays: 14,
  noise: [0.75, 1.25],
  late: [0.005, 0.025],
  tooLate: [0.0001, 0.0008],
  lost: [0.0003, 0.0018],
  doubled: [0.001, 0.005],
  alarms: [0.8, 1],
  depth: [0.5, 1],
};
