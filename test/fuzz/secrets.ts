import assert from 'node:assert/strict';
import { makeSecretKeeper } from '#/auth/index.ts';
import { type StoredSecret, within } from '#/model/index.ts';
import type { FuzzTarget } from './target.ts';

const keeper = makeSecretKeeper({ scram: false });
const CALL_MS = 5_000;
const texts = [
  '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$N2QPrAWbOQAuQ7J5BXVwNA5AcyhHEdzTCEeT2QWb9jI',
  '$argon2id$v=19$m=64,t=1,p=8$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
  '$5$rounds=1000$saltstring$LtrQN5kUtMEPFdaXSZlIXJsTDsRCNVUC2iE8/K9o4/.',
  '$6$rounds=1000$$v1.N6MSvkLRU8AUyoIHYQPUoHfwSLYu7pNpfwPdR3bDuB7rXGDTOhLQhIFxhYD1mbnDkr0WCbpbGiAqQ0NIkN1',
];
/** What a comparison may cost here; what costs more is left out, as `apply` leaves out what costs minutes. */
const DEAR = /[mt]=\d{4,}|t=\d{2,}|p=\d{2,}|rounds=\d{5,}/;

/** Stored hashes of any form give a yes or a no, for which nobody needs the password. */
export const secrets: FuzzTarget = {
  name: 'secrets',
  words: [
    '$',
    '$argon2id$',
    'v=19',
    'm=',
    't=',
    'p=',
    ',',
    '$5$',
    '$6$',
    'rounds=',
    '0',
    '9',
    '=',
    '/',
    '+',
    '\xe3\x81\x82',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  async run(input) {
    const text = input.toString('utf8');
    if (DEAR.test(text)) return 'dear';
    const forms: readonly StoredSecret[] = [
      { kind: 'argon2id', phc: text },
      {
        kind: 'crypt',
        hash: text.startsWith('$argon2id') ? text : text.replace(/^(\$[56]\$)(?!rounds=)/, '$1rounds=1000$'),
      },
      { kind: 'sha256', hex: text, scram: null },
    ];
    const told: boolean[] = [];
    for (const form of forms) {
      assert.equal(await keeper.matches('nobody knows this one', form, within(CALL_MS)), false);
      told.push(keeper.isOutdated(form));
    }
    // Few kinds, so that the fuzzer stays near what is well formed.
    const costs = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$/.exec(text)?.slice(1);
    return `${told.join()} ${costs?.join()} ${/^\$[56]\$(rounds=\d*\$)?/.exec(text)?.[0].length}`;
  },
};
