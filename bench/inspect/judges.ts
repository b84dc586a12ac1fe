/** Processes that judge, asked for the same thing at once. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { INSPECT_NODE_FLAGS } from '#/inspect/index.ts';
import type { Done, Task } from './judging.ts';

export interface Judges extends AsyncDisposable {
  /** All of them do it; ends with the last. */
  ask(task: Task): Promise<readonly Done[]>;
}

/** `hookPort`: of a filter that all mail is asked about; 0 for none. */
export async function startJudges(count: number, hookPort = 0): Promise<Judges> {
  const file = new URL('./judging.ts', import.meta.url).pathname;
  const children = Array.from({ length: count }, () =>
    fork(file, [String(hookPort)], { execArgv: [...INSPECT_NODE_FLAGS] }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  return {
    ask: (task) => Promise.all(children.map((child) => askOne(child, task))),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map((child) => ended(child)));
    },
  };
}

async function askOne(child: ChildProcess, task: Task): Promise<Done> {
  child.send(task);
  const gone = once(child, 'exit').then(() => Promise.reject(new Error('a process that judged has ended')));
  const [done] = (await Promise.race([once(child, 'message'), gone])) as [Done];
  gone.catch(() => {});
  return done;
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}
