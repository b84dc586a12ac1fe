/** What tests of the worker of inspection share. */
export { clock, SOON, WorkerBench } from './worker-bench.ts';
