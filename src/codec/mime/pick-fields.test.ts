import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHead } from './head.ts';
import { FieldPicker } from './index.ts';

function pick(head: string, names: readonly string[], not = false): string {
  return Buffer.from(new FieldPicker(names, not).pick(Buffer.from(head, 'latin1'))).toString('latin1');
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

test('RFC 9051 §6.4.5.1: what is picked are the fields that a reader of the message finds, whatever stands in it', () => {
  const piece = fc.constantFrom(
    'To',
    'tO',
    ': ',
    ' ',
    '\t',
    '\r\n',
    '\n',
    '\r',
    'X-\xe9',
    'Tos:',
    'From ',
    '[',
    '{',
    'a:b',
  );
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, fc.boolean(), (message, not) => {
      const found = readHead(Buffer.from(message, 'latin1'), 0, () => false);
      const named = found.fields.filter(({ name }) => ['to', '[', 'x-\xe9'].includes(name) !== not);
      const fields = named.map(({ from, to }) => message.slice(from, to)).join('');
      assert.ok(pick(message, ['TO', '[', 'X-\xc9'], not).startsWith(fields));
      assert.match(pick(message, ['TO', '[', 'X-\xc9'], not).slice(fields.length), /^(?:\r?\n){1,2}$/);
    }),
  );
});
