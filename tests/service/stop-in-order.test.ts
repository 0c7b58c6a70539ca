import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { stopInOrder } from '../../src/service/stop-in-order.js';

const silent = pino(new Writable({ write: (_chunk, _encoding, done) => done() }));

describe('stopping step by step', () => {
  it('goes on after a step that fails, and says that it was not clean', async () => {
    const done: string[] = [];
    const isClean = await stopInOrder(
      [
        ['first', () => Promise.reject(new Error('disk full'))],
        ['second', () => done.push('second')],
      ],
      10_000,
      silent,
    );
    expect(done).toEqual(['second']);
    expect(isClean).toBe(false);
  });

  it('is clean when every step has ended well', async () => {
    expect(await stopInOrder([['only', () => undefined]], 10_000, silent)).toBe(true);
  });
});
