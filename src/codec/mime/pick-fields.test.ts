import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickFields } from './index.ts';

function pick(head: string, names: readonly string[], not = false): string {
  return Buffer.from(pickFields(Buffer.from(head, 'latin1'), names, not)).toString('latin1');
}

const head = 'Subject:  one\r\n\ttwo\r\nTO: a@b\r\nX: \xff\r\nto : c@d\r\n\r\n';

test('RFC 9051 §6.4.5.1: fields come as they are, folding too, in their order, then the empty line', () => {
  assert.equal(pick(head, ['To', 'SUBJECT']), 'Subject:  one\r\n\ttwo\r\nTO: a@b\r\nto : c@d\r\n\r\n');
  assert.equal(pick(head, ['none']), '\r\n');
  assert.equal(pick(head, []), '\r\n');
});

test('RFC 9051 §6.4.5.1: or all but those', () => {
  assert.equal(pick(head, ['to', 'none'], true), 'Subject:  one\r\n\ttwo\r\nX: \xff\r\n\r\n');
  assert.equal(pick(head, [], true), head);
});

test('RFC 5322 §3.5: bare line feeds stay, a section without an empty line gets one', () => {
  assert.equal(pick('A: b\nC: d\n\n', ['a']), 'A: b\n\n');
  assert.equal(pick('A: b\r\nC: d\r\n', ['c']), 'C: d\r\n\r\n');
  assert.equal(pick('A: b\r\nC: d', ['c']), 'C: d\r\n\r\n');
  assert.equal(pick('', ['a'], true), '\r\n');
  assert.equal(pick('\r\n', ['a'], true), '\r\n');
});

test('RFC 9051 §6.4.5.1: no field is too many', () => {
  assert.equal(pick(`${'A: b\r\n'.repeat(5000)}Z: y\r\n\r\n`, ['z']), 'Z: y\r\n\r\n');
});
