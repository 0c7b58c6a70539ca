import type { Consumer } from 'kafkajs';
import type { Logger } from 'pino';
import type { TopicPartition } from './ports.js';

interface Commit extends TopicPartition {
  readonly offset: string;
}

/**
 * Offsets to commit, the newest per partition. A commit that fails waits for the next turn: the
 * durable position is the authority, the broker's copy only shows the lag.
 */
export class CommitQueue {
  readonly #waiting = new Map<string, Commit>();

  add({ topic, partition }: TopicPartition, nextOffset: number): void {
    this.#waiting.set(`${topic}/${partition}`, { topic, partition, offset: String(nextOffset) });
  }

  /** Forgets what waits: the partitions belong to another member now. */
  clear(): void {
    this.#waiting.clear();
  }

  /** Sends what waits; never rejects. */
  async send(consumer: Consumer, log: Logger): Promise<void> {
    const commits = [...this.#waiting];
    if (commits.length === 0) return;
    try {
      await consumer.commitOffsets(commits.map(([, commit]) => commit));
      for (const [key, commit] of commits) {
        if (this.#waiting.get(key) === commit) this.#waiting.delete(key);
      }
    } catch (error) {
      log.debug({ err: error }, 'Kafka commit waits for the next turn');
    }
  }
}
