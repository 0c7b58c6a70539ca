import type { ComponentChildren } from 'preact';
import { createStore, useStore } from './store.js';

const path = createStore(location.pathname);
addEventListener('popstate', () => path.set(location.pathname));

/** Goes to another page without loading the document again. */
export function navigate(to: string): void {
  history.pushState(null, '', to);
  path.set(location.pathname);
  scrollTo(0, 0);
}

/** The address shown now, without query. */
export function usePath(): string {
  return useStore(path);
}

interface LinkProps {
  readonly href: string;
  readonly class?: string;
  readonly 'aria-current'?: 'page' | undefined;
  readonly children: ComponentChildren;
}

/** A link between pages; with a modifier key the browser does what it always does. */
export function Link({ children, ...rest }: LinkProps) {
  return (
    <a {...rest} data-page>
      {children}
    </a>
  );
}

addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[data-page]') : null;
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) {
    return;
  }
  event.preventDefault();
  navigate(link.getAttribute('href') ?? '/');
});
