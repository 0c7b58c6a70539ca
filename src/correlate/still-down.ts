/** What one caller said of an incident that seemed over. */
export interface StillDownAnswer {
  readonly actId: string;
  /** the incident, or the one it goes on as */
  readonly incidentId: string;
  readonly subscriberId: number;
  /** epoch ms */
  readonly atMs: number;
  /** cells of the person's places */
  readonly cells: readonly string[];
}

/** `stillDown` of `rules/correlation.yaml`. */
export interface StillDownRules {
  readonly answers: number;
  readonly people: number;
  readonly countSeconds: number;
}

/** What callers say is still down, each for as long as the rules let an answer count. */
export class StillDownBook {
  readonly #rules: StillDownRules;
  #answers: StillDownAnswer[] = [];

  constructor(rules: StillDownRules) {
    this.#rules = rules;
  }

  /** Takes an answer; those that count no more by then are forgotten. */
  put(answer: StillDownAnswer): void {
    const countMs = this.#rules.countSeconds * 1000;
    this.#answers = this.#answers.filter(
      ({ actId, atMs }) => actId !== answer.actId && atMs + countMs > answer.atMs,
    );
    this.#answers.push(answer);
  }

  /** Takes an answer back. */
  drop(actId: string): void {
    this.#answers = this.#answers.filter((each) => each.actId !== actId);
  }

  /** Answers about an incident that count at a moment, from people at one of its cells. */
  about(incidentId: string, isOfIncident: (cell: string) => boolean, nowMs: number) {
    const countMs = this.#rules.countSeconds * 1000;
    return this.#answers.filter(
      (each) =>
        each.incidentId === incidentId &&
        each.atMs <= nowMs &&
        each.atMs + countMs > nowMs &&
        each.cells.some(isOfIncident),
    );
  }

  /**
   * Until when answers are enough to say that it is not over; epoch ms, -Infinity when they are not.
   * @param answers of `about`
   */
  holdsUntil(answers: readonly StillDownAnswer[]): number {
    const { answers: leastAnswers, people: leastPeople, countSeconds } = this.#rules;
    const latestFirst = [...answers].sort((a, b) => b.atMs - a.atMs);
    const people = new Set<number>();
    for (const [index, { subscriberId, atMs }] of latestFirst.entries()) {
      people.add(subscriberId);
      if (index + 1 >= leastAnswers && people.size >= leastPeople)
        return atMs + countSeconds * 1000;
    }
    return Number.NEGATIVE_INFINITY;
  }

  /** For storing. */
  stored(): readonly StillDownAnswer[] {
    return this.#answers;
  }

  restore(answers: readonly StillDownAnswer[]): void {
    this.#answers = [...answers];
  }
}
