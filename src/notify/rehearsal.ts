import type { Channel } from '../domain/customer.js';
import { TocsinError } from '../domain/errors.js';
import { chooseChannel } from './choose-channel.js';
import { type DispatchDecision, decideAtDispatch } from './decide-dispatch.js';
import type { DispatchFacts, DispatchReason } from './dispatch-facts.js';
import type { NotificationPolicy } from './policy.js';
import type { RenderedSms } from './text-facts.js';
import type { Texts } from './texts.js';

/** People of whom the same is known, so that the same is decided about each of them. */
export interface PeopleGroup {
  readonly facts: DispatchFacts;
  readonly people: number;
  /** higher leaves first; equal ones leave side by side */
  readonly priority: number;
  /** masked number of one of them; null when none has one */
  readonly sample: string | null;
}

/** Segments of other waves that wait for the same sender. */
export interface Backlog {
  readonly priority: number;
  readonly segments: number;
}

/** What a rehearsal stands on. Times are epoch ms, network time. */
export interface RehearsalFrame {
  readonly policy: NotificationPolicy;
  readonly texts: Texts;
  readonly nowMs: number;
  /** of network time; null: not known, so that everything leaves at once */
  readonly segmentsPerSecond: number | null;
  readonly backlog?: readonly Backlog[];
  /** channels that are set up; default SMS alone */
  readonly channels?: readonly Channel[];
  /** until when it would be worth sending if it were decided anew then; default: as the facts say */
  readonly validUntilMs?: (facts: DispatchFacts, nowMs: number) => number;
}

/** People who get the same text, and when the first and the last of them do. */
export interface Parcel {
  readonly group: PeopleGroup;
  readonly sms: RenderedSms;
  readonly people: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** People who get nothing, or nothing yet. */
export interface Remainder {
  readonly group: PeopleGroup;
  readonly reason: DispatchReason;
  readonly people: number;
}

/** What would come of a wave if nothing else happened. */
export interface Rehearsed {
  readonly parcels: readonly Parcel[];
  readonly suppressed: readonly Remainder[];
  /** wait for something that no clock brings */
  readonly waiting: readonly Remainder[];
  /** were kept back by quiet hours first, whatever came of them then */
  readonly quiet: readonly (Remainder & { readonly untilMs: number })[];
}

type Send = Extract<DispatchDecision, { action: 'send' }>;
/** Groups are by the channel that is to carry them. */
type Decided = Exclude<DispatchDecision, { action: 'reroute' }>;

/** A group on its way. */
interface Course {
  readonly group: PeopleGroup;
  left: number;
  wakeMs: number;
}

interface Ready {
  readonly course: Course;
  readonly segments: number;
}

/** How long a sender goes on before what still waits is decided about again. */
const SLICE_SECONDS = 60;
const OPEN_BOARD = { isKilled: false, isShadow: false } as const;
const SMS_ALONE: readonly Channel[] = ['sms'];

/** As `rehearse`, of several senders side by side: each channel has its own pace, budget and backlog. */
export function rehearseByChannel(
  groups: readonly PeopleGroup[],
  {
    paceOf,
    backlog,
    ...frame
  }: Omit<RehearsalFrame, 'segmentsPerSecond' | 'backlog'> & {
    readonly paceOf: (channel: Channel) => number | null;
    readonly backlog: readonly (Backlog & { readonly channel: Channel })[];
  },
): Rehearsed {
  const { policy, channels = SMS_ALONE } = frame;
  const routed = groups.map((group) => {
    const choice = chooseChannel(group.facts, policy, channels);
    const channel = choice.status === 'chosen' ? choice.channel : group.facts.channel;
    return { ...group, facts: { ...group.facts, channel } };
  });
  const runs = [...new Set(routed.map(({ facts }) => facts.channel))].map((channel) =>
    rehearse(
      routed.filter(({ facts }) => facts.channel === channel),
      {
        ...frame,
        segmentsPerSecond: paceOf(channel),
        backlog: backlog.filter((each) => each.channel === channel),
      },
    ),
  );
  return {
    parcels: runs.flatMap(({ parcels }) => parcels),
    suppressed: runs.flatMap(({ suppressed }) => suppressed),
    waiting: runs.flatMap(({ waiting }) => waiting),
    quiet: runs.flatMap(({ quiet }) => quiet),
  };
}

/**
 * Goes through the sending of a wave as `decideAtDispatch` has it: most urgent first, at the sender's
 * pace, each group decided about again when it could leave, budgets used up by those before. It is as
 * right as what is known now: nobody opts out, moves or is told of anything else meanwhile. Equals
 * share a sender's time in proportion, where the real order among them is by chance.
 */
export function rehearse(groups: readonly PeopleGroup[], frame: RehearsalFrame): Rehearsed {
  return new Rehearsal(groups, frame).run();
}

class Rehearsal {
  readonly #frame: RehearsalFrame;
  readonly #parcels = new Map<string, Parcel>();
  readonly #suppressed: Remainder[] = [];
  readonly #waiting: Remainder[] = [];
  readonly #quiet: (Remainder & { untilMs: number })[] = [];
  #courses: Course[];
  #backlog: Backlog[];
  #nowMs: number;
  #segments = 0;

  constructor(groups: readonly PeopleGroup[], frame: RehearsalFrame) {
    this.#frame = frame;
    this.#nowMs = frame.nowMs;
    this.#courses = groups.map((group) => ({
      group,
      left: group.people,
      wakeMs: frame.nowMs,
    }));
    this.#backlog = [...(frame.backlog ?? [])];
  }

  run(): Rehearsed {
    for (;;) {
      this.#courses = this.#courses.filter(({ left }) => left > 0);
      if (this.#courses.length === 0) break;
      const awake = this.#courses.filter(({ wakeMs }) => wakeMs <= this.#nowMs);
      if (awake.length === 0) this.#sleep();
      else this.#send(awake);
    }
    return {
      parcels: [...this.#parcels.values()],
      suppressed: this.#suppressed,
      waiting: this.#waiting,
      quiet: this.#quiet,
    };
  }

  /** Until the first wakes; what others had waiting has left by then. */
  #sleep(): void {
    this.#nowMs = Math.min(...this.#courses.map(({ wakeMs }) => wakeMs));
    this.#backlog = [];
  }

  /** One slice of the sender's time for the most urgent of those awake. */
  #send(awake: readonly Course[]): void {
    const top = Math.max(...awake.map(({ group }) => group.priority));
    const ready: Ready[] = [];
    for (const course of awake.filter(({ group }) => group.priority === top)) {
      const decision = this.#decide(course);
      if (decision) ready.push({ course, segments: decision.sms.size.segments });
    }
    if (ready.length === 0) return;
    const others = this.#backlog.filter(({ priority }) => priority >= top);
    const { segmentsPerSecond: pace } = this.#frame;
    const wanted = ready.reduce((sum, { course, segments }) => sum + course.left * segments, 0);
    const ahead = others.reduce((sum, { segments }) => sum + segments, 0);
    const fits = pace === null ? wanted + ahead : Math.max(1, pace * SLICE_SECONDS);
    const share = Math.min(1, fits / (wanted + ahead));
    const leaving = ready.map(({ course }) => Math.ceil(course.left * share));
    const segments = ready.reduce((sum, each, n) => sum + each.segments * (leaving[n] ?? 0), 0);
    const takesSeconds = pace === null ? 0 : (segments + ahead * share) / pace;
    const toMs = this.#nowMs + takesSeconds * 1000;
    ready.forEach(({ course }, n) => {
      this.#leave(course, leaving[n] ?? 0, toMs);
    });
    this.#backlog = this.#backlog.map((each) =>
      each.priority >= top ? { ...each, segments: each.segments * (1 - share) } : each,
    );
    this.#nowMs = toMs;
  }

  /** What is decided about the next of a group; undefined: it is not sent, or not yet. */
  #decide(course: Course): Send | undefined {
    const decision = this.#ask(course, 1);
    if (decision.action === 'send') return decision;
    const { reason } = decision;
    const rest = { group: course.group, reason, people: course.left };
    if (decision.action === 'hold' && reason === 'quietHours') {
      this.#quiet.push({ ...rest, untilMs: decision.untilMs });
      course.wakeMs = decision.untilMs;
      return undefined;
    }
    (decision.action === 'hold' ? this.#waiting : this.#suppressed).push(rest);
    course.left = 0;
    return undefined;
  }

  /** What is decided about the n-th of a group to leave from now on. @param nth from 1 */
  #ask({ group: { facts } }: Course, nth: number, perText = 0): Decided {
    const { policy, texts, validUntilMs, channels = SMS_ALONE } = this.#frame;
    const before = this.#segments + (nth - 1) * perText;
    const asked = {
      ...facts,
      ...(validUntilMs ? { validUntilMs: validUntilMs(facts, this.#nowMs) } : {}),
      segmentsOfIncident: facts.segmentsOfIncident + before,
      segmentsOfMonth: facts.segmentsOfMonth + before,
    };
    const board = { ...OPEN_BOARD, channels };
    const decision = decideAtDispatch(asked, board, policy, texts, this.#nowMs);
    if (decision.action !== 'reroute') return decision;
    throw new TocsinError(
      'internal',
      `a message of ${facts.channel} is due by ${decision.channel}`,
    );
  }

  /** Lets so many of a group leave, or as many as the budgets bear. */
  #leave(course: Course, quota: number, toMs: number): void {
    const first = this.#decide(course);
    if (!first) return;
    const { sms } = first;
    const { segments } = sms.size;
    const leaving = mostFor(quota, (count) => this.#ask(course, count, segments).action === 'send');
    this.#segments += leaving * segments;
    course.left -= leaving;
    this.#note({ group: course.group, sms, people: leaving, fromMs: this.#nowMs, toMs });
    if (leaving < quota) this.#decide(course);
  }

  #note(parcel: Parcel): void {
    const { group, sms, people } = parcel;
    const key = `${JSON.stringify(group.facts)}\n${sms.text}`;
    const before = this.#parcels.get(key);
    this.#parcels.set(
      key,
      before ? { ...parcel, people: before.people + people, fromMs: before.fromMs } : parcel,
    );
  }
}

/** The greatest count up to `most` for which it holds, which it does for 1. */
function mostFor(most: number, holds: (count: number) => boolean): number {
  if (holds(most)) return most;
  let [yes, no] = [1, most];
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
