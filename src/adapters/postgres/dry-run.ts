import type pg from 'pg';
import type { Channel, ImpactSummary, NotificationKind } from '../../domain/customer.js';
import type { DryRun } from '../../domain/dry-run.js';
import { TocsinError } from '../../domain/errors.js';
import type { Incident } from '../../domain/incident.js';
import { maskNumber } from '../../domain/mask.js';
import { kindOf, validUntil, waveOf } from '../../notify/decide-wave.js';
import { isWorksDue, worksSubject, worksWave } from '../../notify/decide-works.js';
import { dryRunOf } from '../../notify/dry-run.js';
import type { NotificationPolicy } from '../../notify/policy.js';
import {
  type PeopleGroup,
  type RehearsalFrame,
  rehearseByChannel,
} from '../../notify/rehearsal.js';
import type { Texts } from '../../notify/texts.js';
import { BACKLOG, CAST, groupsStatement, SPENT } from './dry-run-sql.js';
import { dueMessage } from './outbox-rows.js';
import { readSwitches } from './switches.js';
import {
  incidentTried,
  storedWave,
  type TriedWave,
  whyNotWorks,
  worksTried,
} from './tried-wave.js';
import { type ExpansionOptions, whomOf } from './wave-expansion.js';
import { PostgresWaveStore } from './wave-store.js';
import { announced, peopleOf, type WorkRow } from './works-planner.js';

/** How fast channels beside SMS are, in messages a second; those that are set up. */
export type OtherPaces = Partial<Readonly<Record<Channel, number>>>;

/** What dry runs stand on: the same as the waves, and the sender's pace. */
export interface DryRunOptions extends ExpansionOptions {
  readonly texts: Texts;
  /** of wall time; null: no gateway is configured */
  readonly segmentsPerSecond: number | null;
  /** messages a second of channels beside SMS, of wall time */
  readonly otherPaces?: OtherPaces;
  /** how much faster than wall time network time runs */
  readonly speed: number;
}

interface GroupRow {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly people: number;
  readonly sample: string | null;
}

/** More people than any operator has. */
const EVERYBODY = 2_147_483_647;
const TIMES = [
  'validUntil',
  'startedAt',
  'endedAt',
  'estimatedRepairAt',
  'decidedEstimateAt',
  'lastSaid',
] as const;

/**
 * Tries out what an incident's people would be told: the statements that find them and the decisions
 * about them are those of the real thing, only nothing is written.
 */
export class PostgresDryRun {
  readonly #options: DryRunOptions;
  readonly #policy: NotificationPolicy;
  readonly #waves: PostgresWaveStore;

  constructor(options: DryRunOptions) {
    // what shadow mode keeps back is just what is asked for
    this.#policy = { ...options.policy, shadow: false };
    this.#options = { ...options, policy: this.#policy };
    this.#waves = new PostgresWaveStore(options);
  }

  /**
   * @param kind default: what its people could be told as it is
   * @param nowMs network time
   */
  async ofIncident(
    client: pg.ClientBase,
    { incident, impact }: { readonly incident: Incident; readonly impact: ImpactSummary },
    nowMs: number,
    kind: NotificationKind = kindOf(incident, this.#policy, nowMs),
  ): Promise<DryRun> {
    if (kind === 'works') {
      throw new TocsinError('input.payload', 'kind was works, allowed of an incident: all others');
    }
    const wave =
      (await storedWave(client, incident.id, kind)) ??
      (await this.#wouldBe(client, { incident, impact, kind }, nowMs));
    return this.#try(client, wave, nowMs, {
      isPassing: incident.endedAt === null,
      validUntilMs: (facts, atMs) =>
        kind === 'onset' || kind === 'overrun'
          ? validUntil(incident, kind, this.#policy, atMs)
          : facts.validUntilMs,
    });
  }

  /** Of planned works, whether or not it is time to tell of them. */
  async ofWorks(client: pg.ClientBase, row: WorkRow, nowMs: number): Promise<DryRun> {
    const works = announced(row);
    const subject = worksSubject(row.workId);
    const people = await peopleOf(client, row.resourceId);
    const { isShadow } = await readSwitches(client);
    const wouldBe = worksWave(works, this.#options.policy, nowMs, { people, isShadow });
    const stored = await storedWave(client, subject, 'works');
    const isCurrent = stored?.waveId === wouldBe.waveId;
    const wave =
      stored && isCurrent
        ? stored
        : await worksTried(client, row, { wave: wouldBe, people, revision: stored?.revision ?? 0 });
    const isDue = isCurrent || isWorksDue(works, this.#policy, nowMs);
    const shown = isDue
      ? wave
      : { ...wave, state: 'notDue' as const, reason: whyNotWorks(works, nowMs) };
    return this.#try(client, shown, nowMs, { isPassing: false });
  }

  /** The wave as it would be decided now, or as it would be if the policy called for it. */
  async #wouldBe(
    client: pg.ClientBase,
    about: { incident: Incident; impact: ImpactSummary; kind: Exclude<NotificationKind, 'works'> },
    nowMs: number,
  ): Promise<TriedWave> {
    const { incident, impact, kind } = about;
    const verdict =
      kind === 'update'
        ? await this.#waves.judgeUpdate(client, incident, impact, nowMs)
        : await this.#waves.judge(client, incident, impact, nowMs);
    const isDue = verdict.status === 'due' && verdict.kind === kind;
    const wave = isDue ? verdict : waveOf(incident, kind, this.#policy, nowMs);
    return incidentTried(client, about, { wave, verdict, nowMs });
  }

  async #try(
    client: pg.ClientBase,
    wave: TriedWave,
    nowMs: number,
    frame: Pick<RehearsalFrame, 'validUntilMs'> & { readonly isPassing: boolean },
  ): Promise<DryRun> {
    const { groups, refused } = await this.#people(client, wave);
    const { texts, speed } = this.#options;
    const wallPace = this.#options.segmentsPerSecond;
    const segmentsPerSecond = wallPace === null ? null : wallPace / speed;
    const { channels = ['sms'], otherPaces = {} } = this.#options;
    const paceOf = (channel: Channel): number | null =>
      channel === 'sms' ? segmentsPerSecond : (otherPaces[channel] ?? 0) / speed || null;
    const backlog = await this.#backlog(client, wave);
    const rehearsed = rehearseByChannel(groups, {
      ...frame,
      policy: this.#policy,
      texts,
      nowMs,
      channels,
      paceOf,
      backlog,
    });
    const already = await client.query<DryRun['already'][number]>(CAST, [wave.waveId]);
    const spent = await client.query<{ incident: number; month: number }>(SPENT, [wave.lineageId]);
    return dryRunOf(
      rehearsed,
      {
        incidentId: wave.incidentId,
        kind: wave.kind,
        wave: pick(wave),
        assumes: assumptions(wave.state, rehearsed.quiet.length > 0 && frame.isPassing),
        segmentsPerSecond,
        already: already.rows,
        nowMs,
        refused,
        spent: spent.rows[0] ?? { incident: 0, month: 0 },
      },
      this.#policy,
    );
  }

  async #people(
    client: pg.ClientBase,
    wave: TriedWave,
  ): Promise<{ groups: PeopleGroup[]; refused: Record<string, number> }> {
    const state = wave.state === 'cancelled' ? 'cancelled' : 'expanding';
    const { sql, values } = await whomOf(client, { ...wave, expandedTo: 0 }, this.#options, {
      limit: EVERYBODY,
      own: [JSON.stringify({ ...wave.doc, state }), this.#thresholds()],
    });
    const { rows } = await client.query<{
      groups: GroupRow[];
      controls: number;
      refused: Record<string, number>;
    }>(groupsStatement(sql), values);
    const { groups = [], controls = 0, refused = {} } = rows[0] ?? {};
    return {
      groups: groups.map((row) => groupOf(row, this.#policy)),
      refused: addUp(before(wave.doc), refused, { controlGroup: controls }),
    };
  }

  /** All probabilities that decide anything, the common one first. */
  #thresholds(): number[] {
    const { minProbability, rules } = this.#policy.people;
    return [minProbability, ...rules.flatMap((rule) => rule.minProbability ?? [])];
  }

  async #backlog(client: pg.ClientBase, { waveId }: TriedWave) {
    const { rows } = await client.query<{
      channel: Channel;
      priority: number;
      kind: NotificationKind;
      language: string;
      messages: number;
    }>(BACKLOG, [waveId]);
    const { texts } = this.#options;
    return rows.map(({ channel, priority, kind, language, messages }) => ({
      channel,
      priority,
      segments: messages * (channel === 'sms' ? texts.segmentsOf(kind, language) : 1),
    }));
  }
}

function pick({ state, reason, isDecided, people }: TriedWave): DryRun['wave'] {
  return { state, reason, isDecided, people };
}

/** What must come true for people to be told as the dry run says. */
function assumptions(state: DryRun['wave']['state'], isPostponed: boolean): string[] {
  const BY_STATE: Partial<Record<typeof state, string>> = {
    awaitingApproval: 'somebody approves it now',
    held: 'somebody lets it go now',
    shadow: 'shadow mode is switched off',
    notDue: 'the policy calls for it',
  };
  const own = BY_STATE[state];
  return [
    ...(own === undefined ? [] : [own]),
    'messages are not stopped',
    'nobody else is affected, opts out or is told of something else meanwhile',
    ...(isPostponed ? ['the incident goes on as it is until quiet hours end'] : []),
  ];
}

function groupOf({ facts, people, sample }: GroupRow, policy: NotificationPolicy): PeopleGroup {
  const row = { ...facts, to: facts.isNumbered === true ? sample : null } as Record<
    string,
    unknown
  >;
  for (const name of TIMES) {
    const at = row[name];
    row[name] = typeof at === 'string' ? new Date(at) : null;
  }
  const message = dueMessage(row as unknown as Parameters<typeof dueMessage>[0], policy);
  // a silenced incident's texts wait like those of a wave that is held
  const { waveState } = message.facts;
  return {
    facts: { ...message.facts, waveState: waveState === 'held' ? 'expanding' : waveState },
    people,
    priority: message.row.urgency,
    sample: sample === null ? null : maskNumber(sample),
  };
}

/** Who of a wave that was written got no message. */
function before({ counts }: TriedWave['doc']): Record<string, number> {
  const {
    people: _people,
    messages: _messages,
    ...refused
  } = (counts ?? {}) as Record<string, number>;
  return refused;
}

function addUp(...all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of all) {
    for (const [reason, count] of Object.entries(each)) sums[reason] = (sums[reason] ?? 0) + count;
  }
  return sums;
}
