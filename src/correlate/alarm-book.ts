import type { Alarm } from '../domain/alarm.js';
import type { ObjectType } from '../domain/ids.js';
import type { ResourceSpace } from './resource-space.js';
import type { CorrelationRules } from './rules.js';

export type ActiveSeverity = Exclude<Alarm['perceivedSeverity'], 'cleared'>;

/** An alarm that has been raised and not cleared. Times are epoch ms. */
export interface ActiveAlarm {
  readonly alarmId: string;
  readonly resource: number;
  readonly objectType: ObjectType | undefined;
  readonly alarmType: string | undefined;
  readonly severity: ActiveSeverity;
  readonly probableCause: string;
  readonly specificProblem: string | undefined;
  readonly serviceAffecting: boolean | undefined;
  /** first raise of this alarm; a change of severity does not move it */
  readonly raisedAtMs: number;
}

/** An alarm that ended. */
export interface ClearedAlarm {
  readonly alarm: ActiveAlarm;
  readonly clearedAtMs: number;
}

const NO_ALARMS: readonly ActiveAlarm[] = [];

function keyOf(resource: number, alarm: Alarm): string {
  const { alarmType, probableCause, specificProblem } = alarm;
  return JSON.stringify([resource, alarmType ?? null, probableCause, specificProblem ?? null]);
}

/**
 * What is wrong by the alarms, with X.733's semantics: a repeat or change of severity is the same
 * alarm, `cleared` clears by object, type, probable cause and, when it has one, specific problem,
 * or by the alarm's own id. An alarm type that either side leaves out matches any.
 */
export class AlarmBook {
  readonly #space: ResourceSpace;
  readonly #byResource = new Map<number, Map<string, ActiveAlarm>>();

  constructor(space: ResourceSpace) {
    this.#space = space;
  }

  /** Raises the alarm, or changes its severity. */
  raise(alarm: Alarm, atMs: number): void {
    const severity = alarm.perceivedSeverity;
    if (severity === 'cleared') return;
    const resource = this.#space.resolve(alarm.objectType, alarm.objectId);
    const key = keyOf(resource, alarm);
    const raised = this.#byResource.get(resource)?.get(key)?.raisedAtMs ?? atMs;
    this.put(
      {
        alarmId: alarm.alarmId,
        resource,
        objectType: alarm.objectType,
        alarmType: alarm.alarmType,
        severity,
        probableCause: alarm.probableCause,
        specificProblem: alarm.specificProblem,
        serviceAffecting: alarm.serviceAffecting,
        raisedAtMs: Math.min(raised, atMs),
      },
      key,
    );
  }

  /** @returns what the notification ended, in order of raising */
  clear(alarm: Alarm, atMs: number): ClearedAlarm[] {
    const resource = this.#space.resolve(alarm.objectType, alarm.objectId);
    const active = this.#byResource.get(resource);
    if (active === undefined) return [];
    const ended: ClearedAlarm[] = [];
    for (const [key, each] of active) {
      if (!matches(alarm, each)) continue;
      active.delete(key);
      ended.push({ alarm: each, clearedAtMs: Math.max(atMs, each.raisedAtMs) });
    }
    if (active.size === 0) this.#byResource.delete(resource);
    return ended;
  }

  /** Alarms of one resource, in order of first raise as told. */
  of(resource: number): readonly ActiveAlarm[] {
    const active = this.#byResource.get(resource);
    return active === undefined ? NO_ALARMS : [...active.values()];
  }

  /** Resources that have an active alarm. */
  resources(): IterableIterator<number> {
    return this.#byResource.keys();
  }

  /** Forgets all alarms of a resource, as if they had never been. */
  forget(resource: number): void {
    this.#byResource.delete(resource);
  }

  /** Puts an alarm back as it was; for restoring. */
  put(alarm: ActiveAlarm, key = storedKey(alarm)): void {
    let active = this.#byResource.get(alarm.resource);
    if (active === undefined) {
      active = new Map();
      this.#byResource.set(alarm.resource, active);
    }
    active.set(key, alarm);
  }
}

function storedKey(alarm: ActiveAlarm): string {
  const { resource, alarmType, probableCause, specificProblem } = alarm;
  return JSON.stringify([resource, alarmType ?? null, probableCause, specificProblem ?? null]);
}

function matches(clear: Alarm, active: ActiveAlarm): boolean {
  if (clear.alarmId === active.alarmId) return true;
  if (clear.probableCause !== active.probableCause) return false;
  const types = [clear.alarmType, active.alarmType];
  if (!types.includes(undefined) && types[0] !== types[1]) return false;
  return clear.specificProblem === undefined || clear.specificProblem === active.specificProblem;
}

/** Whether the alarm says that service is lost: critical or major, unless its source denies it. */
export function isServiceAffecting(alarm: ActiveAlarm): boolean {
  return (
    (alarm.severity === 'critical' || alarm.severity === 'major') &&
    alarm.serviceAffecting !== false
  );
}

/** Whether the alarm may open an incident by itself. */
export function opensAlone(alarm: ActiveAlarm, rules: CorrelationRules): boolean {
  if (alarm.severity !== 'critical' || !isServiceAffecting(alarm)) return false;
  return !rules.alarms.neverOpens.some((never) => {
    const low = never.toLowerCase();
    return (
      alarm.probableCause.toLowerCase() === low || alarm.specificProblem?.toLowerCase() === low
    );
  });
}

/** Evidence of an alarm in nats. */
export function alarmNats(alarm: ActiveAlarm, rules: CorrelationRules): number {
  const { nats } = rules.alarms;
  if (alarm.severity === 'critical') {
    if (!isServiceAffecting(alarm)) return nats.minor;
    return opensAlone(alarm, rules) ? nats.critical : Math.min(nats.major, nats.critical);
  }
  if (alarm.severity === 'major') return isServiceAffecting(alarm) ? nats.major : nats.minor;
  return nats[alarm.severity];
}
