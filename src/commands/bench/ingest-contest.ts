/** What the parent tells a worker process before the runs. */
export interface ContestSetup {
  readonly role: 'ours' | 'baseline';
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly partitions: number;
  readonly cells: number;
  readonly periods: number;
}

/** One way of going through the topic. */
export interface Contestant {
  /** Brings everything into the state that a run begins with; not measured. */
  prepare(): Promise<void>;
  /** Reads the whole topic once. @returns KPI samples seen */
  run(): Promise<number>;
}

export type ToWorker = { readonly setup: ContestSetup } | { readonly run: true };
