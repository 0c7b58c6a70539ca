/** Shown to those without a session. */
export function SignedOutPage() {
  const isExpired = new URLSearchParams(location.search).get('signin') === 'expired';
  return (
    <main class="signed-out">
      <span class="bell bell-large" aria-hidden="true" />
      <h1>{isExpired ? 'This sign-in link no longer works' : 'You are signed out'}</h1>
      <p>
        {isExpired
          ? 'A link signs one browser in, once, within 15 minutes.'
          : 'Tocsin is opened with a sign-in link.'}{' '}
        Ask whoever runs Tocsin for a new one; <code>tocsin start</code> prints one on its terminal.
      </p>
    </main>
  );
}
