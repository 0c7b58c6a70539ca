import type pg from 'pg';
import type { ImpactSummary } from '../../domain/customer.js';
import { contentId } from '../../domain/ids.js';
import type { Incident } from '../../domain/incident.js';
import type { PartnerNews } from '../../domain/partner-news.js';
import {
  decidePartnerNews,
  type PartnerWord,
  type ToldPartner,
} from '../../notify/partners/decide-news.js';
import {
  type AreaCount,
  type LineCount,
  linesOf,
  partnerAreas,
  partnerCounts,
} from '../../notify/partners/partner-counts.js';
import {
  channelsOf,
  type Partner,
  type PartnerRules,
  partnerRecipient,
} from '../../notify/partners/rules.js';
import {
  IS_DISMISSED,
  PARTNER_AREAS,
  PARTNER_COUNTS,
  PARTNER_NOTICES,
  SAVE_NOTICE,
  SAVE_NOTICE_DELIVERY,
} from './partner-sql.js';
import { readSwitches } from './switches.js';
import { VISITORS_BY_NETWORK } from './visitor-sql.js';

type StoredNews = Omit<PartnerNews, 'acknowledgeUrl' | 'deliveryId' | 'recipient'>;

interface NoticeRow {
  readonly noticeId: string;
  readonly partner: string;
  readonly revision: number;
  readonly told: ToldPartner;
  readonly news: StoredNews;
  readonly raisedAt: Date;
}

/** Of one partner in one incident. */
interface Customers {
  readonly lines: readonly LineCount[];
  readonly visitors: number;
}

interface Moment {
  readonly incident: Incident;
  readonly impact: ImpactSummary;
  readonly nowMs: number;
}

/** Decides in the deciding transaction what partners are told, and writes down what is to be delivered. */
export class PostgresPartnerDesk {
  readonly #rules: PartnerRules;
  readonly #isShadow: boolean;

  /** @param isShadow whether the policy decides everything and sends nothing */
  constructor(rules: PartnerRules, isShadow: boolean) {
    this.#rules = rules;
    this.#isShadow = isShadow;
  }

  /** Tells every partner whom the incident concerns and who does not know it yet. */
  async tell(
    client: pg.ClientBase,
    incident: Incident,
    impact: ImpactSummary,
    nowMs: number,
  ): Promise<void> {
    const { partners } = this.#rules;
    if (partners.length === 0) return;
    const notices = await client.query<NoticeRow>(PARTNER_NOTICES, [incident.lineageId]);
    const isOver = incident.state === 'resolved' || incident.state === 'closed';
    if (isOver && notices.rows.length === 0) return;
    const brands = [...new Set(partners.flatMap((partner) => partner.brands))];
    const counts = await client.query<LineCount>(PARTNER_COUNTS, [incident.id, brands]);
    const visitors = await this.#visitors(client, incident.id);
    for (const partner of partners) {
      const before = notices.rows.find((row) => row.partner === partner.name);
      const lines = counts.rows.filter(({ brand }) => partner.brands.includes(brand));
      const networks = partner.networks ?? [];
      const seen = networks.reduce((sum, network) => sum + (visitors.get(network) ?? 0), 0);
      const own = { lines, visitors: seen };
      await this.#tellOne(client, { partner, before, own }, { incident, impact, nowMs });
    }
  }

  /** By network, of those that are some partner's. */
  async #visitors(client: pg.ClientBase, incidentId: string): Promise<Map<string, number>> {
    const networks = this.#rules.partners.flatMap((partner) => partner.networks ?? []);
    if (networks.length === 0) return new Map();
    const { rows } = await client.query<{ network: string; visitors: number }>(
      VISITORS_BY_NETWORK,
      [incidentId, networks],
    );
    return new Map(rows.map(({ network, visitors }) => [network, visitors]));
  }

  async #tellOne(
    client: pg.ClientBase,
    { partner, before, own }: { partner: Partner; before: NoticeRow | undefined; own: Customers },
    { incident, impact, nowMs }: Moment,
  ): Promise<void> {
    const customers = linesOf(own.lines) + own.visitors;
    const now = {
      incident,
      customers,
      isEstimate: impact.isEstimate === true,
      isDismissed: await isDismissed(client, incident, before),
    };
    const word = decidePartnerNews(before?.told, now, partner, this.#rules.change, nowMs);
    if (word === undefined) return;
    const isLast = word.kind !== 'onset' && word.kind !== 'change';
    const about =
      isLast && before !== undefined
        ? { counts: before.news.counts, areas: before.news.areas }
        : await this.#count(client, incident, partner, own);
    const news = newsOf(partner, before, word, about, { incident, nowMs });
    const told: ToldPartner = {
      customers: isLast && before !== undefined ? before.told.customers : customers,
      severity: incident.severity,
      estimatedRepairAtMs: timeOf(incident.estimatedRepairAt),
      toldAtMs: nowMs,
      isOver: isLast,
    };
    await client.query(SAVE_NOTICE, [
      news.alertId,
      incident.lineageId,
      partner.name,
      incident.id,
      news.revision,
      JSON.stringify(told),
      JSON.stringify(news),
      before?.raisedAt ?? new Date(nowMs),
      isLast ? new Date(nowMs) : null,
    ]);
    await this.#deliver(client, partner, news);
  }

  async #count(
    client: pg.ClientBase,
    incident: Incident,
    partner: Partner,
    own: Customers,
  ): Promise<Pick<PartnerNews, 'counts' | 'areas'>> {
    const { fewestTold } = this.#rules;
    const cells = incident.cells.map(({ cellId }) => cellId);
    const { rows } = await client.query<AreaCount>(PARTNER_AREAS, [
      incident.id,
      cells,
      partner.brands,
    ]);
    return {
      counts: partnerCounts(own.lines, own.visitors, fewestTold),
      areas: partnerAreas(rows, fewestTold),
    };
  }

  async #deliver(client: pg.ClientBase, partner: Partner, news: StoredNews): Promise<void> {
    const isShadow = this.#isShadow || (await readSwitches(client)).isShadow;
    for (const channel of channelsOf(partner)) {
      const recipient = partnerRecipient(partner, channel);
      const { alertId, kind, revision } = news;
      const deliveryId = contentId('news', alertId, kind, revision, recipient);
      await client.query(SAVE_NOTICE_DELIVERY, [
        deliveryId,
        alertId,
        kind,
        revision,
        recipient,
        JSON.stringify({ ...news, deliveryId, recipient }),
        isShadow ? 'shadow' : 'pending',
        isShadow ? 'shadow mode: recorded, not sent' : null,
      ]);
    }
  }
}

/** Asked only where it makes a difference: somebody knows of an incident that is closed. */
async function isDismissed(
  client: pg.ClientBase,
  { id, state }: Incident,
  before: NoticeRow | undefined,
): Promise<boolean> {
  if (state !== 'closed' || before === undefined || before.told.isOver) return false;
  const { rows } = await client.query<{ isDismissed: boolean }>(IS_DISMISSED, [id]);
  return rows[0]?.isDismissed ?? false;
}

function newsOf(
  partner: Partner,
  before: NoticeRow | undefined,
  { kind, changes }: PartnerWord,
  about: Pick<PartnerNews, 'counts' | 'areas'>,
  { incident, nowMs }: Omit<Moment, 'impact'>,
): StoredNews {
  return {
    schemaVersion: 1,
    alertId: before?.noticeId ?? contentId('partner', incident.lineageId, partner.name),
    kind,
    revision: (before?.revision ?? 0) + 1,
    partner: partner.name,
    decidedAt: new Date(nowMs).toISOString(),
    changes: [...changes],
    incidentId: incident.id,
    goesOnAs: incident.mergedInto ?? null,
    state: incident.state,
    severity: incident.severity,
    startedAt: incident.startedAt,
    endedAt: incident.endedAt,
    estimatedRepairAt: incident.estimatedRepairAt,
    certainty: incident.certainty ?? null,
    causeKind: incident.cause.kind === 'unknown' ? null : incident.cause.kind,
    ...about,
  };
}

function timeOf(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
