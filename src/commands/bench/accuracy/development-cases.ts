import type { CaseSettings } from './case-settings.js';

/** What may be looked at while tuning: rules and engine are chosen by these cases only. */
export const DEVELOPMENT_CASES: CaseSettings = {
  set: 'development',
  worldSeeds: [1101, 1102, 1103, 1104, 1105, 1106],
  caseSeed: 0x0dec,
  sites: [40, 70],
  cellsPerSite: [3.3, 4.5],
  firstDay: '2026-01-12',
  withinDays: 100,
  warmUpDays: 14,
  noise: [0.8, 1.2],
  late: [0.005, 0.02],
  tooLate: [0.0002, 0.0006],
  lost: [0.0004, 0.0015],
  doubled: [0.001, 0.004],
  alarms: [0.85, 1],
  depth: [0.5, 1],
};
