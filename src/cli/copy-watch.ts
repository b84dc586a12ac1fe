/** How far copying has come, on the terminal; Ctrl-C ends it. */
import type { CopyWatch } from '#/ports/index.ts';
import type { Order } from './verb.ts';

/** For the verbs that copy. */
export function watchOf({ terminal, world }: Order): CopyWatch {
  return {
    signal: world.signal,
    progress: (step, done, of) => terminal.progress(`${step} … ${of === 0 ? 100 : Math.floor((done / of) * 100)} %`),
  };
}
