import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HELD_VERBS, type MailAddress, type MailId, type PolicyVersion, type Verdict } from '#/model/index.ts';
import { directoryOf, FakeClock, FakeDirectorySource, tenantOf } from '#/testkit/index.ts';
import { LinkDesk } from '../index.ts';
import { markOf, type VerdictMark } from '../verdict-mark.ts';
import { formatToken, readToken, TOKEN_CHARS_MAX } from './token.ts';

const KEY = Buffer.alloc(32, 7);
const MAIL = '06FDTQ7W7GX3K9AB' as MailId;
const ALICE = 'alice@acme.test' as MailAddress;
const HOUR_MS = 3_600_000;

const ACME = { id: 'acme', domains: ['acme.test'], users: [['alice@acme.test'], ['bob@acme.test']] };

const VERDICT: Verdict = {
  kind: 'approve',
  by: [ALICE],
  deputies: [],
  least: 1,
  expireMs: null,
  selfApproval: false,
  rule: 'card numbers',
  version: 'v1' as PolicyVersion,
  reason: { en: 'Card numbers.', ja: 'カード番号' },
  changes: [],
  notify: [],
};
const PART = { mail: MAIL, tenant: tenantOf(ACME).id, verdict: VERDICT };

function desk(more: { readonly base?: string | null; readonly approvalByLink?: boolean } = {}) {
  const clock = new FakeClock();
  const { base = 'https://mail.acme.test', approvalByLink = true } = more;
  const directory = new FakeDirectorySource([tenantOf({ ...ACME, approvalByLink })]);
  return { clock, directory, desk: new LinkDesk({ base, key: () => KEY, directory, clock }) };
}

function tokenIn(url: string | undefined): string {
  return url?.split('/').at(-1) ?? '';
}

test('design 6: a link is bound to item, verdict, person, action and expiry, and comes back as it was made', () => {
  const { clock, desk: links } = desk();
  const until = clock.now() + HOUR_MS;
  const link = links.linkTo(PART, ALICE, ['approve', 'reject'], until);
  assert.match(link?.url ?? '', /^https:\/\/mail\.acme\.test\/l\/[\w-]+$/);
  const opened = links.open(tokenIn(link?.url));
  assert.ok(opened.kind === 'live');
  const verdict = markOf(VERDICT);
  assert.deepEqual(opened.claim, { mail: MAIL, verdict, person: ALICE, verbs: ['approve', 'reject'], until });
  assert.equal(opened.tenant.id, 'acme');
  clock.jump(HOUR_MS);
  assert.deepEqual(links.open(tokenIn(link?.url)), { kind: 'expired' });
});

test('design 6: where the tenant does not allow approval by link the way leads to signing in, also for a link of before', () => {
  const { clock, desk: allowed } = desk();
  const until = clock.now() + HOUR_MS;
  const approve = allowed.linkTo(PART, ALICE, ['approve'], until);
  const { desk: links } = desk({ approvalByLink: false });
  assert.deepEqual(links.linkTo(PART, ALICE, ['approve'], until), {
    url: `https://mail.acme.test/held/${MAIL}`,
    asksSignIn: true,
  });
  assert.equal(links.open(tokenIn(approve?.url)).kind, 'asks sign-in');
  const own = links.linkTo(PART, ALICE, ['stop', 'delete'], until);
  assert.equal(own?.asksSignIn, false);
  assert.equal(links.open(tokenIn(own?.url)).kind, 'live');
});

test('design 6: nobody gets a link who is no user of the tenant, and none works for who was switched off', () => {
  const { clock, directory, desk: links } = desk();
  const until = clock.now() + HOUR_MS;
  assert.equal(links.linkTo(PART, 'eve@globex.test' as MailAddress, ['approve'], until), null);
  assert.equal(links.linkTo({ ...PART, tenant: 'globex' as never }, ALICE, ['approve'], until), null);
  assert.equal(desk({ base: null }).desk.linkTo(PART, ALICE, ['approve'], until), null);
  const link = links.linkTo(PART, ALICE, ['approve'], until);
  const tenant = tenantOf({ ...ACME, approvalByLink: true });
  const users = tenant.users.map((user) => ({ ...user, disabled: user.address === ALICE }));
  directory.switchTo(directoryOf([{ ...tenant, users }]));
  assert.equal(links.open(tokenIn(link?.url)).kind, 'unknown');
});

test('design 6: a link made for an alias is its owner’s, and dies when the address is given to somebody else', () => {
  const { clock, directory, desk: links } = desk();
  const until = clock.now() + HOUR_MS;
  const users = [['alice@acme.test', 'a.archer@acme.test'], ['bob@acme.test']];
  directory.switchTo(directoryOf([tenantOf({ ...ACME, users, approvalByLink: true })]));
  const link = links.linkTo(PART, 'a.archer@acme.test' as MailAddress, ['approve'], until);
  const opened = links.open(tokenIn(link?.url));
  assert.equal(opened.kind === 'live' && opened.claim.person, ALICE);
  const given = [['bob@acme.test', 'alice@acme.test']];
  directory.switchTo(directoryOf([tenantOf({ ...ACME, users: given, approvalByLink: true })]));
  assert.equal(links.open(tokenIn(link?.url)).kind, 'unknown');
});

test('H1: the mark of a verdict outlives votes, and no change of rule, of rules or of whom is asked', () => {
  const mark = markOf(VERDICT);
  assert.equal(markOf({ ...VERDICT, agreed: ['alice@acme.test'], reason: { en: '', ja: '' } }), mark);
  const others: Partial<Verdict>[] = [
    { rule: 'other' },
    { version: 'v2' as PolicyVersion },
    { by: ['bob@acme.test' as MailAddress] },
    { deputies: ['bob@acme.test' as MailAddress] },
    { least: 2 },
    { selfApproval: true },
  ];
  for (const other of others) assert.notEqual(markOf({ ...VERDICT, ...other } as Verdict), mark, JSON.stringify(other));
});

const claims = fc.record({
  mail: fc.constantFrom(MAIL, `${MAIL}-1` as MailId, `${MAIL}-9999` as MailId),
  verdict: fc
    .uint8Array({ minLength: 9, maxLength: 9 })
    .map((octets) => Buffer.from(octets).toString('base64url') as VerdictMark),
  person: fc.constantFrom(ALICE, '用户@例え.テスト' as MailAddress, `${'x'.repeat(240)}@acme.test` as MailAddress),
  verbs: fc.subarray([...HELD_VERBS]),
  until: fc.nat(2 ** 32 - 1).map((seconds) => seconds * 1_000),
});

test('design 6: a token comes back whole, and no other text is taken for one', () => {
  fc.assert(
    fc.property(claims, fc.nat(), fc.constantFrom(...'AQgw_-09az'.split('')), (claim, at, letter) => {
      const token = formatToken(claim, KEY);
      assert.ok(token.length <= TOKEN_CHARS_MAX);
      assert.deepEqual(readToken(token, KEY), { ...claim });
      assert.equal(readToken(token, Buffer.alloc(32, 8)), null);
      const place = at % token.length;
      const changed = `${token.slice(0, place)}${letter}${token.slice(place + 1)}`;
      assert.equal(readToken(changed, KEY) === null, changed !== token, changed);
      assert.equal(readToken(token.slice(0, place), KEY), null);
    }),
  );
  fc.assert(fc.property(fc.string({ maxLength: 500 }), (text) => readToken(text, KEY) === null));
});
