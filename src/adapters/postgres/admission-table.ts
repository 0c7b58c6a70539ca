import type pg from 'pg';
import type { NotificationKind, SubscriptionKind } from '../../domain/customer.js';
import { type AdmissionContext, admit } from '../../notify/admission.js';
import { isManaged } from '../../notify/managed.js';
import type { NotificationPolicy } from '../../notify/policy.js';

interface ClassRow {
  class: number;
  kind: SubscriptionKind;
  segment: string;
  language: string;
  vulnerable: boolean;
}

/** What the policy says of each class of people in each situation, as columns for SQL. */
export type AdmissionTable = readonly [
  classes: number[],
  services: string[],
  reachable: boolean[],
  least: number[],
  priorities: number[],
  refusals: (string | null)[],
];

/** Classes of lines whose account's manager is told in place of them. */
export async function managedClasses(
  client: pg.ClientBase | pg.Pool,
  policy: NotificationPolicy,
): Promise<number[]> {
  const { rows } = await client.query<Pick<ClassRow, 'class' | 'kind' | 'segment'>>(
    'select class, kind, segment from subscriber_classes',
  );
  return rows.filter((line) => isManaged(line, policy)).map((line) => line.class);
}

/** Works out who of the classes there are is told, as the pure policy has it. */
export async function admissionTable(
  client: pg.ClientBase | pg.Pool,
  kind: NotificationKind,
  policy: NotificationPolicy,
  context: AdmissionContext,
): Promise<AdmissionTable> {
  const { rows } = await client.query<ClassRow>(
    'select class, kind, segment, language, vulnerable from subscriber_classes',
  );
  const table: AdmissionTable = [[], [], [], [], [], []];
  const [classes, services, reachable, least, priorities, refusals] = table;
  for (const { class: no, ...person } of rows) {
    for (const service of ['none', 'degraded'] as const) {
      for (const isReachable of [true, false]) {
        const admission = admit({ ...person, service, isReachable }, kind, policy, context);
        const isAdmitted = admission.status === 'admitted';
        classes.push(no);
        services.push(service);
        reachable.push(isReachable);
        least.push(isAdmitted ? admission.minProbability : 0);
        priorities.push(isAdmitted ? admission.priority : 0);
        refusals.push(isAdmitted ? null : admission.reason);
      }
    }
  }
  return table;
}
