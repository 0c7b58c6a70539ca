import type pg from 'pg';
import { flagValidUntil, flagVariants, isFlagged } from '../../crm/due-flags.js';
import type {
  AccountFlag,
  FlagChange,
  FlagKey,
  FlagMapper,
  FlagQueue,
  FlagTexts,
} from '../../crm/ports.js';
import type { CrmRules } from '../../crm/rules.js';
import type { Incident } from '../../domain/incident.js';
import { repairBandMs } from '../../domain/repair.js';
import {
  CLEAR_FLAGS,
  FLAG_CHANGES,
  FLAG_DIFFERENCES,
  FLAG_LAG,
  FORGET_PUSHED,
  FORGET_RANGE,
  MOVE_CURSOR,
  PRUNE_CLEARED,
  REFRESH_FLAGS,
  REMEMBER_PUSHED,
} from './crm-sql.js';
import { type IncidentPlace, placeOf } from './incident-place.js';
import { query, withTransaction } from './pool.js';

/** Desired flags, written in the incident's own transaction. */
export class PostgresFlagStore implements FlagMapper<pg.ClientBase> {
  readonly #rules: CrmRules;
  readonly #texts: FlagTexts;

  constructor(rules: CrmRules, texts: FlagTexts) {
    this.#rules = rules;
    this.#texts = texts;
  }

  async refresh(client: pg.ClientBase, incident: Incident, nowMs: number): Promise<void> {
    if (!isFlagged(incident)) {
      await client.query(CLEAR_FLAGS, [incident.id]);
      return;
    }
    const place = await placeOf(client, incident.sites);
    const languages = await languagesOf(client, incident.id);
    const rules = this.#rules;
    await client.query(REFRESH_FLAGS, [
      incident.id,
      incident.lineageId,
      rules.minProbability,
      rules.sureAt,
      rules.excludeKinds,
      this.#texts.isTimeSaid(repairBandMs(incident.repair)) ? incident.estimatedRepairAt : null,
      new Date(flagValidUntil(nowMs, rules)).toISOString(),
      rules.firstSegments,
      ...this.#words(incident, place, languages, nowMs),
    ]);
  }

  #words(
    incident: Incident,
    place: IncidentPlace,
    languages: readonly string[],
    nowMs: number,
  ): unknown[][] {
    const { startedAt, estimatedRepairAt, cause } = incident;
    const variants = flagVariants(languages);
    const about = {
      place: place.name,
      zone: place.zone,
      startedAtMs: Date.parse(startedAt),
      estimatedRepairAtMs: estimatedRepairAt === null ? null : Date.parse(estimatedRepairAt),
      repairBandMs: repairBandMs(incident.repair),
    };
    return [
      variants.map((each) => each.language),
      variants.map((each) => each.certainty),
      variants.map((each) => each.service),
      variants.map((each) => each.told),
      variants.map((each) => this.#texts.agentSentence({ ...each, ...about }, nowMs)),
      variants.map((each) => this.#texts.cause(each.language, cause.kind)),
    ];
  }
}

async function languagesOf(client: pg.ClientBase, incidentId: string): Promise<string[]> {
  const { rows } = await client.query<{ language: string }>(
    `select distinct s.language from incident_subscribers i join subscribers s using (subscriber_id)
     where i.incident_id = $1 and i.affected_to is null order by s.language`,
    [incidentId],
  );
  return rows.map((row) => row.language);
}

/** Desired against pushed; only the worker that pushes to a connector writes about it. */
export class PostgresFlagQueue implements FlagQueue {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async changes(connector: string, limit: number): Promise<FlagChange[]> {
    return (await query<FlagChange>(this.#pool, FLAG_CHANGES, [connector, limit])).rows;
  }

  async differences(connector: string, limit: number): Promise<FlagChange[]> {
    return (await query<FlagChange>(this.#pool, FLAG_DIFFERENCES, [connector, limit])).rows;
  }

  async pushed(connector: string, changes: readonly FlagChange[], cursor?: number): Promise<void> {
    const written = changes.filter((change) => change.flag !== null);
    const cleared = changes.filter((change) => change.flag === null);
    await withTransaction(this.#pool, async (client) => {
      if (cleared.length > 0) await client.query(FORGET_PUSHED, [connector, ...keysOf(cleared)]);
      if (written.length > 0) {
        const flags = written.map((change) => JSON.stringify(change.flag));
        await client.query(REMEMBER_PUSHED, [connector, ...keysOf(written), flags]);
      }
      if (cursor !== undefined) {
        await client.query(MOVE_CURSOR, [connector, cursor]);
        await client.query(PRUNE_CLEARED);
      }
    });
  }

  async adopt(
    connector: string,
    after: FlagKey | undefined,
    held: readonly AccountFlag[],
    isLast: boolean,
  ): Promise<void> {
    const end = isLast ? undefined : held.at(-1)?.flag;
    const flags = held.map(({ flag }) => flag);
    await withTransaction(this.#pool, async (client) => {
      await client.query(FORGET_RANGE, [
        connector,
        after?.subscriberId ?? 0,
        after?.incidentId ?? '',
        end?.subscriberId ?? null,
        end?.incidentId ?? null,
      ]);
      if (flags.length === 0) return;
      const bodies = flags.map((flag) => JSON.stringify(flag));
      await client.query(REMEMBER_PUSHED, [connector, ...keysOf(flags), bodies]);
    });
  }

  async lag(connector: string): Promise<{ pending: number; seconds: number }> {
    const { rows } = await query<{ pending: number; seconds: number }>(this.#pool, FLAG_LAG, [
      connector,
    ]);
    return rows[0] ?? { pending: 0, seconds: 0 };
  }
}

function keysOf(keys: readonly FlagKey[]): [number[], string[]] {
  return [keys.map((key) => key.subscriberId), keys.map((key) => key.incidentId)];
}
