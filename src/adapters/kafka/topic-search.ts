import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { TocsinError } from '../../domain/errors.js';

/** How often a topic that was missing is looked for again. */
const LOOK_EVERY_MS = 5000;

async function existing(kafka: Kafka): Promise<ReadonlySet<string>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return new Set(await admin.listTopics());
  } finally {
    await admin.disconnect();
  }
}

/**
 * Which of the topics exist: one that is missing must not keep the others from being read.
 * @throws TocsinError `unavailable.kafka` when none does; what kafkajs throws when it is away
 */
export async function findTopics(
  kafka: Kafka,
  topics: readonly string[],
): Promise<{ there: string[]; missing: string[] }> {
  const known = await existing(kafka);
  const there = topics.filter((topic) => known.has(topic));
  const missing = topics.filter((topic) => !known.has(topic));
  if (there.length > 0) return { there, missing };
  throw new TocsinError('unavailable.kafka', `Kafka has no topic ${missing.join(', ')}`);
}

/** Resolves once any of the missing topics has come, or when aborted; with none only the latter. */
export async function untilThere(
  kafka: Kafka,
  missing: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Rejects only when aborted, which the loop sees by itself.
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || missing.length === 0) continue;
    // Brokers that are away are the reading consumer's to report; this one looks again later.
    const known = await existing(kafka).catch(() => new Set<string>());
    if (missing.some((topic) => known.has(topic))) return;
  }
}
