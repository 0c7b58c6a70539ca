import type pg from 'pg';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ApprovalQueue } from '../adapters/postgres/approval-queue.js';
import type { OtherPaces } from '../adapters/postgres/dry-run.js';
import { PostgresEffectStore } from '../adapters/postgres/effect-store.js';
import { PostgresGatewayInbox } from '../adapters/postgres/gateway-inbox.js';
import { readSwitches } from '../adapters/postgres/switches.js';
import { PostgresUnreportedMessages } from '../adapters/postgres/unreported-messages.js';
import { planWorks } from '../adapters/postgres/works-planner.js';
import type { CrmConfig } from '../config.js';
import type { Ticket } from '../domain/ticket.js';
import type { OnCallContact } from '../notify/approval.js';
import type { SmsGateway } from '../notify/ports.js';
import { ApprovalDesk } from '../runtime/approval-desk.js';
import type { ChannelWay } from '../runtime/channel-worker.js';
import { type Clock, wallClock } from '../runtime/clock.js';
import type { LiveEvent } from '../runtime/decisions/ports.js';
import { EffectWorker } from '../runtime/effect-worker.js';
import type { Health } from '../runtime/health.js';
import { Loop, type Turn } from '../runtime/loop.js';
import { OutboxWorker } from '../runtime/outbox-worker.js';
import { ReportAsker } from '../runtime/report-asker.js';
import { WaveExpander } from '../runtime/wave-expander.js';
import { CrmPush } from './crm.js';
import { DeskEffects, type DeskSetup } from './desk-effects.js';
import { outboxQueue } from './outbox.js';
import type { Rules } from './rules.js';

const WORKS_EVERY_MS = 60_000;

/** Who is on call, in the order they are asked, and where the dashboard is. */
export interface OnCallSetup {
  readonly contacts: readonly OnCallContact[];
  readonly publicUrl: string;
}

/** What is needed to act on the world outside. */
export interface EffectsOptions {
  readonly pool: pg.Pool;
  readonly rules: Rules;
  readonly phoneSecret: string;
  /** absent: shadow mode, nothing is sent */
  readonly gateway?: {
    readonly port: SmsGateway;
    readonly segmentsPerSecond: number;
    /** channels beside SMS; closed when this stops */
    readonly others?: readonly ChannelWay[];
  };
  /** channels beside SMS that are set up, with their pace; also in shadow mode */
  readonly otherPaces?: OtherPaces;
  /** absent: nobody is told of surges */
  readonly desk?: DeskSetup;
  /** who is asked to approve waves; absent: the dashboard alone asks */
  readonly onCall?: OnCallSetup;
  /** absent: flags are kept in a table of Tocsin's own database */
  readonly crm?: readonly CrmConfig[];
  /** takes what ticket systems say of repairs */
  readonly accept: (tickets: readonly Ticket[]) => Promise<void>;
  readonly network: Clock;
  readonly speed: number;
  readonly publish: (event: LiveEvent) => void;
  readonly isLeading: () => boolean;
  /** stops messages, in the audit log with the reason, until a person lets them go on */
  readonly pause: (why: string) => Promise<void>;
  readonly health: Health;
  readonly log: Logger;
  readonly metrics: Registry;
}

/** What reaches people outside: messages by the gateway, flags by the CRM connectors. */
export class Effects {
  readonly #options: EffectsOptions;
  readonly #outbox: OutboxWorker | WaveExpander;
  readonly #crm: CrmPush;
  readonly #reports: readonly ReportAsker[];
  readonly #desk: DeskEffects;
  readonly #effect: EffectWorker;
  readonly #approvals: ApprovalDesk;
  readonly #works: Loop;

  constructor(options: EffectsOptions) {
    this.#options = options;
    this.#outbox = outboxOf(options);
    const { pool, metrics } = options;
    this.#crm = new CrmPush({ ...options, registry: metrics });
    this.#reports = reportAskers(options);
    this.#desk = new DeskEffects(options);
    this.#effect = new EffectWorker({
      ...options,
      store: new PostgresEffectStore(pool),
      rules: options.rules.effect,
      isPaused: async () => (await readSwitches(pool)).isKilled,
    });
    this.#approvals = approvalDeskOf(options);
    this.#works = worksLoop(options);
  }

  start(): void {
    const { gateway, health } = this.#options;
    if (gateway === undefined) {
      health.set('gateway', 'up', 'shadow mode: no gateway is configured, nothing is sent');
    }
    this.#outbox.start();
    this.#crm.start();
    for (const each of this.#reports) each.start();
    this.#desk.start();
    this.#effect.start();
    this.#approvals.start();
    this.#works.start();
  }

  async stop(): Promise<void> {
    const own = [this.#outbox, this.#crm, ...this.#reports];
    const parts = [...own, this.#desk, this.#effect, this.#approvals, this.#works];
    await Promise.all(parts.map((each) => each.stop()));
    const { others = [] } = this.#options.gateway ?? {};
    await Promise.all(others.map(({ gateway }) => gateway.close()));
  }

  /** A gateway has said what became of a message. */
  receiptCame(): void {
    if (this.#outbox instanceof OutboxWorker) this.#outbox.received();
  }
}

/** Planned works become waves as their time comes. */
function worksLoop(options: EffectsOptions): Loop {
  const { pool, rules, network, isLeading, health, log } = options;
  const turn = async (): Promise<Turn> => {
    if (isLeading()) await planWorks(pool, rules.policy, network.now());
    return 'idle';
  };
  return new Loop({ name: 'planned works', idleMs: WORKS_EVERY_MS, turn, health, log });
}

function approvalDeskOf(options: EffectsOptions): ApprovalDesk {
  const { pool, rules, onCall, network, publish, health, log } = options;
  const { contacts, publicUrl } = onCall ?? { contacts: [], publicUrl: '' };
  const names = contacts.map(({ name }) => name);
  return new ApprovalDesk({
    approvals: new ApprovalQueue(pool, rules.policy, names),
    contacts,
    publicUrl,
    now: () => wallClock.now(),
    moved: (id) => publish({ type: 'messages', id, at: new Date(network.now()).toISOString() }),
    health,
    log,
  });
}

/** One for each gateway that can be asked. */
function reportAskers(options: EffectsOptions): ReportAsker[] {
  const { pool, phoneSecret, gateway } = options;
  if (gateway === undefined) return [];
  const sms = { channel: 'sms' as const, gateway: gateway.port };
  return [sms, ...(gateway.others ?? [])].map(
    ({ channel, gateway: asked }) =>
      new ReportAsker({
        ...options,
        channel,
        messages: new PostgresUnreportedMessages(pool, channel),
        gateway: asked,
        inbox: new PostgresGatewayInbox(pool, phoneSecret, { channel }),
      }),
  );
}

function outboxOf(options: EffectsOptions): OutboxWorker | WaveExpander {
  const { rules, gateway, network, speed, publish, health, log, metrics } = options;
  const queue = outboxQueue(options);
  if (gateway === undefined) return new WaveExpander({ queue, health, log, metrics });
  return new OutboxWorker({
    queue,
    gateway: gateway.port,
    policy: rules.policy,
    texts: rules.texts,
    network,
    speed,
    sender: { name: 'gateway', segmentsPerSecond: gateway.segmentsPerSecond },
    others: gateway.others ?? [],
    publish,
    health,
    log,
    metrics,
  });
}
