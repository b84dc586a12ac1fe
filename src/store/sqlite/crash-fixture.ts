/** A writer without its thread, and the disk below its log: what a kill and what a loss of power leave behind, for the tests of this folder. */
import assert from 'node:assert/strict';
import fs, { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import type { ArrivedMail, IncarnationId, MailId } from '#/model/index.ts';
import { StandingClock, worker } from '../contract/samples.ts';
import { CUSTODY_DEFAULTS } from '../custody/index.ts';
import type { WireClaim, WriterAnswer, WriterCall, WriterCalls, WriterSetup } from './protocol.ts';
import { pack } from './wire.ts';
import { Writer } from './writer.ts';

export const ME = worker('1').id;

/** Requests to a writer, one in a group unless said otherwise. */
export class Bench {
  readonly clock = new StandingClock();
  readonly dir: string;
  writer: Writer;

  constructor(dir: string, setup: Partial<WriterSetup> = {}, onFailed: (error: Error) => void = assert.fail) {
    this.dir = dir;
    const keyFile = join(dir, 'secrets.key');
    this.writer = new Writer({ dir, keyFile, encryptBodies: true, settings: CUSTODY_DEFAULTS, ...setup }, onFailed);
  }

  ask<Name extends WriterCall>(name: Name, input: WriterCalls[Name]['input'], bytes = new ArrayBuffer()): WriterAnswer {
    const [answer] = this.group([{ name, input, base: 0 }], bytes);
    assert.ok(answer !== undefined);
    return answer;
  }

  group(requests: readonly { name: WriterCall; input: unknown; base: number }[], bytes: ArrayBuffer): WriterAnswer[] {
    const words = JSON.stringify(requests);
    const group = { now: this.clock.now(), requests: words, bytes, restartWal: false, durable: null };
    return JSON.parse(this.writer.group(group).answers);
  }

  accept(mails: readonly ArrivedMail[], claimFor: IncarnationId | null = null): WriterAnswer {
    const packed = pack(mails);
    return this.ask('accept', { mails: packed.mails, claimFor }, new Uint8Array(Buffer.concat(packed.chunks)).buffer);
  }

  /** The content of the first recipients' mails, by id; null where it can't be read. */
  contentOf(mails: readonly { readonly id: MailId }[]): (number | null)[] {
    this.ask('enlist', { incarnation: worker('reader') });
    const request = { kind: 'keys', keys: mails.map(({ id }) => [id, 1] as const) } as const;
    const answer = this.ask('claim', { request, worker: worker('reader').id });
    assert.ok(answer.ok);
    const claims = answer.output as WireClaim[];
    return mails.map(({ id }) => claims.find(({ mail }) => mail.id === id)?.body?.size ?? null);
  }

  /** What another connection reads. */
  read(sql: string): Record<string, unknown>[] {
    using db = new DatabaseSync(join(this.dir, 'custody.db'), { readOnly: true });
    return db.prepare(sql).all();
  }

  /** How far the committed tables have carried the log out. */
  get reached(): number {
    return Number(this.read("SELECT value FROM fact WHERE name = 'store.log'")[0]?.value);
  }
}

/** Throwaway folders, and copies as a crash leaves them. */
export class Folders implements Disposable {
  readonly #root = mkdtempSync(join(tmpdir(), 'holdfast-crash-'));
  #count = 0;

  make(): string {
    const dir = join(this.#root, String(++this.#count));
    mkdirSync(dir);
    return dir;
  }

  /** All that was written, flushed or not: what a kill leaves. */
  killed(dir: string): string {
    const copy = this.make();
    cpSync(dir, copy, { recursive: true });
    rmSync(join(copy, 'custody.db-shm'), { force: true });
    return copy;
  }

  /** What a loss of power may leave: the tables as far as they were written, and of the log what was flushed. */
  cut(dir: string, disk: LogDisk): string {
    const copy = this.killed(dir);
    rmSync(join(copy, 'log'), { recursive: true, force: true });
    disk.restore(dir, join(copy, 'log'));
    return copy;
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true });
  }
}

/** Watches the flushes of logs. Those that are to land by themselves never do, so that only what somebody waited for is durable. */
export class LogDisk {
  readonly #kept = mkdtempSync(join(tmpdir(), 'holdfast-flushed-'));

  constructor(context: TestContext) {
    const { fdatasyncSync: flush, openSync: open } = fs;
    const paths = new Map<number, string>();
    context.mock.method(fs, 'openSync', (path: string, ...how: [string, number?]) => {
      const file = open(path, ...how);
      paths.set(file, path);
      return file;
    });
    context.mock.method(fs, 'fdatasync', () => {});
    context.mock.method(fs, 'fdatasyncSync', (file: number) => {
      flush(file);
      this.#keep(paths.get(file) ?? '');
    });
    syncBuiltinESMExports();
    context.after(() => {
      context.mock.restoreAll();
      syncBuiltinESMExports();
      rmSync(this.#kept, { recursive: true });
    });
  }

  restore(dir: string, into: string): void {
    mkdirSync(into, { recursive: true });
    const kept = join(this.#kept, basename(dir));
    if (fs.existsSync(kept)) cpSync(kept, into, { recursive: true });
  }

  #keep(path: string): void {
    if (!path.endsWith('.seg')) return;
    const kept = join(this.#kept, basename(join(path, '..', '..')));
    mkdirSync(kept, { recursive: true });
    copyFileSync(path, join(kept, basename(path)));
  }
}

/** Lets statements fail with a code of SQLite: those that begin so, from the `from`th on, `times` of them. */
export function failing(
  context: TestContext,
  begin: string,
  errcode: number,
  { from = 1, times = Number.POSITIVE_INFINITY } = {},
): { restore: () => void } {
  const method = 'run' as const;
  const original = StatementSync.prototype[method] as (...values: unknown[]) => ReturnType<StatementSync['run']>;
  let calls = 0;
  const spy = context.mock.method(
    StatementSync.prototype,
    'run' as const,
    function (this: StatementSync, ...values: unknown[]) {
      if (!this.sourceSQL.startsWith(begin)) return original.apply(this, values);
      calls += 1;
      if (calls < from || calls >= from + times) return original.apply(this, values);
      throw Object.assign(new Error('it failed'), { errcode });
    },
  );
  return { restore: () => spy.mock.restore() };
}
