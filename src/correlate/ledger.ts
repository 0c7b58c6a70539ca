import { contentId } from '../domain/ids.js';
import type { Incident, IncidentChange, IncidentEvent } from '../domain/incident.js';
import type { PastIncident } from '../domain/past-incident.js';
import { meant } from './acts.js';
import { onsetOf } from './cells.js';
import { causeWords, clock } from './describe.js';
import { type Episode, isAlive, isRunning, newEpisode, note } from './episode.js';
import { type Explained, explainWorld } from './explain-world.js';
import type { Findings } from './findings.js';
import { AlarmHold } from './hold.js';
import { type Identities, identify } from './identity.js';
import { calmDown, goOn, type Moment, merge, nextTurn } from './life.js';
import { importedPast, pastOf, reviewRepairs } from './outlook.js';
import { renderIncident } from './render.js';
import type { RepairFitter } from './repair/ports.js';
import { RepairBook } from './repair/repair-book.js';
import { hearCustomers, isOfNetwork } from './says-so.js';
import { TicketBook } from './ticket-book.js';
import { TicketWords } from './ticket-words.js';
import type { World } from './world.js';

/** Tells texts apart: length and two 32-bit multiplicative hashes; for comparing, not for ids. */
function fingerprint(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b + unit, 0x85ebca6b) ^ (b >>> 13);
  }
  return `${text.length}/${a}/${b}`;
}

/** The incidents: carries them from decision to decision. */
export class Ledger {
  readonly episodes = new Map<string, Episode>();
  readonly repairs: RepairBook;
  readonly tickets = new TicketBook();
  readonly #world: World;
  /** incidents that changed since `takeChanges`, in order of first change */
  readonly #changed = new Map<string, Incident>();
  readonly #events = new Map<string, IncidentEvent[]>();

  constructor(world: World, fitter: RepairFitter) {
    this.#world = world;
    this.repairs = new RepairBook(world.rules.repair, fitter);
  }

  /** Decides what is going on. @returns when time alone will change that; epoch ms or Infinity */
  decide(findings: Findings, moment: Moment): number {
    const { nowMs } = moment;
    const world = this.#world;
    const all = [...this.episodes.values()].filter(isOfNetwork);
    const found = explainWorld(world, findings, all.filter(isAlive), nowMs);
    const identities = identify(world, found, all);
    const { explained } = identities;
    const hold = new AlarmHold(world, explained);
    const nameOf = new Map<Explained, Episode>();
    let nextMs = findings.lookAgainMs;
    for (const each of explained) {
      const known = identities.sameAs.get(each);
      const untilMs = known !== undefined && isRunning(known) ? nowMs : hold.until(each);
      if (untilMs > nowMs) {
        nextMs = Math.min(nextMs, untilMs);
        if (known !== undefined) nameOf.set(each, known);
        continue;
      }
      if (known === undefined && !this.#isWorthListing(each)) continue;
      const episode = known ?? this.#begin(each, identities, nowMs);
      nameOf.set(each, episode);
      goOn(world, episode, each, moment);
      if (episode.state === 'suspected' && episode.revision === 0)
        this.#noteSuspicion(episode, moment);
    }
    this.#settleOthers(identities, nameOf, nowMs);
    hearCustomers(world, this.episodes, nowMs);
    this.#reviewRepairs(nowMs);
    nextMs = Math.min(nextMs, this.repairs.nextMs());
    for (const episode of this.episodes.values()) {
      this.say(episode);
      nextMs = Math.min(nextMs, nextTurn(world, episode, nowMs));
    }
    this.#forget(nowMs);
    return Math.min(nextMs, this.#nextWindow(findings, nowMs));
  }

  /** Takes an incident of the past to learn from; one that is known by its id is replaced. */
  learn(incident: PastIncident): void {
    this.repairs.learn(incident.id, importedPast(this.#world, incident));
  }

  #reviewRepairs(nowMs: number): void {
    const incidentOf = (id: string): Episode | undefined => meant(this.episodes, id);
    const words = new TicketWords(this.#world, this.tickets, incidentOf);
    reviewRepairs({ world: this.#world, book: this.repairs, words }, this.episodes, nowMs);
    this.tickets.forget(nowMs);
  }

  /** Records the incident as changed if anything about it is new since it was last said. */
  say(episode: Episode): void {
    if (!isAlive(episode) && episode.events.length === 0) return;
    const incident = renderIncident(this.#world, episode);
    const said = fingerprint(JSON.stringify({ ...incident, revision: 0 }));
    if (said === episode.lastSaid && episode.events.length === 0) return;
    episode.lastSaid = said;
    episode.revision++;
    this.#pending(episode.id).push(...episode.events);
    episode.events = [];
    this.#changed.set(episode.id, { ...incident, revision: episode.revision });
  }

  #pending(id: string): IncidentEvent[] {
    let events = this.#events.get(id);
    if (events === undefined) {
      events = [];
      this.#events.set(id, events);
    }
    return events;
  }

  /** What changed since the last call, each incident once with all its events. */
  takeChanges(): IncidentChange[] {
    const changes = [...this.#changed].map(([id, incident]) => ({
      incident,
      events: this.#pending(id),
    }));
    this.#changed.clear();
    this.#events.clear();
    return changes;
  }

  #isWorthListing(explained: Explained): boolean {
    return explained.probability >= this.#world.rules.evidence.suspectAbove;
  }

  #begin(explained: Explained, identities: Identities, nowMs: number): Episode {
    const { space } = this.#world;
    const cause = explained.causes[0]?.resource ?? -1;
    const first = explained.findings[0]?.resource ?? cause;
    const id = contentId(
      'inc',
      cause < 0 ? '' : space.keyOf(cause),
      space.keyOf(first),
      onsetOf(this.#world, explained.findings).atMs,
      nowMs,
    );
    const parent = identities.splitFrom.get(explained);
    const elder = parent ?? identities.heirOf.get(explained);
    const episode = newEpisode(id, elder?.lineageId ?? id, nowMs);
    this.episodes.set(id, episode);
    if (parent !== undefined) {
      note(episode, nowMs, 'split', `from ${parent.id}: not the same cause`);
      note(parent, nowMs, 'split', `${id} has a cause of its own`);
    } else if (elder !== undefined) {
      const since = clock(elder.endedAtMs ?? elder.startedAtMs);
      note(episode, nowMs, 'reopened', `follows ${elder.id}, over since ${since}`);
    }
    return episode;
  }

  #noteSuspicion(episode: Episode, { nowMs }: Moment): void {
    const percent = Math.floor(episode.probability * 100);
    const words = causeWords(this.#world, episode);
    note(episode, nowMs, 'suspected', `${percent} % sure that it is real: ${words}`);
  }

  /** Incidents that nothing explains now: part of another one, or calming down. */
  #settleOthers(
    identities: Identities,
    nameOf: ReadonlyMap<Explained, Episode>,
    nowMs: number,
  ): void {
    const goingOn = new Set(nameOf.values());
    for (const episode of this.episodes.values()) {
      if (!isAlive(episode) || goingOn.has(episode) || !isOfNetwork(episode)) continue;
      const absorbing = identities.absorbed.get(episode);
      const into = absorbing === undefined ? undefined : nameOf.get(absorbing);
      if (into !== undefined) merge(this.#world, into, episode, nowMs);
      else calmDown(this.#world, episode, nowMs);
    }
    for (const [explained, episode] of nameOf) {
      if (episode.state !== 'recovering' && episode.state !== 'resolved') continue;
      if (identities.sameAs.get(explained) === episode) calmDown(this.#world, episode, nowMs);
    }
  }

  /** Forgets what closed so long ago that nothing can follow it, but for how long it lasted. */
  #forget(nowMs: number): void {
    const keepMs = this.#world.rules.life.reopenWithinSeconds * 1000;
    for (const [id, episode] of this.episodes) {
      if (isAlive(episode)) continue;
      const wasOpen = episode.detectedAtMs !== null;
      if (wasOpen && nowMs - (episode.resolvedAtMs ?? nowMs) < keepMs) continue;
      this.episodes.delete(id);
      const past = pastOf(this.#world, episode, nowMs);
      if (past !== undefined) this.repairs.add(past);
    }
  }

  /** When planned work begins or ends under something that has failed. */
  #nextWindow(findings: Findings, nowMs: number): number {
    if (findings.failed.length === 0) return Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { startsAtMs, endsAtMs } of this.#world.space.topology.works) {
      if (startsAtMs > nowMs) nextMs = Math.min(nextMs, startsAtMs);
      if (endsAtMs > nowMs) nextMs = Math.min(nextMs, endsAtMs);
    }
    return nextMs;
  }
}
