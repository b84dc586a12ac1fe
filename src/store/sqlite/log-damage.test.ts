/** Octets of the log that change under us, on the whole store. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import type { ClaimRequest } from '#/ports/index.ts';
import { FakeLog } from '#/testkit/index.ts';
import {
  DAY_MS,
  DELIVERED,
  mail,
  NOON,
  PARTNER,
  settlementOf,
  soon,
  textBody,
  textOf,
  worker,
} from '../contract/samples.ts';
import { Bench } from './crash-fixture.ts';
import { Fixture } from './fixture.ts';

const ME = worker('1');
const ALL: ClaimRequest = {
  kind: 'due',
  destination: PARTNER,
  tenant: null,
  fresh: false,
  ignoreDue: true,
  now: NOON + DAY_MS,
  limit: 100,
};

/** Three mails, each durable before the next, in a log that no table has followed yet; `change` does the damage. */
async function damaged(change: (log: Buffer, ids: readonly string[]) => void) {
  const fixture = await Fixture.make();
  const bench = new Bench(fixture.dir);
  const sent = ['first', 'second', 'third'].map((text) => {
    const body = textBody(`Subject: ${text}\r\n\r\n${text} `.padEnd(2_000, text));
    return mail(bench.clock, { body, size: body.size });
  });
  for (const each of sent) {
    assert.ok(bench.accept([each]).ok);
    await new Promise<void>((resolve) => bench.writer.whenFlushed(resolve));
  }
  bench.writer.abandon();
  const path = join(fixture.dir, 'log', '00000001.seg');
  const bytes = await readFile(path);
  change(
    bytes,
    sent.map(({ id }) => id),
  );
  await writeFile(path, bytes);
  const log = new FakeLog();
  const again = await fixture.open(null, log);
  await again.enlist(ME, soon());
  const claims = await again.claim(ALL, ME.id, soon());
  return { again, claims, sent, told: log.lines, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

it('H3 H5: where the words of a mail are broken in the log the mails behind it live, and an incident is raised', async () => {
  await using it = await damaged((bytes, ids) => {
    bytes[bytes.indexOf(ids[1] ?? '') + 3] = 0;
  });
  assert.deepEqual(
    it.claims.map(({ mail: { id } }) => id),
    [it.sent[0]?.id, it.sent[2]?.id],
  );
  assert.equal(textOf(it.claims[1]?.body ?? null), textOf(it.sent[2]?.body ?? null));
  assert.deepEqual(
    it.told.map(({ event }) => event),
    ['store.log.damaged'],
  );
  assert.partialDeepStrictEqual(it.told[0]?.fields, { incident: true, wordsRead: false });
});

it('H5: where content is broken in the log its mail is known, its content is not believed, and an incident is raised', async () => {
  await using it = await damaged((bytes, ids) => {
    // The last octet of the second content stands in front of the third record.
    const third = bytes.lastIndexOf('2LFH', bytes.indexOf(ids[2] ?? ''));
    bytes[third - 40] = (bytes[third - 40] ?? 0) ^ 1;
  });
  assert.deepEqual(
    it.claims.map(({ mail: { id }, body }) => [id, body === null]),
    it.sent.map(({ id }, i) => [id, i === 1]),
  );
  await assert.rejects(it.again.body(it.sent[1]?.id ?? it.claims[0]?.mail.id ?? assert.fail(), soon()), {
    code: 'body.damaged',
  });
  assert.partialDeepStrictEqual(it.told, [{ event: 'store.log.damaged', fields: { incident: true, wordsRead: true } }]);
  const [claim] = it.claims;
  assert.ok(claim !== undefined);
  assert.deepEqual(await it.again.settle(settlementOf(claim, DELIVERED), ME.id, soon()), ['settled']);
});
