import { describe, expect, it } from 'vitest';
import { ReplyWords } from '../../src/notify/opt-out-words.js';
import { messageFiles } from '../services/customers.js';

const words = new ReplyWords([
  ...messageFiles,
  { language: 'ar', replies: { out: ['إلغاء'], in: ['اشتراك'], help: [], helpText: '{brand}' } },
]);

describe('reply words', () => {
  it.each([
    'STOP',
    'stop',
    ' Stop. ',
    'S T O P',
    'Arrêt',
    'ARRET !',
    'arrêt\n',
    'Stop SMS',
    'إلغاء',
    'الغاء',
    'Désabonner',
    'no more',
  ])('take %j as opting out', (body) => expect(words.wishOf(body)).toBe('out'));
  it.each(['START', 'start ', 'Unstop', 'reprendre', 'اشتراك'])('take %j as opting in', (body) =>
    expect(words.wishOf(body)).toBe('in'),
  );
  it.each(['HELP', 'help?', 'Aide', 'info'])('take %j as asking for help', (body) =>
    expect(words.wishOf(body)).toBe('help'),
  );
  it.each(['', 'merci', 'Quand est-ce que ça revient ? stop the outage please', '123'])(
    'take %j as none',
    (body) => expect(words.wishOf(body)).toBeUndefined(),
  );

  it('opt out by a word that another language opts in with', () => {
    const none = { help: [], helpText: '{brand}' };
    const both = new ReplyWords([
      { language: 'a', replies: { ...none, out: ['BASTA'], in: [] } },
      { language: 'b', replies: { ...none, out: [], in: ['BASTA'] } },
    ]);
    expect(both.wishOf('basta')).toBe('out');
  });

  it('know which language a word is of', () => {
    expect(words.languageOf('aide')).toBe('fr');
    expect(words.languageOf('help')).toBeUndefined();
  });
});
