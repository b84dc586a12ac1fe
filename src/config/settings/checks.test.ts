import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checks } from './checks.ts';

const SECRET = '0123456789abcdef';

function read(check: Readonly<Record<string, unknown>>) {
  const { success, data, error } = checks.schema.safeParse([{ name: 'beside', ...check }]);
  return success ? data[0] : error.issues.map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`);
}

test('contract: a program by HTTP is named by its URL, servers by their address', () => {
  const named = { name: 'beside', deadlineMs: 20_000, absence: 'hold', acceptsEarly: false };
  assert.deepEqual(read({ kind: 'milter', address: '[::1]:8891' }), {
    ...named,
    kind: 'milter',
    host: '::1',
    port: 8891,
    http: null,
  });
  const early = read({ kind: 'milter', address: '[::1]:8891', acceptsEarly: true });
  assert.ok(!Array.isArray(early) && early?.acceptsEarly);
  assert.deepEqual(read({ kind: 'http', url: 'https://dlp.example.test/check?a=1', secret: SECRET }), {
    ...named,
    kind: 'http',
    host: 'dlp.example.test',
    port: 443,
    http: { tls: true, path: '/check?a=1', send: 'facts', secret: SECRET, networks: [] },
  });
  const six = read({ kind: 'http', url: 'http://[::1]:8080', secret: SECRET, send: 'mail', networks: ['10.0.0.0/8'] });
  assert.ok(!Array.isArray(six));
  assert.deepEqual([six?.host, six?.port, six?.http?.tls, six?.http?.path], ['::1', 8080, false, '/']);
});

for (const [check, says] of [
  [{ kind: 'http', url: 'ftp://dlp.example.test', secret: SECRET }, /^url: .* is no URL of a program/],
  [{ kind: 'http', url: 'https://me:pw@dlp.example.test', secret: SECRET }, /^url: /],
  [{ kind: 'http', url: 'https://dlp.example.test', secret: 'short' }, /^secret: /],
  [{ kind: 'http', address: '127.0.0.1:80', secret: SECRET }, /^url: It is missing/],
  [{ kind: 'clamd', address: '127.0.0.1:3310', acceptsEarly: true }, /^: name, .*, address$/],
  [{ kind: 'clamd', url: 'https://dlp.example.test' }, /^address: It is missing/],
] as const) {
  test(`contract: ${JSON.stringify(check)} is answered with what is wrong`, () => {
    const said = read(check);
    assert.ok(Array.isArray(said));
    assert.match(said[0] ?? '', says);
  });
}
