import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from './fake-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'rehearsal-'));
after(() => rmSync(folder, { recursive: true }));
const DRAFT =
  'tenants: [{ id: acme, users: [{ address: a@acme.test, password: secret }], policies: [{ name: cards, action: { hold: 1h } }] }]\n';
writeFileSync(join(folder, 'draft.yaml'), DRAFT);
writeFileSync(join(folder, 'broken.yaml'), 'tenants: [');

const found = {
  ...{ tenant: 'acme', since: '2026-11-14T14:32:07+09:00', from: '2026-11-15T09:00:00+09:00', mails: 1204 },
  ...{ recipients: 1530, missing: 4, cut: true, outcomes: { pass: 1488, hold: 12, reject: 0 } },
  ...{ unanswered: { draft: 30, now: 2 }, moves: { 'pass → hold': 12 }, warnings: [] },
  rules: [{ rule: 'cards\u001b[31m', recipients: 12, mails: 9, first: ['A1', 'B2', 'C3', 'D4'], unanswered: 30 }],
  changes: [{ mail: 'A1', recipient: 1, before: { kind: 'pass', rule: null }, after: { kind: 'hold', rule: 'cards' } }],
};
const operations = { 'policy.rehearse': () => found };
const rehearsal = (...words: string[]) => run(['policy', 'test', ...words], { operations, cwd: folder });

test('H1: policy test --since says what a draft would have done by rule, what is other than now, and what it does not know', async () => {
  const { exit, stdout, calls } = await rehearsal('draft.yaml', '--since', '7d', '--tenant', 'acme', '--prune');
  assert.equal(exit, 0);
  const [{ name, input } = { name: '', input: {} }] = calls;
  const { since, tenant, prune, document } = input as Record<string, unknown>;
  assert.deepEqual([name, since, tenant, prune], ['policy.rehearse', '7d', 'acme', true]);
  assert.deepEqual(document, { tenants: [{ id: 'acme', policies: [{ name: 'cards', action: { hold: '1h' } }] }] });
  assert.match(stdout, /1,204 mails of acme since 14 Nov 14:32, to 1,530 recipients/);
  assert.match(stdout, /cards.* +12 +9 +30 +A1 B2 C3$/m);
  assert.match(
    stdout,
    /The draft: pass 1,488, hold 12\.\nOther than now: pass → hold 12\.\n {2}A1 recipient 1: pass → hold \(cards\)/,
  );
  assert.match(
    stdout,
    /Not known for 30 recipients: .*\nNot compared for 2 .*\nMissing: 4 mails .*\nThere is more mail: what came before /,
  );
  assert.ok(!stdout.includes('\u001b'), 'names of rules are anybody’s');
});

test('H1: policy test --since tells mistakes of the file, and flags that belong to a mail, before it asks a server', async () => {
  const broken = await rehearsal('broken.yaml', '--since', '7d');
  assert.deepEqual([broken.exit, broken.calls], [2, []]);
  assert.equal((await rehearsal('gone.yaml', '--since', '7d')).exit, 2);
  assert.match((await rehearsal('draft.yaml', '--since', '7d', '--to', 'a@b.test')).stderr, /--from and --to/);
  assert.match((await rehearsal('draft.yaml', '--tenant', 'acme', '--prune')).stderr, /--since/);
});
