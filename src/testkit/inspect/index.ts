/** What tests of the worker of inspection share. */
export { clock, type Say, ScriptedInspector, SOON, WorkerBench } from './worker-bench.ts';
