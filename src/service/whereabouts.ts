import type pg from 'pg';
import { PostgresCheckpoints } from '../adapters/postgres/checkpoints.js';
import { PostgresJournal } from '../adapters/postgres/journal.js';
import { takeOver } from '../adapters/postgres/leader.js';
import { PostgresPresenceWriter } from '../adapters/postgres/presence-writer.js';
import { UsualLearner } from '../adapters/postgres/usual-learner.js';
import { enforceMode } from '../adapters/postgres/whereabouts-mode.js';
import type { PresenceCounts } from '../impact/ports.js';
import type { Clock } from '../runtime/clock.js';
import { PresenceRunner } from '../runtime/presence-runner.js';
import type { Rules } from './rules.js';

/**
 * Sightings read at once, in bytes: about ten thousand. More would be quicker by little and would keep
 * everything else of the process waiting while they are decoded.
 */
export const PRESENCE_READ_BYTES = 1 << 20;

/** What the keeping of whereabouts stands on. */
export interface WhereaboutsOptions {
  readonly pool: pg.Pool;
  readonly rules: Rules;
  /** keys the fingerprints of visitors */
  readonly phoneSecret: string;
  readonly network: Clock;
  readonly counted: (counts: PresenceCounts) => void;
}

/** Where people are, as far as the mode allows: sightings, and what is learnt from them. */
export class Whereabouts {
  readonly #options: WhereaboutsOptions;
  readonly #learner: UsualLearner;
  /** carries sightings from the journal to where people were last seen */
  readonly presence: PresenceRunner;

  constructor(options: WhereaboutsOptions) {
    const { pool, rules, phoneSecret, network, counted } = options;
    this.#options = options;
    this.#learner = new UsualLearner(pool, rules.impact.whereabouts, rules.forecast.zone);
    this.presence = new PresenceRunner({
      journal: new PostgresJournal(pool, PRESENCE_READ_BYTES),
      checkpoints: new PostgresCheckpoints(pool),
      writer: new PostgresPresenceWriter(pool, rules.impact, phoneSecret),
      network,
      takeOver: (stream) => takeOver(pool, stream),
      counted,
    });
  }

  /** Deletes what the mode does not allow and has it refused from now on. */
  enforce(): Promise<void> {
    return enforceMode(this.#options.pool, this.#options.rules.impact.whereabouts.mode);
  }

  /** Learns usual cells from the oldest part of a day that is over. */
  learn(): Promise<'busy' | 'idle'> {
    return this.#learner.turn(this.#options.network.now());
  }
}
