/**
 * Loaded before each test file: where something is still open a while after the last test, says what, and fails the
 * file. Without it, the run would hang on a forgotten socket and name nobody.
 */
import { after } from 'node:test';
import { isMainThread } from 'node:worker_threads';

const PATIENCE_MS = 5_000;

if (isMainThread && process.argv[1]?.endsWith('.test.ts') === true) after(watch);

function watch(): void {
  const timer = setTimeout(() => {
    console.error(`left open after the last test: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(1);
  }, PATIENCE_MS);
  timer.unref();
}
