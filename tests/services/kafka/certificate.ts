import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Of a throwaway key in a temporary folder. */
export const STORE_PASSWORD = 'throwaway';

/** A throwaway key store for 127.0.0.1 and localhost; `ca` is its certificate in PEM. */
export async function createKeyStore(folder: string): Promise<{ path: string; ca: string }> {
  const path = join(folder, 'broker.p12');
  const store = ['-keystore', path, '-storepass', STORE_PASSWORD, '-alias', 'broker'];
  await run('keytool', [
    ...['-genkeypair', '-storetype', 'PKCS12', '-keyalg', 'EC', '-groupname', 'secp256r1'],
    ...['-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1', '-validity', '2'],
    ...store,
  ]);
  const pem = join(folder, 'ca.pem');
  await run('keytool', ['-exportcert', '-rfc', '-file', pem, ...store]);
  return { path, ca: await readFile(pem, 'utf8') };
}
