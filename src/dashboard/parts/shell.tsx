import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Switches } from '../../api/schemas.js';
import type { HealthReport } from '../../runtime/health.js';
import { type Me, mayOperate, send, session } from '../api.js';
import { useNow } from '../clock.js';
import { exact } from '../format.js';
import { connection } from '../live.js';
import { useResource } from '../resource.js';
import { Link, usePath } from '../router.js';
import { useStore } from '../store.js';
import { theme, toggleTheme } from '../theme.js';
import { GapBanner } from './gap-banner.js';
import { ReasonDialog } from './reason-dialog.js';
import { When } from './words.js';

const NAV: readonly [string, string, readonly Me['role'][]][] = [
  ['/', 'Incidents', ['viewer', 'planner', 'agent', 'operator', 'admin']],
  ['/works', 'Works', ['viewer', 'planner', 'agent', 'operator', 'admin']],
  ['/recurring', 'Recurring', ['viewer', 'planner', 'operator', 'admin']],
  ['/planner', 'Planner', ['planner', 'operator', 'admin']],
  ['/effect', 'Effect', ['planner', 'operator', 'admin']],
  ['/lookup', 'Look-up', ['agent', 'operator', 'admin']],
  ['/quality', 'Quality', ['operator', 'admin']],
  ['/sources', 'Sources', ['viewer', 'planner', 'agent', 'operator', 'admin']],
];

/** Head, navigation and banners around every page. */
export function Shell({ me, children }: { me: Me; children: ComponentChildren }) {
  const switches = useResource<Switches>('/api/v1/switches', ['settings']);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="head">
        <Link href="/" class="brand">
          <span class="bell" aria-hidden="true" />
          <span class="brand-name">Tocsin</span>
        </Link>
        <Navigation me={me} />
        <NetworkClock speed={me.speed} />
        <div class="head-tools">
          <ThemeButton />
          {mayOperate(me) && switches.data && (
            <KillSwitch switches={switches.data} onDone={switches.reload} />
          )}
          <User me={me} />
        </div>
      </header>
      <Banners switches={switches.data} />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function Navigation({ me }: { me: Me }) {
  const path = usePath();
  const isHere = (href: string): boolean =>
    href === '/' ? /^\/($|incidents|sites)/.test(path) : path.startsWith(href);
  return (
    <nav aria-label="Pages">
      {NAV.filter(([, , roles]) => roles.includes(me.role)).map(([href, name]) => (
        <Link key={href} href={href} aria-current={isHere(href) ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}

function NetworkClock({ speed }: { speed: number }) {
  const now = useNow(1000);
  const state = useStore(connection);
  const words = { connecting: 'Connecting', live: 'Live', lost: 'Not live' }[state];
  return (
    <p class="net-clock" title={`Network time: ${exact(now)}`}>
      <span class={`dot dot-${state}`} aria-hidden="true" />
      <span role="status">{words}</span>
      <time dateTime={new Date(now).toISOString()}>
        {new Date(now).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}
      </time>
      {speed !== 1 && (
        <span class="speed">
          {speed}×<span class="narrow-hidden"> time</span>
        </span>
      )}
    </p>
  );
}

function ThemeButton() {
  const name = useStore(theme) === 'dark' ? 'light' : 'dark';
  return (
    <button type="button" class="plain" onClick={toggleTheme} title={`Change to ${name} colours`}>
      <span aria-hidden="true">{name === 'light' ? '☀' : '☾'}</span>
      <span class="hidden">Change to {name} colours</span>
    </button>
  );
}

function KillSwitch({ switches, onDone }: { switches: Switches; onDone: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const { on } = switches.killSwitch;
  const submit = async (why: string): Promise<void> => {
    await send('POST', '/api/v1/kill-switch', { on: !on, why });
    onDone();
  };
  return (
    <>
      <button
        type="button"
        class={on ? 'primary' : 'dangerous'}
        aria-label={on ? 'Allow messages' : 'Stop messages'}
        onClick={() => setAsking(true)}
      >
        {on ? 'Allow' : 'Stop'}
        <span class="narrow-hidden"> messages</span>
      </button>
      {isAsking && (
        <ReasonDialog
          title={on ? 'Allow messages again?' : 'Stop all messages?'}
          text={
            on
              ? 'Messages that are still true will leave again within a second.'
              : 'No message to any subscriber leaves from one second after this, until someone allows it again. Flags in the CRM stay true.'
          }
          confirm={on ? 'Allow messages' : 'Stop all messages'}
          isDangerous={!on}
          onSubmit={submit}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function User({ me }: { me: Me }) {
  const signOut = async (): Promise<void> => {
    await send('DELETE', '/api/v1/session').catch(() => undefined);
    session.set('signedOut');
  };
  return (
    <details class="user">
      <summary title={`Signed in as ${me.name}`}>{me.role}</summary>
      <div>
        <p>
          <strong>{me.name}</strong>
          <br />
          Signed in until <When at={me.expiresAt} only="clock" />
        </p>
        <p>Tocsin {me.version}</p>
        <p>
          <a href="/docs">API documentation</a>
        </p>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </div>
    </details>
  );
}

/** What everybody must know, whatever page they are on. */
function Banners({ switches }: { switches: Switches | undefined }) {
  const state = useStore(connection);
  const health = useResource<HealthReport>('/api/v1/health', ['health']);
  const down = (health.data?.components ?? []).filter(({ status }) => status === 'down');
  return (
    <div class="banners" aria-live="polite">
      {state === 'lost' && (
        <p class="banner banner-bad">
          <strong>Connection lost.</strong> What you see may be old; trying again every few seconds.
        </p>
      )}
      {state !== 'lost' && down.length > 0 && (
        <p class="banner banner-bad">
          <strong>Not working: {down.map(({ name }) => name).join(', ')}.</strong> What you see may
          be old. <Link href="/sources">See what is wrong</Link>
        </p>
      )}
      {switches?.killSwitch.on && (
        <p class="banner banner-bad">
          <strong>Messages are stopped</strong> by {switches.killSwitch.by ?? 'an operator'}
          {switches.killSwitch.why && <>: “{switches.killSwitch.why}”</>}
        </p>
      )}
      {switches?.shadow && (
        <p class="banner banner-calm">
          <strong>Shadow mode.</strong> Everything is decided, nothing is sent to subscribers.
        </p>
      )}
      <GapBanner />
    </div>
  );
}
