import type { SubscriberNetwork } from './subscriber-schemas.js';

/** The panel's own style; its digest stands in the page's policy. */
export const panelStyle =
  'body{font:14px/1.4 system-ui,sans-serif;margin:12px;color:#1b1b1f;background:#fff}h1{font-size:16px;margin:0 0 6px}p{margin:4px 0}dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:8px 0 0}dt{color:#5a5a66}dd{margin:0}.yes h1{color:#a3190f}.probably h1{color:#8a5300}.no h1{color:#176b35}';

const WORDS = {
  fr: {
    yes: 'Touché par un incident',
    probably: 'Probablement touché',
    no: 'Aucun incident connu',
    since: 'Depuis',
    cause: 'Cause',
    repair: 'Rétablissement prévu',
    told: 'Prévenu',
    isTold: 'oui',
    isNotTold: 'non',
    valid: 'Valable jusqu’à',
  },
  en: {
    yes: 'Affected by an incident',
    probably: 'Probably affected',
    no: 'No incident known',
    since: 'Since',
    cause: 'Cause',
    repair: 'Expected repair',
    told: 'Told',
    isTold: 'yes',
    isNotTold: 'no',
    valid: 'Valid until',
  },
} as const;

/** A page of what an agent needs, without any script; every value is escaped. */
export function panelPage(network: SubscriberNetwork, language: 'fr' | 'en'): string {
  const words = WORDS[language];
  const isTold = network.told.some(({ state }) => state === 'accepted' || state === 'delivered');
  const facts: [string, string | null][] = [
    [words.since, network.since],
    [words.cause, network.cause],
    [words.repair, network.estimatedRepairAt],
    [words.told, network.affected === 'no' ? null : isTold ? words.isTold : words.isNotTold],
    [words.valid, network.validUntil],
  ];
  const rows = facts.flatMap(([name, value]) =>
    value === null ? [] : [`<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`],
  );
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>Tocsin</title><style>${panelStyle}</style></head><body class="${network.affected}"><h1>${escaped(words[network.affected])}</h1><p>${escaped(network.sentence)}</p><dl>${rows.join('')}</dl></body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
