import type pg from 'pg';
import { contentId } from '../../domain/ids.js';
import type { IntervalForecast } from '../../domain/interval-forecast.js';
import type { QueueSurge, SurgeAlert } from '../../domain/surge-alert.js';
import type { DeskRecipient } from '../../forecast/desk/config.js';
import type { SurgeDesk } from '../../forecast/desk/ports.js';
import type { DeskRules } from '../../forecast/desk/rules.js';
import { type AlertEvent, type OpenAlert, watchSurge } from '../../forecast/desk/surge-watch.js';

interface AlertRow {
  alert_id: string;
  raised_at: Date;
  revision: number;
  queues: string[];
  calm_since: Date | null;
  surges: QueueSurge[];
}

/** A storm has hundreds of incidents; the message names those that bring most calls. */
const MOST_INCIDENTS = 20;

/** $1 id, $2 raised, $3 revision, $4 queues, $5 calm since, $6 cleared, $7 surges, $8 incidents */
const SAVE = `
  insert into surge_alerts (alert_id, raised_at, revision, queues, calm_since, cleared_at, surges, incidents)
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (alert_id) do update set revision = excluded.revision, queues = excluded.queues,
    calm_since = excluded.calm_since, cleared_at = excluded.cleared_at, surges = excluded.surges,
    incidents = (select array_agg(distinct each order by each)
                 from unnest(surge_alerts.incidents || excluded.incidents) as each)`;

/** Keeps the open alert and the list of what is to be delivered, in the deciding transaction. */
export class PostgresSurgeDesk implements SurgeDesk<pg.ClientBase> {
  readonly #rules: DeskRules['surge'];
  readonly #recipients: readonly DeskRecipient[];

  constructor(rules: DeskRules, recipients: readonly DeskRecipient[]) {
    this.#rules = rules.surge;
    this.#recipients = recipients;
  }

  async watch(
    client: pg.ClientBase,
    intervals: readonly IntervalForecast[],
    nowMs: number,
  ): Promise<void> {
    const { rows } = await client.query<AlertRow>(
      `select alert_id, raised_at, revision, queues, calm_since, surges from surge_alerts
       where cleared_at is null`,
    );
    const open = rows[0];
    const verdict = watchSurge(open && asAlert(open), intervals, this.#rules, nowMs);
    const { alert, event } = verdict;
    if (alert === undefined) return;
    const surges = verdict.surges.length > 0 ? verdict.surges : (open?.surges ?? []);
    const incidents = verdict.incidents.slice(0, MOST_INCIDENTS);
    await client.query(SAVE, [
      alert.alertId,
      new Date(alert.raisedAtMs),
      alert.revision,
      alert.queues,
      alert.calmSinceMs === null ? null : new Date(alert.calmSinceMs),
      event?.kind === 'allClear' ? new Date(nowMs) : null,
      JSON.stringify(surges),
      incidents,
    ]);
    if (event) await this.#deliver(client, { alert, event, surges, incidents, nowMs });
  }

  async #deliver(client: pg.ClientBase, told: Told): Promise<void> {
    for (const { name, queues } of this.#recipients) {
      const concerns = (queue: string): boolean => queues === undefined || queues.includes(queue);
      if (!told.event.queues.some(concerns)) continue;
      const news = newsFor(told, name, concerns);
      await client.query(
        `insert into desk_deliveries (delivery_id, alert_id, kind, revision, recipient, news)
         values ($1, $2, $3, $4, $5, $6) on conflict (delivery_id) do nothing`,
        [news.deliveryId, news.alertId, news.kind, news.revision, name, JSON.stringify(news)],
      );
    }
  }
}

interface Told {
  readonly alert: OpenAlert;
  readonly event: AlertEvent;
  readonly surges: readonly QueueSurge[];
  readonly incidents: readonly string[];
  readonly nowMs: number;
}

function newsFor(
  { alert, event, surges, incidents, nowMs }: Told,
  recipient: string,
  concerns: (queue: string) => boolean,
): Omit<SurgeAlert, 'acknowledgeUrl'> {
  const { kind, revision } = event;
  const queues = surges.filter(({ queue }) => concerns(queue) && event.queues.includes(queue));
  const firstMs = Math.min(...queues.map(({ from }) => Date.parse(from)));
  const isOver = kind === 'allClear' || queues.length === 0;
  return {
    schemaVersion: 1,
    deliveryId: contentId('news', alert.alertId, kind, revision, recipient),
    alertId: alert.alertId,
    kind,
    revision,
    recipient,
    decidedAt: new Date(nowMs).toISOString(),
    raisedAt: new Date(alert.raisedAtMs).toISOString(),
    leadSeconds: isOver ? null : Math.max(0, Math.round((firstMs - nowMs) / 1000)),
    queues,
    incidents: [...incidents],
  };
}

function asAlert(row: AlertRow): OpenAlert {
  return {
    alertId: row.alert_id,
    raisedAtMs: row.raised_at.getTime(),
    revision: row.revision,
    queues: row.queues,
    calmSinceMs: row.calm_since?.getTime() ?? null,
  };
}
