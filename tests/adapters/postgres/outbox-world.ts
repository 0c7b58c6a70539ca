import type pg from 'pg';
import { PostgresFlagStore } from '../../../src/adapters/postgres/crm-store.js';
import { PostgresGatewayInbox } from '../../../src/adapters/postgres/gateway-inbox.js';
import {
  type ImpactSizes,
  PostgresImpactStore,
} from '../../../src/adapters/postgres/impact-store.js';
import { PostgresOutboxQueue } from '../../../src/adapters/postgres/outbox-queue.js';
import { withTransaction } from '../../../src/adapters/postgres/pool.js';
import type { AssignControl } from '../../../src/adapters/postgres/wave-expansion.js';
import { PostgresWaveStore } from '../../../src/adapters/postgres/wave-store.js';
import type { Incident } from '../../../src/domain/incident.js';
import { decideAtDispatch } from '../../../src/notify/decide-dispatch.js';
import type { NotificationPolicy } from '../../../src/notify/policy.js';
import type { ClaimedSms, HandOverResult, SendResult } from '../../../src/notify/ports.js';
import {
  crmRules,
  impactRules,
  policy as openPolicy,
  SECRET,
  saveIncident,
  T0,
  texts,
} from '../../services/customers.js';

/** Everything between an incident and the gateway, on one database. */
export class OutboxWorld {
  readonly pool: pg.Pool;
  readonly policy: NotificationPolicy;
  readonly impact: PostgresImpactStore;
  readonly flags = new PostgresFlagStore(crmRules, texts);
  readonly waves: PostgresWaveStore;
  readonly queue: PostgresOutboxQueue;
  readonly inbox: PostgresGatewayInbox;

  constructor(
    pool: pg.Pool,
    policy: NotificationPolicy = openPolicy,
    chunk = 10_000,
    sizes?: ImpactSizes,
    assign?: AssignControl,
  ) {
    this.impact = new PostgresImpactStore(impactRules, sizes);
    this.pool = pool;
    this.policy = policy;
    this.waves = new PostgresWaveStore({ policy, chunk, ...(assign ? { assign } : {}) });
    this.queue = new PostgresOutboxQueue(pool, this.waves, policy);
    this.inbox = new PostgresGatewayInbox(pool, SECRET, { words: texts.replies });
  }

  /** What the leader does in one transaction. @returns why there was no wave, or its state */
  async decide(incident: Incident, nowMs = T0): Promise<string> {
    return withTransaction(this.pool, async (client) => {
      await saveIncident(client, incident);
      const impact = await this.impact.map(client, incident, nowMs);
      const verdict = await this.waves.planMessages(client, incident, impact, nowMs);
      await this.flags.refresh(client, incident, nowMs);
      return verdict.status === 'due' ? verdict.state : verdict.reason;
    });
  }

  async expandAll(): Promise<void> {
    while (await this.queue.expand());
  }

  handOver(nowMs = T0, maxMessages = 100): Promise<HandOverResult> {
    return this.queue.handOver({
      maxMessages,
      sender: { name: 'test', segmentsPerSecond: 100_000 },
      settleAfterMs: 60_000,
      nowMs,
      speed: 1,
      decide: (facts, board) => decideAtDispatch(facts, board, this.policy, texts, nowMs),
    });
  }

  /** Hands over all that is due and records one result for each. */
  async sendAll(
    nowMs = T0,
    answer: (sms: ClaimedSms) => SendResult = accepted,
  ): Promise<ClaimedSms[]> {
    await this.queue.wake();
    await this.expandAll();
    const sent: ClaimedSms[] = [];
    for (;;) {
      const { messages, suppressed, held, rerouted } = await this.handOver(nowMs);
      const results = messages.map((sms) => ({
        messageId: sms.messageId,
        attempt: sms.attempt,
        result: answer(sms),
        retryInMs: 0,
      }));
      await this.queue.record(results);
      sent.push(...messages);
      const decided = [...Object.keys(suppressed), ...Object.keys(held)].length;
      if (messages.length + decided + rerouted === 0) return sent;
    }
  }

  /** As if time had passed on the wall: leases run out, waiting ends. */
  async wallTimePasses(): Promise<void> {
    await this.pool.query(
      `update outbox set lease_until = lease_until - interval '1 day',
         not_before = not_before - interval '1 day'`,
    );
  }

  /** Number of messages by kind, state and reason. */
  async states(): Promise<Record<string, number>> {
    const { rows } = await this.pool.query<{ key: string; count: number }>(
      `select concat_ws(' ', kind, state, reason) as key, count(*)::int as count
       from outbox group by 1 order by 1`,
    );
    return Object.fromEntries(rows.map((row) => [row.key, row.count]));
  }

  async reset(): Promise<void> {
    await this.pool.query(
      `truncate subscribers, subscriber_identifiers, usual_cells, last_seen, opt_outs, incidents,
         incident_subscribers, incident_cells, cell_incidents, telemetry_gaps, links, erasures, agent_answers, impact_counts, impact_state, impact_history, outbox, waves, wave_orders, lineage_merges,
         delivery_receipts, control_group, sms_senders, sms_spend, help_answers, works, settings, audit_log, crm_desired, crm_cleared, crm_pushed, crm_cursors,
         crm_customer_flags`,
    );
  }
}

/** The gateway takes it, under an id that tells the message. */
export function accepted(sms: ClaimedSms): SendResult {
  return { status: 'accepted', gatewayId: `SM${sms.messageId}` };
}
