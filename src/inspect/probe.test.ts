import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import type { FreshDirectory, Inspector } from '#/ports/index.ts';
import { directoryOf } from '#/testkit/index.ts';
import { faultOf, probe, RuleBook, RuleInspector } from './index.ts';

const EMPTY: FreshDirectory = { current: () => directoryOf([]), freshSince: async () => true };

test('H10: the probe comes back as expected from rules of its own, whatever those of the installation are', async () => {
  const blocked = [{ name: 'nothing leaves', action: { reject: 'closed' } }];
  for (const installation of [[], blocked]) {
    await using inspector = new RuleInspector(new RuleBook(EMPTY, installation));
    const answer = await probe(inspector, within(30_000));
    assert.deepEqual(answer, ['pass', 'hold', 'reject']);
    assert.equal(faultOf(answer), null);
  }
});

test('H10: one wrong verdict, a missing one or one too many is a fault', () => {
  assert.match(faultOf(['pass', 'pass', 'reject']) ?? '', /should have ended in hold/);
  assert.match(faultOf(['pass', 'hold', 'none']) ?? '', /ended in none/);
  assert.match(faultOf([]) ?? '', /ended in none/);
  assert.match(faultOf(['pass', 'hold', 'reject', 'pass']) ?? '', /somebody else/);
});

test('H1: rules that can’t be read hold all mail, and concern all of it', async () => {
  const broken = [{ name: 'of a later release', action: { teleport: true } }];
  const book = new RuleBook(EMPTY, broken);
  const version = book.of('acme' as never).rules.version;
  assert.ok(book.concerns('acme' as never, 'inbound'));
  assert.match(version, /^\w+$/);
});

test('H10: whoever answers the probe with one verdict for all is found out', async () => {
  const garbage = { inspect: async () => new Map([[1, { kind: 'pass' }]]) } as unknown as Inspector;
  assert.notEqual(faultOf(await probe(garbage, within(1_000))), null);
});
