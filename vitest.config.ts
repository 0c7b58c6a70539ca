import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

/** Whole chains take minutes and mostly wait: begun first, they end while the others run. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const weight = ({ moduleId }: TestSpecification): number => {
      if (moduleId.includes('/tests/e2e/')) return 0;
      return moduleId.endsWith('.int.test.ts') ? 1 : 2;
    };
    return sorted.sort((a, b) => weight(a) - weight(b));
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: [
      'tests/services/global-setup.ts',
      'tests/services/kafka/global-setup.ts',
      'tests/services/dashboard/global-setup.ts',
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // a file finds the modules of those before it loaded: half the time of a run was spent on loading them anew
    isolate: false,
    // more than the two cores of a small machine: tests of servers wait for them much of the time
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});
