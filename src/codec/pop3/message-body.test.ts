import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MessageBody } from './index.ts';

function wireOf(pieces: readonly Buffer[], bodyLines: number | null): string {
  const body = new MessageBody(bodyLines);
  const written: Buffer[] = [];
  for (const piece of pieces) if (!body.full) written.push(...body.push(piece));
  return Buffer.concat([...written, ...body.end()]).toString('latin1');
}

function wire(text: string, bodyLines: number | null = null): string {
  return wireOf([Buffer.from(text, 'latin1')], bodyLines);
}

test('RFC 1939 §3: leading dots get another one, and a dot alone ends the message', () => {
  assert.equal(wire('A: b\r\n\r\n.\r\n..x\r\n'), 'A: b\r\n\r\n..\r\n...x\r\n.\r\n');
  assert.equal(wire(''), '.\r\n');
});

test('RFC 1939 §3: a last line without its end gets it', () => {
  assert.equal(wire('A: b\r\n\r\nx'), 'A: b\r\n\r\nx\r\n.\r\n');
  assert.equal(wire('A: b\r\n\r\nx\r'), 'A: b\r\n\r\nx\r\n.\r\n');
  assert.equal(wire('A: b\r\n\r\nx\n'), 'A: b\r\n\r\nx\n\r\n.\r\n');
});

test('O5: a dot behind a bare LF ends no message for a client that takes LF for a line end', () => {
  assert.equal(wire('A: b\r\n\r\nx\n.\r\n+OK forged\r\n'), 'A: b\r\n\r\nx\n..\r\n+OK forged\r\n.\r\n');
});

test('RFC 1939 §7: TOP gives the header section, its empty line, and so many lines of the body', () => {
  const message = 'A: b\r\nC: d\r\n\r\n.1\r\n2\r\n3';
  assert.equal(wire(message, 0), 'A: b\r\nC: d\r\n\r\n.\r\n');
  assert.equal(wire(message, 1), 'A: b\r\nC: d\r\n\r\n..1\r\n.\r\n');
  assert.equal(wire(message, 3), 'A: b\r\nC: d\r\n\r\n..1\r\n2\r\n3\r\n.\r\n');
  assert.equal(wire(message, 999), 'A: b\r\nC: d\r\n\r\n..1\r\n2\r\n3\r\n.\r\n');
  assert.equal(wire('A: b', 0), 'A: b\r\n.\r\n');
  assert.equal(wire('\r\n1\r\n2\r\n', 1), '\r\n1\r\n.\r\n');
});

const octets = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', '.', 'a', 'b: c', '\r\n\r\n'))
  .map((words) => words.join(''));

test('O5: a strict client gets back the octets as they are stored, and sees one end', () => {
  // Bare LF apart, whose dots are doubled for the clients that are not strict.
  const strict = octets.map((text) => text.replaceAll('\n', '\r\n').replaceAll(/\r+\n/g, '\r\n'));
  fc.assert(
    fc.property(strict, (text) => {
      const written = wire(text);
      assert.equal(`\r\n${written}`.indexOf('\r\n.\r\n'), written.length - 3);
      const whole = text === '' || text.endsWith('\r\n') ? text : text.endsWith('\r') ? `${text}\n` : `${text}\r\n`;
      assert.equal(written.slice(0, -3).replace(/(^|\r\n)\./g, '$1'), whole);
    }),
  );
});

test('O5: however a message comes in pieces, the same octets are written', () => {
  fc.assert(
    fc.property(octets, fc.option(fc.nat(4)), (text, lines) => {
      const whole = Buffer.from(text, 'latin1');
      const single = Array.from(whole, (_, i) => whole.subarray(i, i + 1));
      assert.equal(wireOf(single, lines), wireOf([whole], lines));
    }),
  );
});

test('RFC 1939 §7: TOP is a beginning of RETR, and ends where it should', () => {
  fc.assert(
    fc.property(octets, fc.nat(4), (text, lines) => {
      const all = text.split(/(?<=\n)/);
      const empty = all.findIndex((line) => /^\r?\n$/.test(line));
      assert.equal(wire(text, lines), wire(empty < 0 ? text : all.slice(0, empty + 1 + lines).join('')));
    }),
  );
});
