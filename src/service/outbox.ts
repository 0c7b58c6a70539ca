import type pg from 'pg';
import { assignControl } from '../adapters/postgres/control-assignment.js';
import type { OtherPaces } from '../adapters/postgres/dry-run.js';
import { DryRunDesk } from '../adapters/postgres/dry-run-desk.js';
import { PostgresOutboxQueue } from '../adapters/postgres/outbox-queue.js';
import type { ExpansionOptions } from '../adapters/postgres/wave-expansion.js';
import { PostgresWaveStore } from '../adapters/postgres/wave-store.js';
import { CHANNELS } from '../domain/customer.js';
import type { Clock } from '../runtime/clock.js';
import type { Rules } from './rules.js';

/** What the outbox and its dry runs stand on. */
export interface OutboxOptions {
  readonly pool: pg.Pool;
  readonly rules: Rules;
  readonly phoneSecret: string;
  readonly network: Clock;
  /** channels beside SMS that are set up, with their pace */
  readonly otherPaces?: OtherPaces;
}

/** A sender as far as dry runs ask. */
export interface SenderPace {
  /** of wall time; null: no gateway is configured */
  readonly segmentsPerSecond: number | null;
  /** how much faster than wall time network time runs */
  readonly speed: number;
}

/** The outbox as the rules have it. */
export function outboxQueue(options: OutboxOptions): PostgresOutboxQueue {
  const { pool, rules } = options;
  const waves = new PostgresWaveStore(expansionOf(options));
  return new PostgresOutboxQueue(pool, waves, rules.policy);
}

/** Dry runs by the same rules. */
export function dryRunDesk(options: OutboxOptions & SenderPace): DryRunDesk {
  const { pool, rules, segmentsPerSecond, speed, otherPaces = {} } = options;
  return new DryRunDesk(pool, {
    ...expansionOf(options),
    impact: rules.impact,
    texts: rules.texts,
    segmentsPerSecond,
    otherPaces,
    speed,
  });
}

function expansionOf({
  rules,
  phoneSecret,
  network,
  otherPaces = {},
}: OutboxOptions): ExpansionOptions {
  const { policy, texts, impact, effect } = rules;
  return {
    policy,
    phoneSecret,
    channels: CHANNELS.filter((each) => each === 'sms' || otherPaces[each] !== undefined),
    usesLocation: impact.whereabouts.mode !== 'declared',
    segmentsOf: (kind, language) => texts.segmentsOf(kind, language),
    ...(effect.controlGroup
      ? { assign: assignControl({ rules: effect.controlGroup, secret: phoneSecret, network }) }
      : {}),
  };
}
