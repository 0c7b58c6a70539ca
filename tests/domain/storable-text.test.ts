import { describe, expect, it } from 'vitest';
import { isStorable, unstorablePath } from '../../src/domain/storable-text.js';

describe('isStorable', () => {
  it.each(['', 'Ploërmel', '\u{1F4F6} cell', 'a\nb\t'])('takes %j', (text) => {
    expect(isStorable(text)).toBe(true);
  });

  it.each(['a\0', '\ud800', 'x\udc00y', '\udc00\ud800'])('refuses %j', (text) => {
    expect(isStorable(text)).toBe(false);
  });
});

describe('unstorablePath', () => {
  it('names the place, however deep', () => {
    expect(unstorablePath({ a: [{ b: 'good' }, { b: 'half \ud800' }] })).toEqual(['a', 1, 'b']);
    expect(unstorablePath('\0')).toEqual([]);
  });

  it('reads names of members too', () => {
    expect(unstorablePath({ 'k\ud800': 1 })).toEqual(['k\ud800']);
  });

  it('finds nothing in what can be stored, and passes bytes over', () => {
    expect(unstorablePath({ a: [1, null, true, 'x'], b: Buffer.from('\0') })).toBeUndefined();
  });
});
