import { expect, test } from 'vitest';
import { addReport, reportMessage } from '../../../src/adapters/kafka/report-message.js';
import { SourceMarks, sourceHeader } from '../../../src/adapters/kafka/source-marks.js';
import type { LaneSpec } from '../../../src/domain/lane.js';
import { ReportBlockBuilder } from '../../../src/domain/report-block.js';
import { EPOCH_MS, jsonFeed } from './test-topics.js';

const lane = jsonFeed.lane as LaneSpec;
const shape = { ...lane, kpis: lane.kpis.map(({ name }) => name) };

test('tells what was written twice, per source partition', () => {
  const marks = new SourceMarks();
  const isNew = (topic: string, partition: number, offset: number, index: number): boolean =>
    marks.isNew(Buffer.from(sourceHeader(topic, partition, offset, index)));
  expect(isNew('t', 0, 5, 0)).toBe(true);
  expect(isNew('t', 0, 5, 1)).toBe(true);
  expect(isNew('t', 0, 5, 1)).toBe(false);
  expect(isNew('t', 0, 5, 0)).toBe(false);
  expect(isNew('t', 0, 4, 9)).toBe(false);
  expect(isNew('t', 1, 4, 0)).toBe(true);
  expect(isNew('a/b', 0, 4, 0)).toBe(true);
  expect(isNew('t', 0, 10, 0)).toBe(true);
  expect(marks.isNew(Buffer.from('from somebody else'))).toBe(true);
});

test('a report comes back from its message as it was', () => {
  const written = new ReportBlockBuilder(shape);
  const row = written.addRow('céll "1"', EPOCH_MS);
  written.set(row, 0, 0.97, 1200);
  const block = written.finish();
  const read = new ReportBlockBuilder(shape);
  expect(addReport(reportMessage(block, 0), lane, read)).toBeUndefined();
  expect(read.finish()).toEqual(block);
});

test.each([
  ['{', 'not a JSON object'],
  ['7', 'not a JSON object'],
  ['{"feed":"other"}', 'feed is "other": allowed is test-json'],
  ['{"feed":"test-json","objectId":"a"}', 'objectId and an ISO 8601 periodStart are needed'],
  [
    '{"feed":"test-json","objectId":"a","periodStart":"2024-01-15T00:00:00Z","kpis":null}',
    'kpis is needed',
  ],
])('refuses %s', (text, why) => {
  const builder = new ReportBlockBuilder(shape);
  expect(addReport(text, lane, builder)).toBe(why);
  expect(builder.rows).toBe(0);
});
