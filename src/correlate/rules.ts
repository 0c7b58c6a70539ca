import Type, { type Static } from 'typebox';
import { Service } from '../domain/services.js';

const Seconds = Type.Integer({ minimum: 0, maximum: 31_536_000 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Degree = Type.Number({ exclusiveMinimum: 0, maximum: 1 });
const Nats = Type.Number({ minimum: 0, maximum: 100 });
const closed = { additionalProperties: false } as const;

const Grouping = Type.Object(
  {
    decisionSeconds: Type.Integer({ minimum: 1, maximum: 300 }),
    windowSeconds: Type.Integer({ minimum: 60, maximum: 86_400 }),
    windowSecondsByKind: Type.Record(
      Type.String(),
      Type.Integer({ minimum: 60, maximum: 604_800 }),
    ),
    shows: Type.Number({ minimum: 0.5, maximum: 0.999 }),
    showsBeforeReport: Type.Number({ minimum: 0, maximum: 0.9 }),
    failuresPerYear: Type.Record(
      Type.String(),
      Type.Number({ exclusiveMinimum: 0, maximum: 100_000 }),
    ),
    coarserByNats: Nats,
    stickyNats: Nats,
  },
  closed,
);

const Evidence = Type.Object(
  {
    deviation: Type.Object(
      {
        availability: Type.Number({ minimum: 0, maximum: 5 }),
        traffic: Type.Number({ minimum: 0, maximum: 5 }),
        quality: Type.Number({ minimum: 0, maximum: 5 }),
      },
      closed,
    ),
    scoreCapNats: Nats,
    lastingNatsPerPeriod: Type.Number({ minimum: 0, maximum: 10 }),
    lastingPeriods: Type.Integer({ minimum: 0, maximum: 96 }),
    fullDegree: Type.Object({ availability: Degree, traffic: Degree, quality: Degree }, closed),
    fullDegreeWide: Type.Object({ availability: Degree, traffic: Degree, quality: Degree }, closed),
    crowdedShare: Share,
    zeroTrafficNats: Nats,
    limitNats: Nats,
    silenceNats: Nats,
    sureSilenceNats: Nats,
    surplusNats: Nats,
    furtherKpiShare: Share,
    furtherCellShare: Type.Number({ minimum: 0.1, maximum: 1 }),
    openAbove: Type.Number({ minimum: 0.5, maximum: 0.999999 }),
    suspectAbove: Type.Number({ minimum: 0.5, maximum: 0.999999 }),
  },
  closed,
);

const Alarms = Type.Object(
  {
    nats: Type.Object(
      { critical: Nats, major: Nats, minor: Nats, warning: Nats, indeterminate: Nats },
      closed,
    ),
    ownAlarmNats: Nats,
    holdSeconds: Type.Integer({ minimum: 0, maximum: 600 }),
    longestHoldSeconds: Type.Integer({ minimum: 0, maximum: 1800 }),
    cellsOnAlarmAlone: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    neverOpens: Type.Array(Type.String({ minLength: 1 })),
  },
  closed,
);

const Silence = Type.Object(
  {
    witnessWaitSeconds: Seconds,
    feedGapShare: Type.Number({ minimum: 0.01, maximum: 1 }),
    witnessedShare: Type.Number({ minimum: 0.01, maximum: 1 }),
    surplusNeighbours: Type.Integer({ minimum: 1, maximum: 100 }),
    jointRiseZ: Type.Number({ minimum: 2, maximum: 20 }),
    absorbedShare: Type.Number({ minimum: 0, maximum: 1 }),
    unmovedOdds: Type.Number({ minimum: 2, maximum: 1e9 }),
    alarmsAliveSeconds: Seconds,
  },
  closed,
);

const Life = Type.Object(
  {
    recoverAfterSeconds: Seconds,
    shrinkAfterSeconds: Seconds,
    resolveAfterSeconds: Seconds,
    longestResolveSeconds: Seconds,
    closeAfterSeconds: Seconds,
    reopenWithinSeconds: Seconds,
  },
  closed,
);

const StillDown = Type.Object(
  {
    answers: Type.Integer({ minimum: 1, maximum: 1000 }),
    people: Type.Integer({ minimum: 1, maximum: 1000 }),
    countSeconds: Seconds,
  },
  closed,
);

const Customers = Type.Object(
  {
    falsePer1000AreasPerMonth: Type.Number({ exclusiveMinimum: 0, maximum: 10_000 }),
    leastCount: Type.Integer({ minimum: 2, maximum: 1_000_000 }),
    leastRise: Type.Number({ minimum: 1, maximum: 100 }),
    waitSeconds: Type.Integer({ minimum: 0, maximum: 86_400 }),
    warmUpDays: Type.Integer({ minimum: 7, maximum: 365 }),
    relearnDays: Type.Integer({ minimum: 1, maximum: 365 }),
    quietIntervals: Type.Integer({ minimum: 1, maximum: 100 }),
    aftermathSeconds: Seconds,
    degree: Degree,
  },
  closed,
);

const Severity = Type.Object(
  {
    criticalCells: Type.Number({ exclusiveMinimum: 0 }),
    majorCells: Type.Number({ exclusiveMinimum: 0 }),
    minorCells: Type.Number({ exclusiveMinimum: 0 }),
  },
  closed,
);

const Repair = Type.Object(
  {
    minPast: Type.Integer({ minimum: 20, maximum: 1_000_000 }),
    keepPast: Type.Integer({ minimum: 20, maximum: 50_000 }),
    refitSeconds: Type.Integer({ minimum: 3600, maximum: 31_536_000 }),
    band: Type.Number({ minimum: 0.5, maximum: 0.99 }),
    reviewSeconds: Type.Integer({ minimum: 60, maximum: 86_400 }),
    ticketEarlySeconds: Type.Integer({ minimum: 0, maximum: 2_592_000 }),
    typicalSecondsByKind: Type.Record(Type.String(), Type.Integer({ minimum: 60 })),
  },
  closed,
);

/** `rules/correlation.yaml`, where each key is explained. Times in seconds, evidence in nats. */
export const CorrelationRules = Type.Object(
  {
    version: Type.Literal(1),
    grouping: Grouping,
    evidence: Evidence,
    alarms: Alarms,
    silence: Silence,
    life: Life,
    stillDown: StillDown,
    servicesByKind: Type.Record(
      Type.String(),
      Type.Array(Service, { minItems: 1, uniqueItems: true }),
    ),
    customers: Customers,
    works: Type.Object({ earlySeconds: Seconds, graceSeconds: Seconds }, closed),
    severity: Severity,
    repair: Repair,
  },
  { ...closed, $id: 'correlation-rules' },
);
export type CorrelationRules = Static<typeof CorrelationRules>;

/** A rule that contradicts another, with the path of the key to change. */
export interface RuleConflict {
  readonly path: readonly string[];
  readonly message: string;
}

/** What the schema cannot say: keys that must not contradict each other. Empty when all is well. */
export function checkCorrelationRules(rules: CorrelationRules): RuleConflict[] {
  const conflicts: RuleConflict[] = [];
  const refuse = (path: string[], message: string): void => {
    conflicts.push({ path, message });
  };
  const { evidence, alarms, life, severity } = rules;
  if (evidence.suspectAbove > evidence.openAbove)
    refuse(
      ['evidence', 'suspectAbove'],
      `must be at most evidence.openAbove (${evidence.openAbove})`,
    );
  if (alarms.longestHoldSeconds < alarms.holdSeconds)
    refuse(
      ['alarms', 'longestHoldSeconds'],
      `must be at least alarms.holdSeconds (${alarms.holdSeconds})`,
    );
  if (life.longestResolveSeconds < life.resolveAfterSeconds)
    refuse(
      ['life', 'longestResolveSeconds'],
      `must be at least life.resolveAfterSeconds (${life.resolveAfterSeconds})`,
    );
  if (severity.criticalCells < severity.majorCells)
    refuse(
      ['severity', 'criticalCells'],
      `must be at least severity.majorCells (${severity.majorCells})`,
    );
  if (severity.majorCells < severity.minorCells)
    refuse(
      ['severity', 'majorCells'],
      `must be at least severity.minorCells (${severity.minorCells})`,
    );
  if (rules.repair.keepPast < rules.repair.minPast)
    refuse(['repair', 'keepPast'], `must be at least repair.minPast (${rules.repair.minPast})`);
  if (rules.grouping.failuresPerYear.other === undefined)
    refuse(['grouping', 'failuresPerYear'], 'must have the key "other" for kinds it does not name');
  return conflicts;
}
