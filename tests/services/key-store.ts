import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Of a throwaway key in a temporary folder. */
export const STORE_PASSWORD = 'throwaway';

/**
 * A throwaway key store `NAME.p12` for 127.0.0.1 and localhost; `ca` is its certificate in PEM. Needs
 * Java's keytool.
 */
export async function createKeyStore(
  folder: string,
  { name = 'broker', password = STORE_PASSWORD } = {},
): Promise<{ path: string; ca: string }> {
  const path = join(folder, `${name}.p12`);
  const store = ['-keystore', path, '-storepass', password, '-alias', name];
  await run('keytool', [
    ...['-genkeypair', '-storetype', 'PKCS12', '-keyalg', 'EC', '-groupname', 'secp256r1'],
    ...['-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1', '-validity', '2'],
    ...store,
  ]);
  const pem = join(folder, 'ca.pem');
  await run('keytool', ['-exportcert', '-rfc', '-file', pem, ...store]);
  return { path, ca: await readFile(pem, 'utf8') };
}
