import { createStore } from './store.js';

export type Theme = 'dark' | 'light';

const KEY = 'tocsin.theme';
const system = matchMedia('(prefers-color-scheme: light)');

function stored(): Theme | undefined {
  const value = localStorage.getItem(KEY);
  return value === 'dark' || value === 'light' ? value : undefined;
}

function current(): Theme {
  return stored() ?? (system.matches ? 'light' : 'dark');
}

/** The theme shown now: what the person chose, else what their system says. */
export const theme = createStore<Theme>(current());
document.documentElement.dataset.theme = theme.get();
theme.subscribe(() => {
  document.documentElement.dataset.theme = theme.get();
});
system.addEventListener('change', () => theme.set(current()));

/** Changes to the other theme and remembers it in this browser. */
export function toggleTheme(): void {
  const next = theme.get() === 'dark' ? 'light' : 'dark';
  localStorage.setItem(KEY, next);
  document.documentElement.dataset.theme = next; // before anyone reads colours
  theme.set(next);
}

/** A colour of the theme shown now, for canvas: `colour('bad')` is what `--bad` is. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
