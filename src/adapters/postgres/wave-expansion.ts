import type pg from 'pg';
import type { Channel, NotificationKind } from '../../domain/customer.js';
import { TocsinError } from '../../domain/errors.js';
import type { AdmissionContext } from '../../notify/admission.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import { admissionTable, managedClasses } from './admission-table.js';
import { channelTable } from './channel-table.js';
import { expandStatement, WHOM_OUTAGE, WHOM_TOLD, WHOM_WORKS } from './expansion-sql.js';
import { phoneKey } from './phone-key.js';
import { EXPANSION_END, EXPANSION_STEP, TAKE_WAVE } from './wave-sql.js';

/** A wave that is being turned into messages. */
export interface DueWave {
  readonly waveId: string;
  readonly incidentId: string;
  readonly lineageId: string;
  readonly kind: NotificationKind;
  readonly revision: number;
  readonly state: string;
  readonly resourceId: string | null;
  readonly expandedTo: number;
  readonly coveredAt: Date | number;
  readonly expandingAt: Date | null;
}

/**
 * Chooses who is deliberately not told, before a chunk of people becomes messages: it writes them to
 * `control_group` under the wave's lineage, in the transaction given. Asked again about the same
 * people it must choose the same ones.
 */
export type AssignControl = (
  client: pg.ClientBase,
  wave: DueWave,
  people: { readonly after: number; readonly limit: number },
) => Promise<void>;

/** What turning waves into messages stands on. */
export interface ExpansionOptions {
  readonly policy: NotificationPolicy;
  /** whether whereabouts are known from more than people's word; default false */
  readonly usesLocation?: boolean;
  /** segments of a text by kind and language; default one */
  readonly segmentsOf?: AdmissionContext['segmentsOf'];
  /** keys the numbers of a roll-out; needed when it names any */
  readonly phoneSecret?: string;
  /** channels that are set up; default SMS alone */
  readonly channels?: readonly Channel[];
  /** people per transaction, at most 10,000 */
  readonly chunk?: number;
  readonly assign?: AssignControl;
}

interface Chunk {
  seen: number;
  last: number | null;
  people: number;
  written: number;
  refused: Record<string, number>;
}

const CHUNK = 10_000;

/** Turns waves into messages, a chunk of people in each transaction; repeating one changes nothing. */
export class WaveExpansion {
  readonly #options: ExpansionOptions;
  readonly #chunk: number;

  /** @throws TocsinError `input.rules` for a roll-out to numbers without a secret to key them by */
  constructor(options: ExpansionOptions) {
    this.#options = options;
    this.#chunk = Math.min(CHUNK, options.chunk ?? CHUNK);
    onlyNumbers(options);
  }

  /** Expands the next chunk of the wave that waits longest. @returns whether there was one */
  async expand(client: pg.PoolClient): Promise<boolean> {
    const { rows } = await client.query<DueWave>(TAKE_WAVE);
    const wave = rows[0];
    if (!wave) return false;
    await this.#options.assign?.(client, wave, { after: wave.expandedTo, limit: this.#chunk });
    const { seen, last, people, written, refused } = await this.#insert(client, wave);
    const counts = { ...refused, people, messages: written };
    await client.query(EXPANSION_STEP, [
      wave.waveId,
      last ?? wave.expandedTo,
      wave.expandingAt,
      JSON.stringify(counts),
    ]);
    if (seen < this.#chunk) await client.query(EXPANSION_END, [wave.waveId, wave.expandingAt]);
    return true;
  }

  async #insert(client: pg.PoolClient, wave: DueWave): Promise<Chunk> {
    const isShadow = wave.state === 'shadow';
    const { sql, values } = await whomOf(client, wave, this.#options, {
      limit: this.#chunk,
      own: [isShadow ? 'suppressed' : 'pending', isShadow ? 'shadow' : null],
    });
    const { rows } = await client.query<Chunk>(expandStatement(sql), values);
    return chunkOf(rows);
  }
}

/** What decides to whom a wave is. */
export type WhomWave = Pick<
  DueWave,
  | 'waveId'
  | 'incidentId'
  | 'lineageId'
  | 'kind'
  | 'revision'
  | 'resourceId'
  | 'expandedTo'
  | 'coveredAt'
>;

/**
 * To whom a wave is, beginning after `expandedTo`: a statement down to the numbers `n`, with its
 * values.
 * @param asked most people it looks at, and what the caller's continuation has as $8 and $9
 */
export async function whomOf(
  client: pg.ClientBase,
  wave: WhomWave,
  options: ExpansionOptions,
  { limit, own }: { readonly limit: number; readonly own: readonly [unknown, unknown] },
): Promise<{ sql: string; values: unknown[] }> {
  const { waveId, incidentId, lineageId, kind, revision, expandedTo } = wave;
  const common = [incidentId, expandedTo, limit, waveId, lineageId, kind, revision, ...own];
  const { policy, channels = ['sms'] } = options;
  const ways = channelTable(kind, policy, channels);
  if (kind === 'restored' || kind === 'update') {
    return { sql: WHOM_TOLD, values: [...common, ...ways] };
  }
  const { usesLocation = false, segmentsOf = () => 1 } = options;
  const isWorks = kind === 'works';
  const mappedAfter = wave.coveredAt instanceof Date ? wave.coveredAt : '-infinity';
  const values = [
    ...common,
    isWorks ? wave.resourceId : mappedAfter,
    ...(await admissionTable(client, kind, policy, { usesLocation, segmentsOf })),
    policy.rollout.percent / 100,
    onlyNumbers(options),
    ...ways,
    await managedClasses(client, policy),
  ];
  return { sql: isWorks ? WHOM_WORKS : WHOM_OUTAGE, values };
}

/** @throws TocsinError `unavailable.postgres` when a class of people came into being in between */
function chunkOf([chunk]: readonly Chunk[]): Chunk {
  if (!chunk) return { seen: 0, last: null, people: 0, written: 0, refused: {} };
  if ((chunk.refused.unclassified ?? 0) > 0) {
    throw new TocsinError('unavailable.postgres', 'people changed while a wave was written');
  }
  return chunk;
}

function onlyNumbers({ policy, phoneSecret }: ExpansionOptions): Buffer[] | null {
  const { numbers } = policy.rollout;
  if (numbers === null) return null;
  if (phoneSecret === undefined) {
    throw new TocsinError('input.rules', 'rollout.numbers needs the secret that keys numbers');
  }
  return numbers.map((number) => phoneKey(phoneSecret, number));
}
