import type { ComponentChild } from 'preact';
import { useEffect } from 'preact/hooks';
import type { PlainPage } from '../api/dashboard-pages.js';
import { getJson, type Me, session } from './api.js';
import { setNetworkTime } from './clock.js';
import { connectLive } from './live.js';
import { EffectPage } from './pages/effect.js';
import { IncidentPage } from './pages/incident.js';
import { IncidentsPage } from './pages/incidents.js';
import { LookupPage } from './pages/lookup.js';
import { PlannerPage } from './pages/planner.js';
import { QualityPage } from './pages/quality.js';
import { RecurringProblemsPage } from './pages/recurring.js';
import { SignedOutPage } from './pages/signed-out.js';
import { SitePage } from './pages/site.js';
import { SourcesPage } from './pages/sources.js';
import { WorksPage } from './pages/works.js';
import { Shell } from './parts/shell.js';
import { Empty } from './parts/words.js';
import { Link, usePath } from './router.js';
import { useStore } from './store.js';

const RETRY_MS = 3000;

/** Finds out who is signed in, asking again while Tocsin does not answer. */
function useSession(): Me | 'unknown' | 'signedOut' {
  const current = useStore(session);
  useEffect(() => {
    if (current !== 'unknown') return;
    let timer: ReturnType<typeof setTimeout>;
    const ask = (): void => {
      getJson<Me>('/api/v1/me').then(
        (me) => {
          setNetworkTime(Date.parse(me.networkTime), me.speed);
          session.set(me);
        },
        () => {
          timer = setTimeout(ask, RETRY_MS);
        },
      );
    };
    ask();
    return () => clearTimeout(timer);
  }, [current]);
  return current;
}

/** The application: signed out, or the page that the address names. */
export function App() {
  const me = useSession();
  if (me === 'unknown') {
    return (
      <p class="state" role="status">
        Waiting for Tocsin…
      </p>
    );
  }
  return me === 'signedOut' ? <SignedOutPage /> : <SignedIn me={me} />;
}

function SignedIn({ me }: { me: Me }) {
  useEffect(connectLive, []);
  return (
    <Shell me={me}>
      <Page me={me} />
    </Shell>
  );
}

function Page({ me }: { me: Me }) {
  const path = usePath();
  const incidentId = /^\/incidents\/([^/]+)$/.exec(path)?.[1];
  if (incidentId !== undefined) {
    return <IncidentPage key={incidentId} id={decodeURIComponent(incidentId)} me={me} />;
  }
  const siteId = /^\/sites\/([^/]+)$/.exec(path)?.[1];
  if (siteId !== undefined) return <SitePage key={siteId} id={decodeURIComponent(siteId)} />;
  const Plain = isPlain(path) ? PAGES[path] : NoPage;
  return <Plain me={me} />;
}

const PAGES: Readonly<Record<PlainPage, (props: { me: Me }) => ComponentChild>> = {
  '/': IncidentsPage,
  '/works': WorksPage,
  '/recurring': RecurringProblemsPage,
  '/planner': PlannerPage,
  '/effect': EffectPage,
  '/lookup': LookupPage,
  '/quality': QualityPage,
  '/sources': SourcesPage,
};

function isPlain(path: string): path is PlainPage {
  return Object.hasOwn(PAGES, path);
}

function NoPage() {
  return (
    <Empty title="There is no such page">
      <Link href="/">Go to the incidents</Link>
    </Empty>
  );
}
