import { describe, expect, it } from 'vitest';
import { optOutWish } from '../../src/notify/opt-out-words.js';

describe('opt-out words', () => {
  it.each(['STOP', 'stop', ' Stop. ', 'S T O P', 'Arrêt', 'ARRET !', 'arrêt\n', 'Stop SMS'])(
    'takes %j as opting out',
    (body) => expect(optOutWish(body)).toBe('out'),
  );
  it.each(['START', 'start ', 'Unstop'])('takes %j as opting back in', (body) =>
    expect(optOutWish(body)).toBe('in'),
  );
  it.each(['', 'merci', 'Quand est-ce que ça revient ? stop the outage please', '123'])(
    'takes %j as neither',
    (body) => expect(optOutWish(body)).toBeUndefined(),
  );
});
