/** Downloads from the keeping of their files to their end: by inspection, by periodic work, by the people who sent them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fileNameOf } from '#/codec/mime/index.ts';
import type { MailAddress, MailId, RecipientState, ShareId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Trace } from '#/ports/index.ts';
import { DownloadsBench, FILES, type Kept } from '#/testkit/downloads/index.ts';
import { newCode, plainSecret } from './link-keys.ts';

const soon = () => within(30_000);
const MINUTE = 60_000;
const DAY = 86_400_000;

async function keep(
  bench: DownloadsBench,
  to: readonly string[],
  terms: Parameters<DownloadsBench['share']>[1] = {},
): Promise<Kept> {
  const kept = await bench.share(to, terms);
  assert.ok(typeof kept !== 'string');
  return kept;
}

/** What the journal says of the mail of a share. */
function traced({ mail }: Kept, states: readonly RecipientState[], { at = 0, version = 'v1' } = {}): Trace {
  const recipients = states.map((state, i) => ({ n: i + 1, state }));
  const events = states.flatMap((state, i) => [
    { kind: 'verdict', recipient: i + 1, ruleVersion: version, at },
    { kind: state, recipient: i + 1, ruleVersion: null, at },
  ]);
  return { id: mail.id, recipients, events } as unknown as Trace;
}

async function linkOf(bench: DownloadsBench, { share }: Kept, n = 1) {
  const link = (await bench.downloads.show(share.id, soon()))?.links.find((one) => one.n === n);
  assert.ok(link);
  return link;
}

test('design 1: a mail that is inspected again has the same share and the same links, and its files are kept once', async () => {
  await using bench = new DownloadsBench();
  const first = await keep(bench, ['taro@example.test']);
  const again = await keep(bench, ['taro@example.test', 'hanako@example.test'], { mail: first.mail });
  assert.equal(again.share.id, first.share.id);
  assert.equal(again.tokens[0], first.tokens[0]);
  const other = await keep(bench, ['taro@example.test'], { mail: first.mail, downloads: 3 });
  assert.notEqual(other.share.id, first.share.id);
  assert.equal(new Set([...again.tokens, ...other.tokens]).size, 3, 'each link is its own');
  assert.match(first.tokens[0] ?? '', /^[A-Za-z0-9_-]{27}$/);
});

test('H1: who is judged after all others’ links have ended still gets the files; where a person ended them the mail waits', async () => {
  await using bench = new DownloadsBench();
  const kept = await keep(bench, ['taro@example.test']);
  bench.traces.push(traced(kept, ['bounced']));
  bench.now += MINUTE;
  await bench.upkeep.step();
  assert.equal(await bench.downloads.file(kept.share.id, 1, soon()), null);
  bench.traces.splice(0, 1, traced(kept, ['bounced', 'approval']));
  await keep(bench, ['taro@example.test', 'hanako@example.test'], { mail: kept.mail });
  await bench.upkeep.step();
  assert.deepEqual(await bench.downloads.file(kept.share.id, 1, soon()), FILES[0]?.octets);
  assert.notEqual((await linkOf(bench, kept, 2)).state, 'ended');
  await bench.downloads.act(kept.share.id, null, { kind: 'revoke', at: bench.now }, soon());
  assert.equal(await bench.share(['taro@example.test'], { mail: kept.mail }), 'revoked');
});

test('design 6: neither a token, a code nor a password is in the store', async () => {
  await using bench = new DownloadsBench();
  const { share, tokens } = await keep(bench, ['taro@example.test'], { proof: 'password' });
  const all = JSON.stringify([
    await bench.downloads.show(share.id, soon()),
    await bench.downloads.due(bench.now + DAY, 10, soon()),
    await bench.call('download.show', { id: share.id }),
  ]);
  for (const secret of [tokens[0] ?? '', bench.keys.password({ share: share.id, n: 1 })])
    assert.ok(!all.includes(secret));
  for (let i = 0; i < 100; i++) assert.match(newCode(), /^\d{8}$/);
});

test('H1: where a tenant has no room nothing is kept, and the blobs begun are given up', async () => {
  await using bench = new DownloadsBench({ quotaBytes: 3_000 });
  assert.equal(await bench.share(['taro@example.test']), 'full');
  assert.deepEqual(
    bench.log.lines.map(({ event, fields }) => [event, fields['incident']]),
    [['download.no-room', true]],
    'the operator hears of it',
  );
  assert.deepEqual(await bench.downloads.list({}, null, 10, soon()), []);
  const purged = await bench.blobs.purge(bench.now + 1, async () => new Set(), soon());
  assert.equal(purged, 1);
});

test('H1: the time of a link begins when its mail is delivered; its password follows a minute later, once', async () => {
  await using bench = new DownloadsBench();
  const kept = await keep(bench, ['taro@example.test', 'hanako@example.test'], { proof: 'password' });
  bench.now += 2 * DAY;
  bench.traces.push(traced(kept, ['approval', 'approval']));
  await bench.upkeep.step();
  assert.equal((await linkOf(bench, kept)).state, 'waiting');
  assert.deepEqual(
    await bench.downloads.due(bench.now + 40 * MINUTE, 10, soon()),
    [],
    'what waits for days is looked at seldom',
  );
  const at = bench.now;
  bench.traces.splice(0, 1, traced(kept, ['delivered', 'approval'], { at }));
  bench.now += 60 * MINUTE;
  await bench.upkeep.step();
  const { state, sentAt, expiresAt } = await linkOf(bench, kept);
  assert.deepEqual([state, sentAt, expiresAt], ['open', at, at + 5 * DAY]);
  for (let i = 0; i < 3; i++) {
    await bench.upkeep.step();
    bench.now += MINUTE;
  }
  assert.equal(bench.letters.length, 1);
  const { to, text } = bench.letter();
  assert.equal(to, 'taro@example.test');
  const password = /^ {2}(\S+)$/m.exec(text)?.[1] ?? '';
  assert.equal(password, bench.keys.password({ share: kept.share.id, n: 1 }));
  const seen = await bench.visits.look(kept.tokens[0] ?? '');
  assert.ok(seen.kind === 'open');
  assert.ok(typeof (await bench.visits.prove(seen, password.toUpperCase(), '192.0.2.1')) === 'object');
  assert.equal((await linkOf(bench, kept, 2)).state, 'waiting', 'nobody is told of a mail that waits');
});

test('H1: a link that can’t be looked at holds up no other, and is looked at again', async () => {
  await using bench = new DownloadsBench();
  const [broken, other] = [await keep(bench, ['taro@example.test']), await keep(bench, ['hanako@example.test'])];
  const unreadable = { id: broken.mail.id } as Trace;
  bench.traces.push(unreadable, traced(other, ['delivered'], { at: bench.now }));
  bench.now += MINUTE;
  await bench.upkeep.step();
  assert.equal((await linkOf(bench, other)).state, 'open');
  assert.deepEqual(await bench.downloads.due(bench.now, 10, soon()), []);
  bench.traces.splice(0, 1, traced(broken, ['delivered'], { at: bench.now }));
  bench.now += MINUTE;
  await bench.upkeep.step();
  assert.equal((await linkOf(bench, broken)).state, 'open');
});

test('H1: a link whose mail ended otherwise, or left under other rules, ends; its files go with the last one', async () => {
  await using bench = new DownloadsBench();
  const bounced = await keep(bench, ['taro@example.test', 'hanako@example.test']);
  const judgedAnew = await keep(bench, ['taro@example.test']);
  bench.traces.push(traced(bounced, ['bounced', 'held']), traced(judgedAnew, ['delivered'], { version: 'v2' }));
  bench.now += MINUTE;
  await bench.upkeep.step();
  assert.deepEqual(
    [(await linkOf(bench, bounced)).reason, (await linkOf(bench, judgedAnew)).reason],
    ['never sent', 'never sent'],
  );
  assert.notEqual(await bench.downloads.file(bounced.share.id, 1, soon()), null);
  assert.equal(await bench.downloads.file(judgedAnew.share.id, 1, soon()), null);
  assert.deepEqual(await bench.visits.look(bounced.tokens[0] ?? ''), { kind: 'gone' });
  bench.traces.splice(0, 1, traced(bounced, ['bounced', 'discarded']));
  bench.now += MINUTE;
  await bench.upkeep.step();
  assert.equal(await bench.downloads.file(bounced.share.id, 1, soon()), null);
});

test('H1: a share whose verdict was never written down ends within hours of a mail that nobody knows', async () => {
  await using bench = new DownloadsBench();
  const kept = await keep(bench, ['taro@example.test']);
  bench.now += 30 * MINUTE;
  await bench.upkeep.step();
  assert.equal((await linkOf(bench, kept)).state, 'waiting');
  bench.now += 40 * MINUTE;
  await bench.upkeep.step();
  assert.equal((await linkOf(bench, kept)).reason, 'never sent');
});

test('H1: when its time is over a link says so, its files go, and after a week of grace its log', async () => {
  await using bench = new DownloadsBench();
  const kept = await keep(bench, ['taro@example.test'], { proof: 'none' });
  bench.traces.push(traced(kept, ['delivered'], { at: bench.now }));
  bench.now += MINUTE;
  await bench.upkeep.step();
  const seen = await bench.visits.look(kept.tokens[0] ?? '');
  assert.ok(seen.kind === 'open');
  assert.equal((await bench.visits.fetch(seen, 1, '192.0.2.1')).kind, 'file');
  bench.now += 5 * DAY;
  assert.equal((await bench.visits.look(kept.tokens[0] ?? '')).kind, 'expired');
  assert.equal((await bench.visits.fetch(seen, 1, '192.0.2.1')).kind, 'none left', 'a page that was open before');
  await bench.upkeep.step();
  assert.equal(await bench.downloads.file(kept.share.id, 2, soon()), null);
  const purged = await bench.blobs.purge(bench.now + 1, (keys) => bench.downloads.blobsInUse(keys, soon()), soon());
  assert.equal(purged, 1);
  assert.equal((await bench.visits.look(kept.tokens[0] ?? '')).kind, 'expired');
  bench.now += 8 * DAY;
  await bench.upkeep.step();
  assert.equal(await bench.downloads.show(kept.share.id, soon()), null);
});

interface Listed {
  readonly shares: readonly {
    readonly id: string;
    readonly links: readonly { readonly state: string; readonly downloads: number }[];
  }[];
}

test('design 6: senders see and rule their own downloads, administrators those of their tenant, and nobody another tenant’s', async () => {
  await using bench = new DownloadsBench();
  const { share } = await keep(bench, ['taro@example.test']);
  const ids = async (as: string, more = {}) =>
    (await bench.call<Listed>('download.list', { as, ...more })).shares.map(({ id }) => id);
  assert.deepEqual(await ids('alice@acme.test'), [share.id]);
  assert.deepEqual(await ids('a.archer@acme.test'), [share.id]);
  assert.deepEqual(await ids('root@acme.test'), [share.id]);
  for (const [as, more] of [
    ['bob@acme.test', {}],
    ['eve@bolt.test', {}],
    ['eve@bolt.test', { tenant: 'acme' }],
    ['bob@acme.test', { tenant: 'acme', message: share.id.split('.')[0] }],
  ] as const) {
    assert.deepEqual(await ids(as, more), []);
    for (const verb of ['show', 'lock', 'unlock', 'revoke'])
      await assert.rejects(bench.call(`download.${verb}`, { as, id: share.id }), { exit: 1 }, `${as} ${verb}`);
  }
  await assert.rejects(bench.call('download.show', { id: share.id, tenant: 'bolt' }), { exit: 1 });
});

test('H1: a sender locks, unlocks, extends and revokes also after the mail has gone, and reads who did what', async () => {
  await using bench = new DownloadsBench();
  const kept = await keep(bench, ['taro@example.test', 'hanako@example.test'], { proof: 'none' });
  const { id } = kept.share;
  const as = 'alice@acme.test';
  const until = new Date(bench.now + 20 * DAY).toISOString();
  await assert.rejects(bench.call('download.extend', { as, id, until }), /begins when its mail is delivered/);
  bench.traces.push(traced(kept, ['delivered', 'delivered'], { at: bench.now }));
  bench.now += MINUTE;
  await bench.upkeep.step();
  const states = async () =>
    (await bench.call<Listed>('download.list', { as })).shares[0]?.links.map(
      ({ state, downloads }) => `${state} ${downloads}`,
    );
  await bench.call('download.lock', { as, id: id.toLowerCase(), recipient: 'Taro@example.test' });
  assert.deepEqual(await states(), ['locked 0', 'open 0']);
  await bench.call('download.unlock', { as, id });
  assert.deepEqual(await bench.call('download.extend', { as, id, until }), { id, links: 2 });
  assert.equal((await linkOf(bench, kept)).expiresAt, bench.now - MINUTE + 20 * DAY);
  await assert.rejects(bench.call('download.extend', { as, id, until: '2026-11-01T00:00:00Z' }), { exit: 2 });
  await assert.rejects(bench.call('download.lock', { as, id, recipient: 'jiro@example.test' }), /has no link/);
  const seen = await bench.visits.look(kept.tokens[0] ?? '');
  assert.ok(seen.kind === 'open');
  const file = await bench.visits.fetch(seen, 1, '192.0.2.7');
  assert.ok(file.kind === 'file');
  await file.ended(file.bytes);
  await bench.call('download.revoke', { as: 'root@acme.test', id }, 'root@acme.test');
  assert.deepEqual(await states(), ['revoked 1', 'revoked 0']);
  assert.deepEqual(await bench.visits.look(kept.tokens[0] ?? ''), { kind: 'gone' });
  await assert.rejects(bench.call('download.unlock', { as, id }), /have ended/);
  const { log } = await bench.call<{
    log: { kind: string; by: string; file: string | null; recipient: string | null }[];
  }>('download.show', { as, id });
  assert.deepEqual(
    log.map(({ kind, by }) => `${kind} ${by}`.trim()),
    [
      'sent',
      'sent',
      'locked alice@acme.test through cli:root',
      'unlocked alice@acme.test through cli:root',
      'extended alice@acme.test through cli:root',
      'downloaded 192.0.2.7',
      'revoked root@acme.test',
    ],
  );
  assert.deepEqual([log[5]?.file, log[5]?.recipient], ['見積書.pdf', 'taro@example.test']);
});

test('design 6: codes for one address are bounded over all its links, and wrong ones lock a link', async () => {
  await using bench = new DownloadsBench({ codesPerLink: 2, codesPerAddress: 3, wrongMax: 3 });
  const seen = async (to: string) => {
    const { tokens, share } = await keep(bench, [to]);
    const found = await bench.visits.look(tokens[0] ?? '');
    assert.ok(found.kind === 'open');
    return { found, share, token: tokens[0] ?? '' };
  };
  const [one, two] = [await seen('taro@example.test'), await seen('TARO@example.test')];
  const ask = (link: typeof one) => bench.visits.sendCode(link.found, '192.0.2.1');
  assert.deepEqual([await ask(one), await ask(one), await ask(one)], [true, true, false]);
  assert.deepEqual([await ask(two), await ask(two)], [true, false]);
  assert.equal(bench.letters.length, 3);
  for (let i = 0; i < 3; i++) assert.equal(await bench.visits.prove(one.found, 'x', '192.0.2.1'), 'wrong');
  assert.equal((await bench.visits.look(one.token)).kind, 'locked');
});

test('H1: a file whose octets are gone is an error and no download', async () => {
  await using bench = new DownloadsBench();
  const { tokens, share } = await keep(bench, ['taro@example.test'], { proof: 'none' });
  const found = await bench.visits.look(tokens[0] ?? '');
  assert.ok(found.kind === 'open');
  await bench.downloads.act(share.id, null, { kind: 'revoke', at: bench.now }, soon());
  assert.equal((await bench.visits.fetch(found, 1, 'x')).kind, 'none left');
  const lost = await keep(bench, ['taro@example.test'], { proof: 'none' });
  const page = await bench.visits.look(lost.tokens[0] ?? '');
  assert.ok(page.kind === 'open');
  const content = await bench.downloads.file(lost.share.id, 2, soon());
  assert.ok(content !== null && 'key' in content);
  await bench.blobs.condemn(lost.mail.tenant, [content.key], soon());
  await bench.blobs.purge(bench.now + 1, async () => new Set(), soon());
  await assert.rejects(bench.visits.fetch(page, 2, 'x'), { code: 'body.missing' });
  const after = await bench.downloads.show(lost.share.id, soon());
  assert.equal(after?.links[0]?.taken.get(2) ?? 0, 0);
});

test('H1: letters are mails of ours: to the recipient alone, answered by nobody, and they say nothing of the files', async () => {
  await using bench = new DownloadsBench();
  const { tokens, mail } = await keep(bench, ['taro@example.test']);
  const found = await bench.visits.look(tokens[0] ?? '');
  assert.ok(found.kind === 'open');
  await bench.visits.sendCode(found, '192.0.2.1');
  const [letter] = bench.letters;
  assert.ok(letter !== undefined && letter.body.kind === 'memory');
  assert.deepEqual(
    [letter.purpose, letter.origin, letter.sender, letter.parent, letter.tenant],
    ['notice', 'generated', null, mail.id, 'acme'],
  );
  const content = Buffer.concat(letter.body.chunks).toString();
  assert.match(content, /^Auto-Submitted: auto-generated\r$/m);
  assert.match(content, /^From: "acme" <mailer-daemon@mx\.acme\.test>\r$/m);
  for (const { name } of FILES) assert.ok(!bench.letter().text.includes(name ?? ''));
  assert.ok(!bench.letter().text.includes(tokens[0] ?? ''));
});

test('H1: whatever a mail calls its file, the name is shown and saved without harm', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (given) => {
      const name = fileNameOf(given, 1, 'en');
      assert.ok(name.length > 0 && Array.from(name).length <= 80 && name.isWellFormed());
      assert.doesNotMatch(name, /[\p{Cc}\p{Cf}/\\:*?"<>|]|^[. ]|[. ]$/u);
    }),
    { numRuns: 60 },
  );
  assert.equal(fileNameOf('../../etc/passwd', 1, 'en'), '_.._etc_passwd');
  assert.equal(fileNameOf('x\u202egnp.exe', 1, 'en'), 'x_gnp.exe');
  assert.equal(fileNameOf(null, 3, 'ja'), '添付ファイル-3');
  assert.match(fileNameOf(`${'長'.repeat(200)}.xlsx`, 1, 'ja'), /^長+…\.xlsx$/);
  assert.equal(plainSecret(' ＡBcd-1O l '), 'abcd101');
});

test('design 4: names of shares are read in any case', async () => {
  await using bench = new DownloadsBench();
  const { share } = await keep(bench, ['taro@example.test']);
  const shown = await bench.call<{ id: ShareId; message: MailId; owner: MailAddress }>('download.show', {
    id: share.id.toUpperCase(),
  });
  assert.deepEqual([shown.id, shown.owner], [share.id, 'alice@acme.test']);
});
