import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { BufferPool } from '../../src/api/buffer-pool.js';
import { readBody } from '../../src/api/read-body.js';

const read = (chunks: readonly Buffer[], contentLength?: string, limit = 1_000_000) =>
  readBody(Readable.from(chunks), { contentLength, limit, buffers: new BufferPool() });

const chunks = Array.from({ length: 40 }, (_, n) => Buffer.alloc(10_007, n));

test.each([
  ['its length', String(40 * 10_007)],
  ['no length', undefined],
])('puts a body that came in many chunks with %s together', async (_name, contentLength) => {
  expect(await read(chunks, contentLength)).toEqual(Buffer.concat(chunks));
});

test('an empty body is empty', async () => {
  expect(await read([], '0')).toHaveLength(0);
});

test.each([
  ['promises', [], '101'],
  ['sends without promising', [Buffer.alloc(60), Buffer.alloc(60)], undefined],
] as const)('refuses a body that %s more than the limit', async (_name, sent, contentLength) => {
  await expect(read(sent, contentLength, 100)).rejects.toMatchObject({ code: 'input.tooLarge' });
});

test('refuses a body that is not as long as was promised', async () => {
  await expect(read([Buffer.alloc(60)], '61')).rejects.toMatchObject({ code: 'input.payload' });
});

test('refuses a body whose sender went away in the middle', async () => {
  const payload = new PassThrough();
  payload.write('m,cell=A users=1');
  const reading = readBody(payload, {
    contentLength: '100',
    limit: 1000,
    buffers: new BufferPool(),
  });
  payload.destroy(new Error('aborted'));
  await expect(reading).rejects.toMatchObject({ code: 'input.payload', message: 'aborted' });
});
