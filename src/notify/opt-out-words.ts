const OUT = new Set([
  'STOP',
  'STOPALL',
  'STOPTOUT',
  'STOPSMS',
  'ARRET',
  'ARRETER',
  'UNSUBSCRIBE',
  'CANCEL',
  'END',
  'QUIT',
]);
const IN = new Set(['START', 'UNSTOP', 'REPRENDRE']);

/**
 * What a subscriber's reply asks for. Case, accents, spaces and punctuation do not count, so that
 * "stop", " Arrêt !" and "A R R E T" all opt out; a longer sentence asks for nothing.
 */
export function optOutWish(body: string): 'out' | 'in' | undefined {
  const word = body
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toUpperCase();
  if (OUT.has(word)) return 'out';
  if (IN.has(word)) return 'in';
  return undefined;
}
