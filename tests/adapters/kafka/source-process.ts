// A process that reads a topic into Postgres until it is killed.
// Arguments: brokers, topic, group, database URL.
import { TopicSource } from '../../../src/adapters/kafka/topic-source.js';
import { JournalIntake } from '../../../src/adapters/postgres/intake.js';
import { PostgresJournal } from '../../../src/adapters/postgres/journal.js';
import { createPool } from '../../../src/adapters/postgres/pool.js';
import { everythingKnown, MemoryDeadLetters } from './memory-intake.js';
import { busFor, jsonFeed, silent } from './test-topics.js';

const [brokers = '', topic = '', groupId = '', database = ''] = process.argv.slice(2);
const journal = new PostgresJournal(createPool(database));
const source = new TopicSource(busFor({ brokers: brokers.split(',') }), {
  groupId,
  topics: [{ topic, feed: jsonFeed }],
  decoding: { context: { aliases: everythingKnown, deadLetters: new MemoryDeadLetters() } },
  intake: new JournalIntake(journal, { shards: 1 }),
  status: () => undefined,
  log: silent,
});
source.start();
process.on('disconnect', () => process.exit(0));
