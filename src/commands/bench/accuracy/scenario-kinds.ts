import type { FaultKind } from '../../../../simulators/faults/types.js';
import type { Range } from './case-settings.js';

/** One fault of a scenario and what is drawn for it. */
export interface FaultRange {
  readonly kind: FaultKind;
  /** hour of the UTC day at which it starts */
  readonly hour: Range;
  readonly minutes: Range;
  /** whether its depth is drawn */
  readonly hasDepth?: boolean;
  /** planned works: announced share of the duration; above 1 they end in time */
  readonly plannedShare?: Range;
}

/** A kind of scenario; `faults` is empty where nothing happens. */
export interface ScenarioKind {
  readonly name: string;
  readonly faults: readonly FaultRange[];
}

const ANY_HOUR: Range = [1, 24];
const AWAKE: Range = [6, 20];

/** Every kind of scenario that is simulated, in the order of the table. */
export const SCENARIO_KINDS: readonly ScenarioKind[] = [
  { name: 'healthy', faults: [] },
  { name: 'sitePower', faults: [{ kind: 'sitePower', hour: ANY_HOUR, minutes: [40, 300] }] },
  {
    name: 'sectorFailure',
    faults: [{ kind: 'sectorFailure', hour: AWAKE, minutes: [40, 300] }],
  },
  { name: 'cellOutage', faults: [{ kind: 'cellOutage', hour: AWAKE, minutes: [40, 240] }] },
  { name: 'transportCut', faults: [{ kind: 'transportCut', hour: ANY_HOUR, minutes: [40, 300] }] },
  {
    name: 'aggregationFailure',
    faults: [{ kind: 'aggregationFailure', hour: ANY_HOUR, minutes: [40, 180] }],
  },
  {
    name: 'coreDegradation',
    faults: [{ kind: 'coreDegradation', hour: AWAKE, minutes: [45, 180], hasDepth: true }],
  },
  {
    name: 'softwareRelease',
    faults: [{ kind: 'softwareRelease', hour: [1, 10], minutes: [240, 600], hasDepth: true }],
  },
  {
    name: 'congestion',
    faults: [{ kind: 'congestion', hour: [14, 20], minutes: [120, 300], hasDepth: true }],
  },
  {
    name: 'interference',
    faults: [{ kind: 'interference', hour: AWAKE, minutes: [180, 480], hasDepth: true }],
  },
  { name: 'sleepingCell', faults: [{ kind: 'sleepingCell', hour: [6, 18], minutes: [120, 360] }] },
  {
    name: 'slowDegradation',
    faults: [{ kind: 'slowDegradation', hour: [4, 16], minutes: [1080, 2160], hasDepth: true }],
  },
  {
    name: 'plannedWorks',
    faults: [
      { kind: 'plannedWorks', hour: [1, 4], minutes: [60, 180], plannedShare: [1.1, 1.5] },
      { kind: 'plannedWorks', hour: [20, 24], minutes: [180, 300], plannedShare: [0.4, 0.6] },
    ],
  },
  { name: 'telemetryGap', faults: [{ kind: 'telemetryGap', hour: ANY_HOUR, minutes: [30, 180] }] },
  {
    name: 'regionalPowerCut',
    faults: [{ kind: 'regionalPowerCut', hour: ANY_HOUR, minutes: [45, 240] }],
  },
  { name: 'flapping', faults: [{ kind: 'flapping', hour: ANY_HOUR, minutes: [60, 180] }] },
  { name: 'storm', faults: [{ kind: 'storm', hour: ANY_HOUR, minutes: [240, 420] }] },
];
