/** The town that a site is named after: site names end in a number where a town has several. */
export function townOf(siteName: string): string {
  return siteName.replace(/[\s,-]*\d+$/, '').trim();
}

/** Names that mean the same place are the same: case, accents, hyphens and apostrophes aside. */
export function placeKey(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s\-'’]+/g, ' ')
    .trim();
}

/** Keys under which a site is found: its town, and every beginning of it, word by word. */
export function townKeys(siteName: string): string[] {
  const words = townOf(siteName).split(/\s+/);
  return words
    .map((_, at) => placeKey(words.slice(0, at + 1).join(' ')))
    .filter((key) => key !== '');
}
