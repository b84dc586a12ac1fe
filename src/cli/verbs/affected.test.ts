import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../fake-world.ts';
import type { AffectedAnswer, AffectedItem } from '../shapes.ts';

const COUNTS: AffectedAnswer = {
  ...{ messages: 1_500, recipients: 2_000, unserved: 3 },
  tenants: [
    { tenant: 'acme', contacts: ['it@acme.test'], messages: 1_499, recipients: 1_999, unserved: 2 },
    { tenant: 'globex', contacts: [], messages: 1, recipients: 1, unserved: 1 },
  ],
};

const item = (n: number, more: Partial<AffectedItem> = {}): AffectedItem => ({
  ...{ id: `01M6Z0V6K8Q3${String(n).padStart(4, '0')}`, tenant: 'acme', from: 'alice@acme.test', recipient: 1 },
  ...{ subject: `Offer ${n}`, receivedAt: '2026-11-21T12:07:00.000Z', address: `user${n}@peer.test` },
  ...{ state: 'queued', reason: '', served: false },
  ...more,
});

// A list as the server has it, in pages of two.
function pagesOf(items: readonly AffectedItem[]) {
  return ({ after }: { after: string | null }) => {
    const from = after === null ? 0 : Number(after);
    return { items: items.slice(from, from + 2), next: from + 2 < items.length ? String(from + 2) : null };
  };
}

const WINDOW = ['affected', '--from', '12:07', '--to', '12:11'];

test('H6: the counts say who is unserved, and which tenant nobody is known of', async () => {
  const operations = { 'affected.count': () => COUNTS };
  const { exit, stdout, calls } = await run([...WINDOW, '--component', 'inspect'], { operations });
  assert.equal(exit, 0);
  assert.deepEqual(calls[0]?.input, { from: '12:07', to: '12:11', component: 'inspect' });
  assert.match(stdout, /acme +1,499 +1,999 +2 +it@acme\.test\n/);
  assert.match(stdout, /globex +1 +1 +1 +none known\n/);
  assert.match(stdout, /\n3 of 2,000 recipients of 1,500 messages are not served\. 1 of 2 tenants have no contact/);
  const answer = await run([...WINDOW, '--json'], { operations });
  assert.deepEqual(JSON.parse(answer.stdout), COUNTS);
});

test('H6: --list names each recipient, page by page; --json is one list, and may be empty', async () => {
  const items = Array.from({ length: 5 }, (_, i) => item(i + 1, i === 2 ? { state: 'delivered', served: true } : {}));
  const operations = { 'affected.list': pagesOf(items) };
  const all = await run([...WINDOW, '--list', '--json'], { operations });
  assert.deepEqual(JSON.parse(all.stdout), items);
  const open = await run([...WINDOW, '--list', '--unserved', '--json'], { operations });
  assert.deepEqual(
    JSON.parse(open.stdout),
    items.filter(({ served }) => !served),
  );
  const none = await run([...WINDOW, '--list', '--json'], { operations: { 'affected.list': pagesOf([]) } });
  assert.deepEqual(JSON.parse(none.stdout), []);
  const shown = await run([...WINDOW, '--list'], { operations });
  assert.match(shown.stdout, /01M6Z0V6K8Q30005\/1 +acme +queued +user5@peer\.test +Offer 5\n5 recipients\.\n$/);
});

test('H6: what stands in a mail is text in a spreadsheet, and harmless on a terminal', async () => {
  const hostile = [item(1, { subject: '=HYPERLINK("http://x")' }), item(2, { subject: 'a,"b"\u001b[2J', from: null })];
  const operations = { 'affected.list': pagesOf(hostile) };
  const { stdout } = await run([...WINDOW, '--csv'], { operations });
  const lines = stdout.split('\r\n');
  assert.equal(lines[0], 'id,recipient,tenant,state,served,reason,receivedAt,from,address,subject');
  assert.match(lines[1] ?? '', /,"'=HYPERLINK\(""http:\/\/x""\)"$/);
  assert.match(lines[2] ?? '', /,2026-11-21T12:07:00\.000Z,,user2@peer\.test,"a,""b""/);
  const listed = await run([...WINDOW, '--list'], { operations });
  assert.doesNotMatch(listed.stdout, /\u001b/);
});

test('H6: who names no begin hears how', async () => {
  const { exit, stderr } = await run(['affected', '--to', '12:11']);
  assert.deepEqual([exit, /Say when it began: --from/.test(stderr)], [2, true]);
});
