import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyPluginAsync } from 'fastify';
import type { Registry } from 'prom-client';
import type { HealthReport } from '../runtime/health.js';
import type { LaneModel } from './act-schemas.js';
import type { LiveHub } from './live-hub.js';
import type {
  DryRuns,
  EffectDesk,
  OperatorStore,
  Reads,
  SessionStore,
  SubscriberLookup,
} from './ports.js';
import type { QualityBudgets } from './quality-report.js';
import type { WhatIfAnswer, WhatIfBody } from './what-if-schemas.js';

/** Everything the server stands on; the wiring in `src/commands/start.ts` provides it. */
export interface ApiDeps {
  readonly version: string;
  /** where browsers reach it, such as `https://tocsin.example`; cookies are secure when https */
  readonly publicUrl: string;
  /** folder of the built dashboard (`dist/dashboard`); without it only the API is served */
  readonly dashboardDir?: string;
  readonly log?: FastifyBaseLogger;
  /** network time in epoch ms, what pages reckon "ago" from; runs fast in a demo */
  readonly networkNow: () => number;
  readonly speed: number;
  readonly reads: Reads;
  /** how detection's models stood when shards last said so; none before */
  readonly models: () => LaneModel[];
  /** the rates that the rules ask for */
  readonly budgets: QualityBudgets;
  readonly subscribers: SubscriberLookup;
  readonly sessions: SessionStore;
  readonly operators: OperatorStore;
  /** who would be told what; nothing is written */
  readonly dryRuns: DryRuns;
  /** compares courses of action; undefined while there is no forecast */
  readonly whatIf: (asked: WhatIfBody) => Promise<WhatIfAnswer | undefined>;
  /** makes and checks the links by which recipients of alerts say that they have seen them */
  readonly acknowledgeKey: string;
  /** smallest count of customers that a partner may be told */
  readonly fewestTold: number;
  readonly effect: EffectDesk;
  readonly live: LiveHub;
  readonly health: () => HealthReport;
  readonly metrics: Registry;
  /** beyond this mean delay of the event loop, reading and pushing are put off; 0 never, default 3000 */
  readonly maxLoopDelayMs?: number;
  /** push and gateway routes, each registered in its own scope */
  readonly plugins?: readonly FastifyPluginAsync[];
}

/** A scope whose handlers know the types of the schemas they declare. */
export type TypedApp = Parameters<FastifyPluginAsyncTypebox>[0];
