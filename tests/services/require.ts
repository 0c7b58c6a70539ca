/** Servers a test may need that `npm ci` does not bring. */
export type OptionalServer = 'kafka' | 'influxdb' | 'chromium' | 'jsmpp';

/**
 * Whether tests that need a server can run. When it is absent, prints one line with what would
 * enable them, so that a skip is never silent.
 *
 * @param hint what a person does to enable the tests, such as `apt-get install influxdb`
 * @throws Error when `TOCSIN_REQUIRE` (a comma list) names the server: absent is then a failure
 */
export function available(name: OptionalServer, isThere: boolean, hint: string): boolean {
  if (isThere) return true;
  const required = (process.env.TOCSIN_REQUIRE ?? '').split(',').map((item) => item.trim());
  if (required.includes(name)) {
    throw new Error(`${name} is required by TOCSIN_REQUIRE but absent: ${hint}`);
  }
  process.stderr.write(`skipped: tests that need ${name}. To enable them: ${hint}\n`);
  return false;
}
