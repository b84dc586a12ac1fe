import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type MessageFacts, type Part, readMessage } from './index.ts';
import { partDepthMax, partHeadsCostMax, partsMax } from './limits.ts';
import { assertLinear } from './linear-time.ts';

function readText(text: string): MessageFacts {
  return readMessage(Buffer.from(text, 'latin1'));
}

const mixed = 'Content-Type: multipart/mixed; boundary=b';

/** A part as a test writes it. */
interface Written {
  readonly kind: 'leaf' | 'multipart' | 'message';
  readonly body: string;
  readonly parts: readonly Written[];
}

interface Placed {
  readonly head: number;
  readonly body: number;
  readonly end: number;
  readonly inside: readonly Placed[];
}

const written = fc.letrec<{ part: Written }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'parts' },
    fc.record({
      kind: fc.constant('leaf' as const),
      body: fc
        .array(fc.constantFrom('text', '', '-', '--', '--c', ' --b0', '--b', '\t', '--b0-', '--b01'))
        .map((lines) => lines.join('\n')),
      parts: fc.constant([]),
    }),
    fc.record({
      kind: fc.constant('multipart' as const),
      body: fc.constantFrom('', 'preamble\n', 'preamble'),
      parts: fc.array(tie('part'), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant('message' as const),
      body: fc.constant(''),
      parts: fc.tuple(tie('part')),
    }),
  ),
})).part;

/** Writes a part and tells where it put what. Boundaries are numbered by level, so that each begins the next ones. */
function write(
  part: Written,
  text: string,
  level: number,
  eol: string,
): { readonly text: string; readonly placed: Placed } {
  const boundary = `b${'0'.repeat(level + 1)}x`;
  const type =
    part.kind === 'multipart'
      ? `multipart/mixed;${eol}\tboundary="${boundary}"`
      : part.kind === 'message'
        ? 'message/rfc822'
        : 'text/plain';
  let all = `${text}Content-Type: ${type}${eol}X: y${eol}${eol}`;
  const [head, body] = [text.length, all.length];
  const inside: Placed[] = [];
  all += part.body.replaceAll('\n', eol);
  for (const child of part.parts) {
    if (part.kind === 'multipart') all += `${all.length === body ? '' : eol}--${boundary}${eol}`;
    const done = write(child, all, level + 1, eol);
    all = done.text;
    inside.push(done.placed);
  }
  if (part.kind === 'multipart') all += `${eol}--${boundary}--${eol}epilogue`;
  return { text: all, placed: { head, body, end: all.length, inside } };
}

function placesOf(part: Part): Placed {
  const inside = part.message === null ? part.parts : [part.message.structure];
  return { head: part.head, body: part.body, end: part.end, inside: inside.map(placesOf) };
}

test('RFC 2046 §5.1.1: every part is found octet by octet where it was written, with CRLF and with LF', () => {
  fc.assert(
    fc.property(written, fc.constantFrom('\r\n', '\n'), (part, eol) => {
      const { text, placed } = write(part, '', 0, eol);
      const { structure } = readText(text);
      assert.deepEqual(placesOf(structure), placed);
      checkLines(Buffer.from(text, 'latin1'), structure);
    }),
  );
});

function checkLines(content: Buffer, part: Part): void {
  const counted = part.type === 'text' || part.message !== null;
  const lines = content.toString('latin1', part.body, part.end).split('\n').length - 1;
  assert.equal(part.lines, counted ? lines : 0);
  for (const child of part.message === null ? part.parts : [part.message.structure]) checkLines(content, child);
}

const scraps = fc.constantFrom(
  '--b',
  '--b--',
  '--c',
  '--c--',
  '--',
  '',
  'X: y',
  ' folded',
  'text',
  '\x00\xff',
  'From x',
  mixed,
  'Content-Type: multipart/digest; boundary=c',
  'Content-Type: message/rfc822',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: base64',
  'Content-Transfer-Encoding: quoted-printable',
);

test('RFC 2046 §5.1: whatever the lines, parts stand inside of each other and in order', () => {
  fc.assert(
    fc.property(
      fc.array(scraps, { maxLength: 40 }),
      fc.boolean(),
      fc.constantFrom('\r\n', '\n', '\r'),
      (lines, begun, eol) => {
        const content = Buffer.from((begun ? [mixed, '', '--b', ...lines] : lines).join(eol), 'latin1');
        const { structure } = readMessage(content);
        assert.deepEqual([structure.head, structure.end], [0, content.length]);
        checkPlaces(structure);
        checkLines(content, structure);
      },
    ),
    { numRuns: 1000 },
  );
});

function checkPlaces(part: Part): void {
  assert(part.head <= part.body && part.body <= part.end);
  assert.equal(part.type === 'multipart', part.parts.length > 0);
  let from = part.body;
  for (const child of part.message === null ? part.parts : [part.message.structure]) {
    assert(from <= child.head && child.end <= part.end);
    from = child.end;
    checkPlaces(child);
  }
}

function depthOf(part: Part): number {
  const inside = part.message === null ? part.parts : [part.message.structure];
  return 1 + Math.max(0, ...inside.map(depthOf));
}

test('B3: what is too deep is one opaque part, and parts beyond the bound belong to the last one', () => {
  const levels = Array.from(
    { length: 300 },
    (_, level) => `Content-Type: multipart/mixed; boundary=${level}\n\n--${level}\n`,
  );
  const deep = readText(levels.join('')).structure;
  assert.equal(depthOf(deep), partDepthMax);
  assert.match(JSON.stringify(deep), /"octet-stream"/);
  assert.equal(depthOf(readText('Content-Type: message/rfc822\n\n'.repeat(300)).structure), partDepthMax);
  const many = readText(`${mixed}\n\n${'--b\n\nx\n'.repeat(partsMax * 2)}--b--\n`).structure;
  assert.equal(many.parts.length, partsMax - 1);
  assert.equal(many.parts.at(-1)?.end, many.end);
});

test('B3: what is kept of a message does not outgrow it, whatever tiny things its parts are full of', () => {
  const addresses = `Content-Type: message/rfc822\n\nFrom: ${'a@b,'.repeat(2000)}\nTo: ${'a@b,'.repeat(2000)}\n\n`;
  const parameters = `Content-Type: a/b${';a=b'.repeat(100)}\nContent-Disposition: c${';a=b'.repeat(100)}\n\n`;
  for (const part of [addresses, parameters, `${addresses.replaceAll('\n\n', '\n')}Content-Type: message/rfc822\n\n`]) {
    const text = `${mixed}\n\n${`--b\n${part}\n`.repeat(8_000_000 / part.length)}`;
    assert(JSON.stringify(readText(text)).length < text.length);
  }
  const deep = `From: ${'a@b,'.repeat(2000)}\nContent-Type: message/rfc822\n\n`;
  assert(JSON.stringify(readText(deep.repeat(100))).length < partHeadsCostMax * 4);
});

test('B3: a hostile message is read in linear time', () => {
  const nested = Array.from(
    { length: 99 },
    (_, level) => `Content-Type: multipart/mixed; boundary=${level}\n\n--${level}\n`,
  ).join('');
  for (const line of ['--\n', '--98x\n', '--98--\n--98\n', '--0\n\n', '\n', 'a:\n', `--${' '.repeat(200)}\n`]) {
    assertLinear(line, (text) => readText(nested + text));
  }
});
