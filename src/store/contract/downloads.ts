/** What every keeper of `ports/downloads.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailAddress, MailId, PolicyVersion, ShareId, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Downloads, LinkKey, NewShare, ProofAttempt } from '#/ports/index.ts';

/** A keeper under test. `reopen` closes it and opens what it kept; null where nothing outlives the process. */
export interface DownloadsUnderTest extends AsyncDisposable {
  readonly downloads: Downloads;
  readonly reopen: (() => Promise<Downloads>) | null;
}

const soon = () => within(30_000);
const NOON = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const LIMITS = { perLink: 2, perAddress: 3, windowMs: 60 * MINUTE };
const PLENTY = 1_000_000;
let shares = 0;

/** A share for these recipients, of one small file and one in a blob. */
function shareFor(addresses: readonly string[], more: Partial<NewShare> = {}): NewShare {
  shares += 1;
  const message = `01M6Z0V6K8Q3${String(shares).padStart(4, '0')}` as MailId;
  const id = `${message}.abc` as ShareId;
  return {
    ...{ id, message, tenant: 'acme' as TenantId, owner: 'Alice@acme.test' as MailAddress, subject: '見積書' },
    ...{ language: 'ja', proof: 'code', expireMs: 5 * 86_400_000, downloads: 2, madeAt: NOON },
    files: [
      { name: '見積書.pdf', bytes: 8, content: Buffer.from('%PDF-1.4') },
      { name: 'plan.zip', bytes: 40, content: { key: `blob-${shares}`, size: 40, sha256: 'a'.repeat(64) } },
    ],
    links: addresses.map((address, i) => ({
      ...{ n: i + 1, address: address as MailAddress, tokenHash: `${id} ${i + 1}`, secretHash: null },
      version: 'v1' as PolicyVersion,
    })),
    ...more,
  };
}

function linkOf({ id: share }: NewShare, n = 1): LinkKey {
  return { share, n };
}

const attempt = (hash: string, more: Partial<ProofAttempt> = {}): ProofAttempt => ({
  ...{ hash, now: NOON, validMs: 15 * MINUTE, tries: 3, windowMs: 15 * MINUTE, wrongMax: 100 },
  ...more,
});

/** The suite, for one keeper. */
export function downloadsContract(keeper: string, open: () => Promise<DownloadsUnderTest>): void {
  const titled = (title: string, work: (given: DownloadsUnderTest) => Promise<void>): void => {
    test(`${title} (${keeper})`, async () => {
      await using given = await open();
      await work(given);
    });
  };

  titled(
    'design 6: who is erased is a pseudonym in what has ended, and stays what they are in what has not',
    async ({ downloads }) => {
      const person = { addresses: ['taro@example.test', 'alice@acme.test'], pseudonym: 'erased-1@erased.invalid' };
      const [ended, open] = [shareFor(['Taro@example.test', 'jiro@example.test']), shareFor(['taro@example.test'])];
      for (const share of [ended, open]) {
        await downloads.keep(share, PLENTY, soon());
        await downloads.act(share.id, null, { kind: 'extend', until: NOON + MINUTE }, soon());
        const event = { share: share.id, n: null, at: NOON, kind: 'extended', file: null } as const;
        await downloads.note({ ...event, by: 'alice@acme.test through cli:root' }, soon());
        await downloads.note({ ...event, by: 'alice@acme.tests' }, soon());
      }
      await downloads.act(ended.id, null, { kind: 'revoke', at: NOON }, soon());
      const before = await downloads.show(open.id, soon());
      assert.equal(await downloads.erase(person, soon()), 4);
      assert.equal(await downloads.erase(person, soon()), 0);
      const shown = await downloads.show(ended.id, soon());
      assert.deepEqual(
        [shown?.owner, ...(shown?.links ?? []).map(({ address }) => address)],
        [...[person.pseudonym, person.pseudonym], 'jiro@example.test'],
      );
      assert.deepEqual(await downloads.show(open.id, soon()), before);
      assert.deepEqual(
        (await downloads.events(open.id, 10, soon())).map(({ by }) => by),
        [person.pseudonym, 'alice@acme.tests'],
      );
    },
  );

  titled(
    'H1: a share comes back whole, its small files octet for octet, also after the keeper was opened again',
    async (given) => {
      const share = shareFor(['taro@example.test', 'hanako@example.test']);
      assert.equal(await given.downloads.has(share.id, soon()), false);
      assert.equal(await given.downloads.keep(share, PLENTY, soon()), 'kept');
      const downloads = given.reopen === null ? given.downloads : await given.reopen();
      assert.ok(await downloads.has(share.id, soon()));
      const found = await downloads.find(`${share.id} 2`, soon());
      assert.equal(found?.link.address, 'hanako@example.test');
      assert.equal(found?.link.state, 'waiting');
      assert.deepEqual(found?.share.files, [
        { n: 1, name: '見積書.pdf', bytes: 8 },
        { n: 2, name: 'plan.zip', bytes: 40 },
      ]);
      assert.deepEqual(await downloads.file(share.id, 1, soon()), Buffer.from('%PDF-1.4'));
      assert.deepEqual(await downloads.file(share.id, 2, soon()), share.files[1]?.content);
      assert.equal(await downloads.file(share.id, 3, soon()), null);
      assert.equal(await downloads.find('another', soon()), null);
      const { files: _files, links: _links, ...terms } = share;
      const { files: _shown, links, ...shown } = (await downloads.show(share.id, soon())) ?? {};
      assert.deepEqual(shown, terms);
      assert.equal(links?.length, 2);
    },
  );

  titled(
    'design 1: a share that is kept again stays as it is, and gets the links that it lacks',
    async ({ downloads }) => {
      const share = shareFor(['taro@example.test']);
      await downloads.keep(share, PLENTY, soon());
      const other = shareFor(['taro@example.test', 'hanako@example.test']).links.map((link, i) => ({
        ...link,
        tokenHash: `${share.id} ${i + 1}`,
        version: 'v2' as PolicyVersion,
      }));
      assert.equal(await downloads.keep({ ...share, files: [], links: other }, PLENTY, soon()), 'kept');
      assert.deepEqual(await downloads.file(share.id, 1, soon()), Buffer.from('%PDF-1.4'));
      const due = await downloads.due(NOON + MINUTE, 10, soon());
      assert.deepEqual(
        due.map(({ n, version }) => [n, version]),
        [
          [1, 'v2'],
          [2, 'v2'],
        ],
      );
    },
  );

  titled('H1: a tenant keeps no more than its quota, each tenant for itself', async ({ downloads }) => {
    const [one, two] = [shareFor(['a@x.test']), shareFor(['b@x.test'])];
    assert.equal(await downloads.keep(one, 90, soon()), 'kept');
    assert.equal(await downloads.keep(two, 90, soon()), 'full');
    assert.equal(await downloads.has(two.id, soon()), false);
    assert.equal(await downloads.find(`${two.id} 1`, soon()), null);
    assert.equal(await downloads.keep(one, 90, soon()), 'kept', 'what is there is there');
    assert.equal(await downloads.keep({ ...two, tenant: 'bolt' as TenantId }, 90, soon()), 'kept');
    assert.equal(await downloads.bytes('acme' as TenantId, soon()), 48);
  });

  titled(
    'H1: of a crowd that fetches at once nobody gets more than there are; what broke off is not counted',
    async ({ downloads }) => {
      const share = shareFor(['taro@example.test', 'hanako@example.test']);
      await downloads.keep(share, PLENTY, soon());
      const crowd = Array.from({ length: 8 }, () => downloads.take(linkOf(share), 1, NOON, soon()));
      assert.equal((await Promise.all(crowd)).filter(Boolean).length, 2);
      assert.ok(await downloads.take(linkOf(share), 2, NOON, soon()), 'another file');
      assert.ok(await downloads.take(linkOf(share, 2), 1, NOON, soon()), 'another recipient');
      await downloads.giveBack(linkOf(share), 1, soon());
      const { link } = (await downloads.find(`${share.id} 1`, soon())) ?? {};
      assert.deepEqual([link?.taken.get(1), link?.taken.get(2)], [1, 1]);
      assert.equal(await downloads.take(linkOf(share), 9, NOON, soon()), false, 'no such file');
    },
  );

  titled(
    'H1: nothing is fetched by a link that is locked, whose time is over, or that was revoked',
    async ({ downloads }) => {
      const share = shareFor(['taro@example.test', 'hanako@example.test']);
      await downloads.keep(share, PLENTY, soon());
      const sent = { kind: 'sent', at: NOON, expiresAt: NOON + MINUTE, lookAt: NOON + MINUTE } as const;
      await downloads.looked(linkOf(share), sent, soon());
      const take = (now = NOON) => downloads.take(linkOf(share), 1, now, soon());
      assert.equal(await downloads.act(share.id, 1, { kind: 'lock' }, soon()), 1);
      assert.equal(await take(), false);
      await downloads.act(share.id, null, { kind: 'unlock' }, soon());
      assert.equal(await take(NOON + MINUTE), false, 'its time is over');
      assert.equal(
        await downloads.act(share.id, null, { kind: 'extend', until: NOON + 2 * MINUTE }, soon()),
        1,
        'one waits',
      );
      assert.ok(await take(NOON + MINUTE));
      assert.equal(await downloads.act(share.id, 1, { kind: 'revoke', at: NOON }, soon()), 1);
      assert.equal(await take(), false);
      assert.equal(await downloads.act(share.id, 1, { kind: 'unlock' }, soon()), 0, 'what has ended stays so');
      const { link } = (await downloads.find(`${share.id} 1`, soon())) ?? {};
      assert.deepEqual([link?.state, link?.reason], ['ended', 'revoked']);
    },
  );

  titled('design 6: a code is right once, for its time, and after so many wrong tries never', async ({ downloads }) => {
    const share = shareFor(['taro@example.test']);
    await downloads.keep(share, PLENTY, soon());
    const link = linkOf(share);
    const say = (hash: string, more: Partial<ProofAttempt> = {}) =>
      downloads.tryProof(link, attempt(hash, more), soon());
    assert.equal(await say('c1'), 'spent', 'none was sent');
    assert.ok(await downloads.setCode(link, { hash: 'c1', at: NOON }, LIMITS, soon()));
    assert.equal(await say('c1', { now: NOON + 15 * MINUTE }), 'spent', 'too late');
    assert.deepEqual([await say('no'), await say('c1'), await say('c1')], ['wrong', 'right', 'spent']);
    assert.ok(await downloads.setCode(link, { hash: 'c2', at: NOON + 1 }, LIMITS, soon()));
    const tries = await Promise.all(Array.from({ length: 6 }, (_, i) => say(`no ${i}`)));
    assert.deepEqual(tries.toSorted(), ['spent', 'spent', 'spent', 'wrong', 'wrong', 'wrong']);
    assert.equal(await say('c2'), 'spent');
  });

  titled('design 6: a link, and all links to one address, have so many codes in a time', async ({ downloads }) => {
    const [one, two] = [shareFor(['Taro@example.test']), shareFor(['taro@example.test'])];
    for (const share of [one, two]) await downloads.keep(share, PLENTY, soon());
    const ask = (share: NewShare, at: number) => downloads.setCode(linkOf(share), { hash: 'c', at }, LIMITS, soon());
    assert.deepEqual([await ask(one, NOON), await ask(one, NOON + 1), await ask(one, NOON + 2)], [true, true, false]);
    assert.deepEqual([await ask(two, NOON + 3), await ask(two, NOON + 4)], [true, false]);
    assert.ok(await ask(one, NOON + LIMITS.windowMs + 10), 'a new time');
  });

  titled(
    'design 6: a password rests after wrong tries, stays good, and with too many of them the link is locked',
    async ({ downloads }) => {
      const [link] = shareFor(['taro@example.test']).links;
      assert.ok(link);
      const share = shareFor(['taro@example.test'], {
        proof: 'password',
        links: [{ ...link, tokenHash: 'p', secretHash: 's' }],
      });
      await downloads.keep(share, PLENTY, soon());
      const say = (hash: string, now: number) =>
        downloads.tryProof(linkOf(share), attempt(hash, { now, validMs: null, tries: 2, wrongMax: 4 }), soon());
      assert.deepEqual(
        [await say('no', NOON), await say('s', NOON), await say('s', NOON)],
        ['wrong', 'right', 'right'],
      );
      assert.deepEqual(
        [await say('no', NOON), await say('no', NOON), await say('s', NOON)],
        ['wrong', 'wrong', 'spent'],
      );
      assert.equal(await say('s', NOON + 16 * MINUTE), 'right');
      assert.equal(await say('no', NOON + 40 * MINUTE), 'wrong');
      assert.equal((await downloads.find('p', soon()))?.link.locked, true);
      assert.equal(await say('s', NOON + 80 * MINUTE), 'spent');
      await downloads.act(share.id, null, { kind: 'unlock' }, soon());
      assert.equal(await say('s', NOON + 81 * MINUTE), 'right');
    },
  );

  titled('H1: files go when the last link has ended, and the share later, with its log', async ({ downloads }) => {
    const [share, other] = [shareFor(['taro@example.test', 'hanako@example.test']), shareFor(['taro@example.test'])];
    for (const one of [share, other]) await downloads.keep(one, PLENTY, soon());
    const [, { content: inBlob } = { content: null }] = share.files;
    assert.ok(inBlob !== null && 'key' in inBlob);
    const blob = inBlob.key;
    await downloads.note({ share: share.id, n: 1, at: NOON, kind: 'downloaded', file: 1, by: '192.0.2.1' }, soon());
    await downloads.looked(linkOf(share), { kind: 'ended', at: NOON, reason: 'never sent' }, soon());
    assert.deepEqual(await downloads.dropFiles(10, soon()), []);
    assert.deepEqual(await downloads.blobsInUse([blob, 'other'], soon()), new Set([blob]));
    await downloads.act(share.id, 2, { kind: 'revoke', at: NOON + 1 }, soon());
    assert.deepEqual(await downloads.dropFiles(10, soon()), [{ tenant: 'acme', key: blob }]);
    assert.deepEqual(await downloads.dropFiles(10, soon()), []);
    assert.deepEqual(await downloads.blobsInUse([blob], soon()), new Set());
    assert.equal(await downloads.file(share.id, 1, soon()), null);
    assert.equal(await downloads.bytes('acme' as TenantId, soon()), 48);
    assert.equal((await downloads.show(share.id, soon()))?.files[0]?.name, '見積書.pdf', 'it is still told of');
    assert.equal(await downloads.forget(NOON + 1, 10, soon()), 0);
    assert.equal(await downloads.forget(NOON + 2, 10, soon()), 1);
    assert.equal(await downloads.show(share.id, soon()), null);
    assert.deepEqual(await downloads.events(share.id, 10, soon()), []);
    assert.ok(await downloads.show(other.id, soon()));
  });

  titled(
    'H1: a share that ended by itself opens once more for who is judged later, with files that were kept anew',
    async ({ downloads }) => {
      const share = shareFor(['taro@example.test']);
      const later = shareFor(['', 'hanako@example.test']).links.slice(1);
      const files = share.files.map((file) =>
        'key' in file.content ? { ...file, content: { ...file.content, key: `new ${share.id}` } } : file,
      );
      const keep = (more: Partial<NewShare>, quota = PLENTY) =>
        downloads.keep({ ...share, links: later, ...more }, quota, soon());
      for (const isDropped of [false, true]) {
        await downloads.keep(share, PLENTY, soon());
        for (const { n } of (await downloads.show(share.id, soon()))?.links ?? [])
          await downloads.looked(linkOf(share, n), { kind: 'ended', at: NOON, reason: 'never sent' }, soon());
        if (isDropped) assert.equal((await downloads.dropFiles(10, soon())).length, 1);
        assert.equal(await downloads.has(share.id, soon()), false);
        assert.equal(await keep({ files: [] }), 'ended');
        if (isDropped) assert.equal(await keep({ files }, 40), 'full');
        assert.equal(await keep({ files, links: isDropped ? share.links : later }), 'kept');
        assert.ok(await downloads.has(share.id, soon()));
        assert.deepEqual(await downloads.dropFiles(10, soon()), []);
        assert.equal(await downloads.forget(NOON * 2, 10, soon()), 0);
        assert.deepEqual(await downloads.file(share.id, 1, soon()), Buffer.from('%PDF-1.4'));
        assert.equal(await downloads.bytes('acme' as TenantId, soon()), 48);
      }
      assert.deepEqual(await downloads.file(share.id, 2, soon()), files[1]?.content);
      assert.ok(await downloads.take(linkOf(share, 1), 1, NOON, soon()));
      const due = (await downloads.due(NOON + MINUTE, 10, soon())).filter((one) => one.share === share.id);
      assert.deepEqual(
        due.map(({ n, state }) => [n, state]),
        [[1, 'waiting']],
        'who is judged once more has a link',
      );
      await downloads.act(share.id, null, { kind: 'revoke', at: NOON }, soon());
      assert.deepEqual(
        [await keep({ files }), await keep({ files: [] })],
        ['revoked', 'revoked'],
        'what a person ended stays so',
      );
      assert.equal(await downloads.has(share.id, soon()), false);
    },
  );

  titled('H1: what is due is looked at in order, and what came of it stays', async ({ downloads }) => {
    const share = shareFor(['taro@example.test', 'hanako@example.test']);
    await downloads.keep(share, PLENTY, soon());
    assert.deepEqual(await downloads.due(NOON, 10, soon()), []);
    await downloads.looked(linkOf(share), { kind: 'later', lookAt: NOON + 2 * MINUTE }, soon());
    const sent = { kind: 'sent', at: NOON, expiresAt: NOON + 9 * MINUTE, lookAt: NOON + MINUTE } as const;
    await downloads.looked(linkOf(share, 2), sent, soon());
    const due = await downloads.due(NOON + 5 * MINUTE, 10, soon());
    assert.deepEqual(
      due.map(({ n, state, told, expiresAt }) => [n, state, told, expiresAt]),
      [
        [2, 'open', false, NOON + 9 * MINUTE],
        [1, 'waiting', false, null],
      ],
    );
    await downloads.looked(linkOf(share, 2), { kind: 'told', lookAt: NOON + 9 * MINUTE }, soon());
    await downloads.act(share.id, 2, { kind: 'extend', until: NOON + 20 * MINUTE }, soon());
    const [first, second] = await downloads.due(NOON + 30 * MINUTE, 10, soon());
    assert.deepEqual([first?.n, second?.n, second?.told, second?.expiresAt], [1, 2, true, NOON + 20 * MINUTE]);
    await downloads.looked(linkOf(share, 2), { kind: 'ended', at: NOON, reason: 'expired' }, soon());
    await downloads.looked(linkOf(share, 2), sent, soon());
    assert.equal((await downloads.find(`${share.id} 2`, soon()))?.link.reason, 'expired', 'what has ended stays so');
  });

  titled('H1: shares are listed newest first, of a tenant, a sender or a mail, page by page', async ({ downloads }) => {
    const own = [shareFor(['a@x.test']), shareFor(['b@x.test']), shareFor(['c@x.test'])];
    const others = [
      shareFor(['a@x.test'], { owner: 'bob@acme.test' as MailAddress }),
      shareFor(['a@x.test'], { tenant: 'bolt' as TenantId, owner: null }),
    ];
    for (const share of [...own, ...others]) await downloads.keep(share, PLENTY, soon());
    const ids = async (...asked: Parameters<Downloads['list']>) => (await downloads.list(...asked)).map(({ id }) => id);
    const tenant = 'acme' as TenantId;
    const alice = { tenant, owners: ['alice@ACME.test', 'a.archer@acme.test'] };
    const [first, second, third] = own.map(({ id }) => id);
    assert.deepEqual(await ids(alice, null, 2, soon()), [third, second]);
    assert.deepEqual(await ids(alice, second ?? null, 2, soon()), [first]);
    assert.deepEqual(await ids({ tenant, owners: [] }, null, 9, soon()), []);
    assert.equal((await ids({ tenant }, null, 9, soon())).length, 4);
    assert.equal((await ids({}, null, 9, soon())).length, 5);
    assert.deepEqual(await ids({ message: own[1]?.message as MailId }, null, 9, soon()), [second]);
  });

  titled('H1: of a long log the newest lines are shown', async ({ downloads }) => {
    const share = shareFor(['taro@example.test']);
    await downloads.keep(share, PLENTY, soon());
    const event = { share: share.id, n: 1, kind: 'wrong', file: null, by: '192.0.2.1' } as const;
    await Promise.all([1, 2, 3].map((i) => downloads.note({ ...event, at: NOON + i }, soon())));
    const events = await downloads.events(share.id, 2, soon());
    assert.deepEqual(
      events.map(({ at }) => at),
      [NOON + 2, NOON + 3],
    );
  });
}

/** Keeps one share of one small file, for tests that look at where it lies. */
export async function keepOneFile(downloads: Downloads, content: Buffer): Promise<ShareId> {
  const share = shareFor(['taro@example.test'], { files: [{ name: 'a', bytes: content.length, content }] });
  await downloads.keep(share, PLENTY, soon());
  return share.id;
}

/** SQL that empties a keeper between two tests. */
export const FORGET_ALL = [
  'share',
  'share_file',
  'share_link',
  'share_use',
  'share_event',
  'ended_session',
  'held_decision',
  'domain_key',
]
  .map((table) => `DELETE FROM ${table};`)
  .join(' ');
