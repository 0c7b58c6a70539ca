import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contracts, schemaText } from './contracts.js';

/** Run it with `npx tsx tests/contracts/write-schemas.ts` after a contract has changed. */
const folder = fileURLToPath(new URL('../../schemas/', import.meta.url));

for (const file of readdirSync(folder)) if (file.endsWith('.json')) rmSync(`${folder}${file}`);
for (const [name, contract] of Object.entries(contracts)) {
  writeFileSync(`${folder}${name}.json`, schemaText(name, contract));
}
process.stdout.write(`${Object.keys(contracts).length} schemas written to ${folder}\n`);
