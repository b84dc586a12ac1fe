import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MailboxName } from '#/model/index.ts';
import { mailboxesMax, namesBelow, namesToMake, planRename } from './index.ts';

const names = (...texts: string[]): Set<MailboxName> => new Set(texts as MailboxName[]);
const name = (text: string): MailboxName => text as MailboxName;

test('RFC 9051 §6.3.4: what is missing above a name is made first', () => {
  assert.deepEqual(namesToMake(names('INBOX', 'a'), name('a/b/c')), ['a/b', 'a/b/c']);
  assert.deepEqual(namesToMake(names('INBOX', 'a/b'), name('a/b')), ['a']);
});

test('B3: an account has no more mailboxes than its bound, however many come at once', () => {
  const many = names(...Array.from({ length: mailboxesMax - 1 }, (_, i) => `m${i}`));
  assert.deepEqual(namesToMake(many, name('new')), ['new']);
  assert.throws(() => namesToMake(many, name('new/below')), { code: 'mailbox.refused' });
  assert.throws(() => planRename(many, name('m1'), name('a/b/c')), { code: 'mailbox.refused' });
});

test('RFC 9051 §6.3.6: RENAME of INBOX leaves it and what is below it', () => {
  const plan = planRename(names('INBOX', 'INBOX/a'), name('INBOX'), name('INBOX/a/b'));
  assert.deepEqual(plan, { kind: 'renamed', make: ['INBOX/a/b'], moves: [] });
});

test('RFC 9051 §6.3.6: a rename that makes a name too long or too deep is refused', () => {
  const long = names('INBOX', 'a', `a/${'x'.repeat(990)}`);
  assert.equal(planRename(long, name('a'), name('abcdefghijkl')).kind, 'refused');
  const deep = names(
    'INBOX',
    ...Array.from({ length: 20 }, (_, i) =>
      Array(i + 1)
        .fill('d')
        .join('/'),
    ),
  );
  assert.equal(planRename(deep, name('d'), name(Array(14).fill('e').join('/'))).kind, 'refused');
});

test('RFC 9051 §6.3.6: whatever is renamed, the tree stays whole and no name is of two mailboxes', () => {
  const level = fc.constantFrom('a', 'b', 'ab', 'INBOX');
  const path = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => name(levels.join('/')));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 8 }), fc.array(fc.tuple(path, path), { maxLength: 10 }), (made, moves) => {
      let tree = names('INBOX');
      for (const each of made) tree = tree.union(new Set(namesToMake(tree, each)));
      for (const [from, to] of moves) {
        const plan = planRename(tree, from, to);
        if (plan.kind !== 'renamed') continue;
        const moving = new Map(plan.moves);
        const after = [...plan.make, ...[...tree].map((each) => moving.get(each) ?? each)];
        tree = new Set(after);
        assert.equal(tree.size, after.length);
        assert.ok(tree.has(to) && tree.has(name('INBOX')));
        if (from !== 'INBOX') assert.deepEqual(namesBelow(tree, from), []);
        for (const each of tree)
          if (each.includes('/')) assert.ok(tree.has(name(each.slice(0, each.lastIndexOf('/')))), `above ${each}`);
      }
    }),
  );
});
