import type { TSchema } from 'typebox';
import { Config } from '../../src/config.js';
import { CorrelationRules } from '../../src/correlate/rules.js';
import { CrmRules } from '../../src/crm/rules.js';
import { DetectionRules } from '../../src/detect/rules.js';
import { Alarm } from '../../src/domain/alarm.js';
import { CountInterval } from '../../src/domain/count-interval.js';
import { CrmFlag, Notification } from '../../src/domain/customer.js';
import { DryRun } from '../../src/domain/dry-run.js';
import { EffectReport, EffectStatement } from '../../src/domain/effect.js';
import { CallInterval, OperatorAct, Presence } from '../../src/domain/facts.js';
import { Feed } from '../../src/domain/feed.js';
import { ForecastMessage } from '../../src/domain/forecast-message.js';
import { Incident } from '../../src/domain/incident.js';
import { IntervalForecast } from '../../src/domain/interval-forecast.js';
import { KpiReport, KpiRules } from '../../src/domain/kpi.js';
import { PartnerNews } from '../../src/domain/partner-news.js';
import { SingleCall } from '../../src/domain/single-call.js';
import { SurgeAlert } from '../../src/domain/surge-alert.js';
import { Ticket } from '../../src/domain/ticket.js';
import { DeskRules } from '../../src/forecast/desk/rules.js';
import { ForecastRules } from '../../src/forecast/rules.js';
import { ImpactRules } from '../../src/impact/rules.js';
import { EffectRules } from '../../src/notify/effect/rules.js';
import { MessageFile } from '../../src/notify/message-file.js';
import { PartnerRules } from '../../src/notify/partners/rules.js';
import { NotificationPolicy } from '../../src/notify/policy.js';

/** A contract others build on. Raise `version` when old data or files would no longer fit. */
export interface Contract {
  readonly version: number;
  readonly title: string;
  readonly schema: TSchema;
}

/** Everything in `schemas/`, by file name. A new contract is a line here and a run of write-schemas. */
export const contracts: Readonly<Record<string, Contract>> = {
  'kpi-report': { version: 1, title: 'KPIs of one object for one period', schema: KpiReport },
  alarm: { version: 1, title: 'Alarm notification (X.733, TMF642)', schema: Alarm },
  presence: { version: 1, title: 'A subscriber seen at a cell', schema: Presence },
  'call-interval': { version: 1, title: 'Calls to a queue in an interval', schema: CallInterval },
  'single-call': { version: 1, title: 'One call to a queue', schema: SingleCall },
  'count-interval': {
    version: 1,
    title: 'What customers of an area did in an interval',
    schema: CountInterval,
  },
  ticket: { version: 1, title: 'What a trouble ticket says of a repair', schema: Ticket },
  'operator-act': { version: 1, title: 'What an operator did', schema: OperatorAct },
  incident: { version: 1, title: 'Incident', schema: Incident },
  notification: { version: 1, title: 'One text due to one person', schema: Notification },
  'dry-run': { version: 1, title: 'Who would be told what, before it is sent', schema: DryRun },
  'crm-flag': { version: 1, title: 'Incident flag of a CRM record', schema: CrmFlag },
  'interval-forecast': {
    version: 1,
    title: 'Calls forecast for a staffing interval',
    schema: IntervalForecast,
  },
  'forecast-message': {
    version: 1,
    title: 'A forecast of one queue as published to Kafka',
    schema: ForecastMessage,
  },
  'partner-news': { version: 1, title: 'News of an incident for a partner', schema: PartnerNews },
  'surge-alert': { version: 1, title: 'News of a surge of calls', schema: SurgeAlert },
  config: { version: 1, title: 'Configuration file of tocsin start', schema: Config },
  feed: { version: 1, title: 'Feed file, rules/feeds/*.yaml', schema: Feed },
  'kpi-rules': { version: 1, title: 'rules/kpis.yaml', schema: KpiRules },
  'detection-rules': { version: 1, title: 'rules/detection.yaml', schema: DetectionRules },
  'correlation-rules': { version: 1, title: 'rules/correlation.yaml', schema: CorrelationRules },
  'impact-rules': { version: 1, title: 'rules/impact.yaml', schema: ImpactRules },
  'forecast-rules': { version: 1, title: 'rules/forecast.yaml', schema: ForecastRules },
  'desk-rules': { version: 1, title: 'rules/desk.yaml', schema: DeskRules },
  'notification-policy': {
    version: 1,
    title: 'rules/notification.yaml',
    schema: NotificationPolicy,
  },
  'partner-rules': { version: 1, title: 'rules/partners.yaml', schema: PartnerRules },
  'effect-rules': { version: 1, title: 'rules/effect.yaml', schema: EffectRules },
  'effect-report': { version: 1, title: 'What telling people changes', schema: EffectReport },
  'effect-statement': { version: 1, title: 'Its worth in a month', schema: EffectStatement },
  'message-file': { version: 1, title: 'rules/messages/*.yaml', schema: MessageFile },
  'crm-rules': { version: 1, title: 'rules/crm.yaml', schema: CrmRules },
};

/** The file's text: JSON Schema draft-07, keys in the order they are declared. */
export function schemaText(name: string, { version, title, schema }: Contract): string {
  const { $id: _id, ...body } = schema as TSchema & { $id?: string };
  const document = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `urn:tocsin:schema:${name}:${version}`,
    $comment: `schemaVersion ${version}; generated by tests/contracts/write-schemas.ts`,
    title,
    ...body,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
