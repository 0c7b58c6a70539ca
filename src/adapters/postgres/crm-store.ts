import type pg from 'pg';
import { flagValidUntil, flagVariants, isFlagged } from '../../crm/due-flags.js';
import {
  type AccountFlag,
  type FlagChange,
  type FlagKey,
  type FlagLag,
  type FlagMapper,
  type FlagQueue,
  type FlagTexts,
  flagName,
  type PushNotes,
} from '../../crm/ports.js';
import type { CrmRules } from '../../crm/rules.js';
import type { Incident } from '../../domain/incident.js';
import { repairBandMs } from '../../domain/repair.js';
import {
  CLEAR_FLAGS,
  FLAG_CHANGES,
  FLAG_DIFFERENCES,
  FLAG_LAG,
  FORGET_CONNECTORS,
  FORGET_PUSHED,
  FORGET_RANGE,
  LEAVE_FLAGS,
  MOVE_CURSOR,
  PRUNE_CLEARED,
  REFRESH_FLAGS,
  REMEMBER_PUSHED,
} from './crm-sql.js';
import { LAST_ID } from './impact-state.js';
import { type IncidentPlace, placeOf } from './incident-place.js';
import { query, withTransaction } from './pool.js';

const INLINE_PEOPLE = 20_000;

/** Desired flags, written in the incident's own transaction or, when they are many, in steps. */
export class PostgresFlagStore implements FlagMapper<pg.ClientBase> {
  readonly #rules: CrmRules;
  readonly #texts: FlagTexts;
  readonly #inlinePeople: number;

  /** @param inlinePeople of a list up to this long flags are written at once, else left to the worker */
  constructor(rules: CrmRules, texts: FlagTexts, inlinePeople = INLINE_PEOPLE) {
    this.#rules = rules;
    this.#texts = texts;
    this.#inlinePeople = inlinePeople;
  }

  async refresh(client: pg.ClientBase, incident: Incident, nowMs: number): Promise<void> {
    const { rowCount } = await client.query(LEAVE_FLAGS, [
      incident.id,
      this.#inlinePeople,
      isFlagged(incident),
    ]);
    if (rowCount === 0) await this.refreshRange(client, incident, nowMs, { from: 0, to: LAST_ID });
  }

  /** As `refresh`, of people with an id above `from` up to `to`. */
  async refreshRange(
    client: pg.ClientBase,
    incident: Incident,
    nowMs: number,
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<void> {
    if (!isFlagged(incident)) {
      await client.query(CLEAR_FLAGS, [incident.id, from, to]);
      return;
    }
    const place = await placeOf(client, incident.sites);
    const languages = await languagesOf(client);
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
      from,
      to,
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

async function languagesOf(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ language: string }>(
    'select distinct language from subscriber_classes order by language',
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

  async forgetOthers(connectors: readonly string[]): Promise<string[]> {
    const { rows } = await query<{ connector: string }>(this.#pool, FORGET_CONNECTORS, [
      connectors,
    ]);
    return rows.map(({ connector }) => connector);
  }

  async pushed(
    connector: string,
    changes: readonly FlagChange[],
    { cursor, refused = new Map() }: PushNotes = {},
  ): Promise<void> {
    const written = changes.filter((change) => change.flag !== null);
    const cleared = changes.filter((change) => change.flag === null);
    await withTransaction(this.#pool, async (client) => {
      if (cleared.length > 0) await client.query(FORGET_PUSHED, [connector, ...keysOf(cleared)]);
      if (written.length > 0) {
        const flags = written.map((change) => JSON.stringify(change.flag));
        const reasons = written.map((change) => refused.get(flagName(change)) ?? null);
        await client.query(REMEMBER_PUSHED, [connector, ...keysOf(written), flags, reasons]);
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
      const none = flags.map(() => null);
      await client.query(REMEMBER_PUSHED, [connector, ...keysOf(flags), bodies, none]);
    });
  }

  async lag(connector: string): Promise<FlagLag> {
    const { rows } = await query<FlagLag>(this.#pool, FLAG_LAG, [connector]);
    return rows[0] ?? { pending: 0, seconds: 0, refused: 0 };
  }
}

function keysOf(keys: readonly FlagKey[]): [number[], string[]] {
  return [keys.map((key) => key.subscriberId), keys.map((key) => key.incidentId)];
}
