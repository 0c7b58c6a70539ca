import { SingleBar } from 'cli-progress';

/** Work in named steps, shown to the person who waits. */
export interface Steps {
  /**
   * @param work told how to report its share done (0 to 1); returns what to say at its end
   */
  run<T>(name: string, work: (progress: (share: number) => void) => Promise<T>): Promise<T>;
}

/** Steps on standard error: a bar on a terminal, a line each elsewhere. */
export function printedSteps(): Steps {
  return {
    async run(name, work) {
      const startedMs = performance.now();
      const bar = process.stderr.isTTY
        ? new SingleBar({ format: `  ${name} {bar} {percentage} %`, clearOnComplete: true })
        : undefined;
      let isShown = false;
      const result = await work((share) => {
        if (!isShown) bar?.start(100, 0);
        isShown = true;
        bar?.update(Math.min(100, Math.round(share * 100)));
      });
      bar?.stop();
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      const said = typeof result === 'string' ? `: ${result}` : '';
      process.stderr.write(`  ${name}${said} (${seconds} s)\n`);
      return result;
    },
  };
}
