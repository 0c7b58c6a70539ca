import { type DemoOptions, startDemo } from './demo/demo.js';

/**
 * The demo as a process of its own: `node --import tsx simulators/demo-main.ts OPTIONS` with
 * `DemoOptions` as JSON. Tells its parent `{type: 'ready', gatewayUrl}` and, in one line each,
 * `{type: 'trouble', line}`, and its network time in `{type: 'time', nowMs, limitMs}`. Ends on SIGTERM, SIGINT or when the parent is gone.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as DemoOptions;
const tell = (message: object): void => {
  if (process.connected) process.send?.(message);
};

const demo = await startDemo(options, {
  onTrouble: (line) => tell({ type: 'trouble', line }),
  onTime: (nowMs, limitMs) => tell({ type: 'time', nowMs, limitMs }),
});
tell({ type: 'ready', gatewayUrl: demo.gateway.url });

let isStopping = false;
const stop = (): void => {
  if (isStopping) return;
  isStopping = true;
  void demo.stop().finally(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('disconnect', stop);
