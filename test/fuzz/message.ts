import assert from 'node:assert/strict';
import { decodeText, FieldPicker, htmlToText, type Part, phraseOf, readMessage, termsOf } from '#/codec/mime/index.ts';
import type { FuzzTarget } from './target.ts';

const texts = [
  'From: "A, B" <a@b>, Team: c@d, e@f;\r\nTo: x (y)\r\nSubject: Re: =?utf-8?B?5bGx?=\r\nDate: Thu, 1 Jan 1970 09:00:00 +0900\r\nReferences: <a@b> <"c"@d>\r\n\r\nbody\r\n',
  'Content-Type: multipart/mixed; boundary="b"\r\n\r\npre\r\n--b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\r\none\r\n--bb\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p title=3D">">=E5=B1=B1 &amp; <b>x</b>=\r\n</p>\r\n--bb--\r\n--b\r\nContent-Type: application/x; name*0*=utf-8\'\'%E5; name*1=x\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b--\r\npost',
  'Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\n--b\nContent-Type: message/rfc822\nContent-Disposition: attachment; filename=a\n\nContent-Type: text/plain\n\nx\n--b--\n',
];

/** Any octets are read without a throw; parts stand inside each other and cover what they should; what is read is bounded and can be kept. */
export const message: FuzzTarget = {
  name: 'message',
  words: [
    '\r\n',
    '\n',
    '\n\n',
    '\r\n\r\n',
    '--b',
    '--b--',
    '--bb',
    '--',
    'Content-Type: ',
    'multipart/mixed; boundary=b\n',
    'message/rfc822\n\n',
    'text/html\n\n',
    'Content-Transfer-Encoding: base64\n',
    'boundary*0=',
    'charset=iso-2022-jp',
    '*=',
    '"',
    '(',
    '<',
    '>',
    ';',
    ':',
    ',',
    '=',
    '&#x',
    '<!--',
    '<style>',
    '\x1b$B',
    '\xe5\xb1\xb1',
  ],
  seeds: texts.map((text) => Buffer.from(text, 'latin1')),
  run(input) {
    const facts = readMessage(input);
    assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts, 'what was read can not be kept');
    assert(
      Array.from(facts.preview).length <= 200 && !/[\0-\x1f]/.test(facts.preview),
      'the preview is no bounded line',
    );
    assert.equal(facts.structure.end, input.length);
    const kinds = partKinds(input, facts.structure);
    const head = input.subarray(0, facts.structure.body);
    const picked = [
      new FieldPicker(['from', 'content-type'], false).pick(head),
      new FieldPicker(['from', 'content-type'], true).pick(head),
    ];
    for (const fields of picked)
      assert(Buffer.from(fields).toString('latin1').endsWith('\n'), 'fields without an empty line');
    search(input.toString('utf8'));
    return `${kinds} ${facts.envelope.from.length} ${facts.references.length} ${facts.hasAttachment} ${facts.sentAt === null}`.slice(
      0,
      120,
    );
  },
};

function partKinds(content: Buffer, part: Part): string {
  assert(part.head <= part.body && part.body <= part.end, 'a part ends before it begins');
  let kinds = part.type === 'multipart' ? 'm' : part.message === null ? part.type.charAt(0) : 'r';
  if (part.type === 'text') decodeText(part, content.subarray(part.body, part.end));
  let from = part.body;
  for (const child of part.message === null ? part.parts : [part.message.structure]) {
    assert(from <= child.head && child.end <= part.end, 'a part is outside of the one around');
    from = child.end;
    kinds += partKinds(content, child);
  }
  return `${kinds}.`;
}

/** A text is found by itself, up to its last term. */
function search(text: string): void {
  const [terms, phrase] = [termsOf(text), phraseOf(text)];
  const last = phrase.length - 1;
  assert(
    phrase.every((term, i) => (i < last ? terms[i] === term : terms[i]?.startsWith(term))),
    'a text is not found by itself',
  );
  htmlToText(text);
}
