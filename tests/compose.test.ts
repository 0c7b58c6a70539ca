import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadYaml } from '../src/adapters/rules/load-yaml.js';
import { Config } from '../src/config.js';

const root = new URL('..', import.meta.url).pathname;
const compose = parse(readFileSync(join(root, 'compose.yaml'), 'utf8'));

/** The compose specification's schema, as the linter that ships it has it. */
function specification(): object {
  let folder = dirname(createRequire(import.meta.url).resolve('dclint'));
  while (!folder.endsWith('dclint')) folder = dirname(folder);
  return JSON.parse(readFileSync(join(folder, 'schemas', 'compose.schema.json'), 'utf8'));
}

function validator() {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false });
  ajvFormats.default(ajv);
  const { $schema: _, ...schema } = specification() as { $schema?: string };
  return ajv.compile(schema);
}

describe('compose.yaml', () => {
  it('follows the compose specification', () => {
    const validate = validator();
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('would be refused with a key the specification lacks', () => {
    expect(validator()({ services: { tocsin: { imaeg: 'x' } } })).toBe(false);
  });

  it('mounts a configuration that is valid and names files that exist', () => {
    const volumes: string[] = compose.services.tocsin.volumes;
    const [file = ''] = volumes[0]?.split(':') ?? [];
    const config = loadYaml(join(root, file), Config);
    const feeds = config.sources?.kafka?.topics.map(({ feed }) => feed) ?? [];
    for (const feed of feeds) {
      expect(() => readFileSync(feed.replace('/app', root)), feed).not.toThrow();
    }
    expect(config.shadow).toBe(true);
  });

  it('publishes no port beyond this machine', () => {
    for (const service of Object.values<{ ports?: string[] }>(compose.services)) {
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });
});
