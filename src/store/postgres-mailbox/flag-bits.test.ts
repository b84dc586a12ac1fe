import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keywordsMax, SYSTEM_FLAGS } from '../mailbox/index.ts';
import { changedBits, DELETED, flagReader, hasBit, keepFlags, knownBits, SEEN } from './flag-bits.ts';

const KEYWORDS = Array.from({ length: keywordsMax }, (_, at) => `word${at}`);
const anyFlags = fc.uniqueArray(fc.constantFrom(...SYSTEM_FLAGS, ...KEYWORDS));

test('RFC 9051 §2.3.2: the bits of the system’s flags stay what rows were written with', () => {
  const bits = SYSTEM_FLAGS.map((flag) => [flag, keepFlags({ keywords: '' }, [flag]).bits]);
  assert.deepEqual(bits, [
    ['\\Seen', 1],
    ['\\Deleted', 2],
    ['\\Flagged', 4],
    ['\\Answered', 8],
    ['\\Draft', 16],
  ]);
  assert.deepEqual([SEEN, DELETED], [1, 2]);
});

test('RFC 9051 §2.3.2: any flags that a mailbox has room for come back, in the order of their first use', () => {
  fc.assert(
    fc.property(anyFlags, anyFlags, (first, second) => {
      const mailbox = { keywords: '' };
      for (const flags of [first, second]) {
        const { bits, refused } = keepFlags(mailbox, flags);
        assert.deepEqual(refused, []);
        assert.deepEqual(new Set(flagReader(mailbox.keywords)(bits)), new Set(flags));
        assert.equal(knownBits(mailbox, flags), bits);
        for (const flag of SYSTEM_FLAGS)
          assert.equal(hasBit(bits, keepFlags({ keywords: '' }, [flag]).bits), flags.includes(flag));
      }
    }),
  );
});

test('RFC 9051 §2.3.2: changing bits is changing sets, to the last keyword', () => {
  fc.assert(
    fc.property(anyFlags, anyFlags, (before, given) => {
      const mailbox = { keywords: '' };
      const [now, bits] = [keepFlags(mailbox, before).bits, keepFlags(mailbox, given).bits];
      const after = (how: 'add' | 'remove' | 'replace'): Set<string> =>
        new Set(flagReader(mailbox.keywords)(changedBits(now, how, bits)));
      assert.deepEqual(after('add'), new Set(before).union(new Set(given)));
      assert.deepEqual(after('remove'), new Set(before).difference(new Set(given)));
      assert.deepEqual(after('replace'), new Set(given));
    }),
  );
});

test('RFC 9051 §2.3.2: one keyword too many is refused and takes no room; what is to go need not be met', () => {
  const mailbox = { keywords: KEYWORDS.join(' ') };
  assert.deepEqual(keepFlags(mailbox, ['WORD3', 'other', '\\Seen']), { bits: 2 ** (5 + 3) + 1, refused: ['other'] });
  assert.equal(knownBits(mailbox, ['other', '\\Recent']), 0);
  assert.equal(mailbox.keywords, KEYWORDS.join(' '));
});
