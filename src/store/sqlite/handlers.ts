/** What the writer does for each of its calls. */
import type { DatabaseSync } from 'node:sqlite';
import { accept } from './accept.ts';
import { act } from './act.ts';
import { Claimer } from './claim.ts';
import { Forgetter } from './forget.ts';
import { LookUpFiller } from './look-up.ts';
import type { WriterCall, WriterCalls } from './protocol.ts';
import { settle } from './settle.ts';
import { Statement } from './statement.ts';
import { Sweeper } from './sweep.ts';
import type { Tables } from './tables.ts';

export type Handlers = {
  readonly [Name in WriterCall]: (input: WriterCalls[Name]['input']) => WriterCalls[Name]['output'];
};

/** The same calls in the same order lead to the same rows: the log carries them out again after a crash. */
export function handlersOf(db: DatabaseSync, tables: Tables): Handlers {
  const claimer = new Claimer(db, tables);
  const sweeper = new Sweeper(db, tables);
  const filler = new LookUpFiller(db);
  const forgetter = new Forgetter(db);
  const remember = new Statement(
    db,
    'INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    accept: (input) => accept(tables, input),
    claim: (input) => claimer.claim(input),
    settle: (input) => settle(tables, input),
    act: (input) => act(tables, input),
    enlist: ({ incarnation }) => {
      tables.workers.enlist(incarnation);
      return null;
    },
    beat: ({ worker }) => tables.workers.beat(worker),
    retire: ({ worker, clean, limit }) => sweeper.retire(worker, clean, limit),
    sweep: ({ limit }) => sweeper.sweep(limit),
    fillIndex: ({ budgetMs }) => filler.fill(budgetMs, tables.journal.lastSeq),
    forget: (input) => forgetter.forget(input),
    remember: ({ name, value }) => {
      remember.run(name, value);
      return null;
    },
    publish: () => null,
  };
}
