/** From a file of the former version, whose content stood in rows, to one with a log; and what a log that was lost leaves. */
import assert from 'node:assert/strict';
import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import { mail } from '../contract/samples.ts';
import { Bench, Folders } from './crash-fixture.ts';

/** A store of the first version with mails that wait: content in rows, no log. */
function formerVersion(dir: string): ReturnType<typeof mail>[] {
  const first = new Bench(dir);
  const sent = [mail(first.clock), mail(first.clock)];
  first.accept(sent);
  first.writer.close();
  const second = new Bench(dir);
  const lastHour = Date.now() / 1000 - 3600;
  utimesSync(join(dir, 'log', '00000001.seg'), lastHour, lastHour);
  second.writer.tidy(second.reached);
  second.writer.close();
  const db = new DatabaseSync(join(dir, 'custody.db'));
  db.exec(`DROP INDEX message_log; ALTER TABLE message DROP COLUMN log_at; ALTER TABLE recipient DROP COLUMN verdict;
    ALTER TABLE recipient DROP COLUMN judged; ALTER TABLE message DROP COLUMN born; DROP TABLE journal_step;
    DELETE FROM fact WHERE name = 'store.log'; PRAGMA user_version = 1`);
  db.close();
  rmSync(join(dir, 'log'), { recursive: true });
  return sent;
}

it('B5: mails of the former version go on, and stand beside those in the log, kills between', () => {
  using folders = new Folders();
  const dir = folders.make();
  const old = formerVersion(dir);
  const first = new Bench(dir);
  const fresh = mail(first.clock);
  first.accept([fresh]);
  const second = new Bench(folders.killed(dir));
  const all = [...old, fresh];
  assert.deepEqual(
    second.contentOf(all),
    all.map(({ size }) => size),
  );
  first.writer.close();
  second.writer.close();
});

it('design 1: a log that was lost is not begun again under numbers that rows still name', () => {
  using folders = new Folders();
  const first = new Bench(folders.make());
  const lost = mail(first.clock);
  first.accept([lost]);
  first.writer.close();
  rmSync(join(first.dir, 'log'), { recursive: true });
  const second = new Bench(first.dir);
  const fresh = mail(second.clock);
  second.accept([fresh]);
  assert.deepEqual(second.contentOf([lost, fresh]), [null, fresh.size]);
  second.writer.commit();
  const [row] = second.read(`SELECT log_at / 4294967296 AS segment FROM message WHERE id = '${fresh.id}'`);
  assert.equal(row?.segment, 2);
  second.writer.close();
});
