import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBody, decodeBytes, type Part, parameterOf, readStructure } from '#/codec/mime/index.ts';
import type { MadeSignature } from '#/model/index.ts';
import { iso2022jp, shapedLetters } from '../../test/support/letters.ts';
import { signMail } from './index.ts';

const SIGNATURE: MadeSignature = {
  rule: 'standard',
  place: 'below-latest-reply',
  html: '<p>SIG-WORDS 山田太郎<br>営業部</p>',
  text: 'SIG-WORDS 山田太郎\n営業部 SIG-END',
  images: [],
};
const PIXEL = { name: 'logo', type: 'image/png', base64: 'iVBORw0KGgo=' } as const;
const PICTURED: MadeSignature = {
  ...SIGNATURE,
  html: '<p>SIG-WORDS <img src="cid:logo" alt=""></p>',
  images: [PIXEL],
};

/** What an answer's quotation begins with, in all languages of the letters. */
const OLD_BEGINS = [
  'On Mon',
  'Am Mo., 30',
  '2026年11月30日',
  'From:',
  '差出人',
  'Von:',
  '-----Original',
  '---------- F',
  '-------- F',
];

for (const { name, source, fate } of shapedLetters()) {
  test(`C1: only the signature differs, below the newest text: ${name}`, () => {
    const signed = signMail(source, [SIGNATURE]);
    if (fate === 'untouched') {
      assert.equal(signed.kind, 'unchanged');
      return;
    }
    const mail = octetsOf(signed);
    const [before, after] = [leaves(source), leaves(mail)];
    assert.equal(after.length, before.length);
    let touched = 0;
    for (const [i, part] of after.entries()) {
      const original = before[i] as Leaf;
      if (!part.text.includes('SIG-WORDS')) {
        assert.deepEqual(part.octets, original.octets, 'a part without a signature comes out octet for octet');
        continue;
      }
      touched += 1;
      assert.equal(withoutSignature(part.text, part.subtype), squeezed(original.text));
      const at = part.text.indexOf('SIG-WORDS');
      assert.ok(at > part.text.indexOf('NEW-WORDS'), 'below the newest text');
      const old = OLD_BEGINS.map((words) => part.text.indexOf(words)).filter((found) => found >= 0);
      if (fate === 'above-quote' && i < 2)
        assert.ok(at < Math.min(...old, part.text.indexOf('OLD-WORDS')), 'above what is quoted');
      else assert.ok(!part.text.slice(at).includes('OLD-WORDS') || old.length === 0, 'nothing is quoted below it');
    }
    assert.ok(touched > 0);
    assert.equal(signMail(mail, [SIGNATURE]).kind, 'unchanged', 'never twice');
    assert.deepEqual(octetsOf(signMail(source, [SIGNATURE])), mail, 'the same octets each time');
  });
}

test('C1: pictures stand beside the HTML that shows them, and all other parts stay as they are', () => {
  for (const { name, source, fate } of shapedLetters()) {
    if (fate === 'untouched') continue;
    const mail = octetsOf(signMail(source, [PICTURED]));
    const [before, after] = [leaves(source), leaves(mail)];
    const hasHtml = before.some(({ subtype }) => subtype === 'html');
    assert.equal(after.length, before.length + (hasHtml ? 1 : 0), name);
    const others = before.filter(({ text, subtype }) => subtype !== 'html' && !text.includes('NEW-WORDS'));
    for (const other of others)
      assert.ok(
        after.some(({ octets }) => octets.equals(other.octets)),
        name,
      );
    if (!hasHtml) continue;
    const picture = after.find(({ id }) => id?.includes('logo.'));
    const html = after.find(({ subtype }) => subtype === 'html');
    assert.ok(html?.text.includes(`cid:${picture?.id?.replace(/[<>]/g, '')}`), name);
  }
});

test('C1: text in a charset that lacks a letter of the signature is raised to UTF-8, and loses none of its own', () => {
  const latin = shapedLetters().find(({ name }) => name === 'new-text-latin1-qp');
  const mail = octetsOf(signMail(latin?.source ?? Buffer.alloc(0), [SIGNATURE])).toString('latin1');
  assert.match(mail, /Content-Type: text\/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable/);
  assert.match(mail, /Gr=C3=BC=C3=9Fe aus M=C3=BCnchen/);
  const seven = { ...SIGNATURE, text: 'SIG-WORDS Taro' };
  const kept = octetsOf(signMail(latin?.source ?? Buffer.alloc(0), [seven])).toString('latin1');
  assert.match(kept, /charset=iso-8859-1/);
});

test('C1: Japanese in ISO-2022-JP stays in it, in seven bits', () => {
  const letter = shapedLetters().find(({ name }) => name === 'new-text-iso-2022-jp');
  const mail = octetsOf(signMail(letter?.source ?? Buffer.alloc(0), [SIGNATURE]));
  assert.ok(mail.every((octet) => octet < 0x80));
  assert.match(mail.toString('latin1'), /charset=iso-2022-jp\r\nContent-Transfer-Encoding: 7bit/);
});

test('C1: a text that forgets to name its charset keeps its letters, or is left alone where nobody can know them', () => {
  const japanese = Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), iso2022jp('お世話になっております。\r\n')]);
  const mail = octetsOf(signMail(japanese, [SIGNATURE]));
  assert.ok(mail.every((octet) => octet < 0x80));
  assert.match(decodeBytes(mail, 'iso-2022-jp'), /お世話になっております。\s+SIG-WORDS 山田太郎/u);
  const unknown = Buffer.from('Subject: x\r\n\r\n\x82\xa0\x82\xa2\r\n', 'latin1');
  assert.equal(signMail(unknown, [SIGNATURE]).kind, 'unchanged');
  assert.equal(signMail(unknown, [{ ...SIGNATURE, text: 'SIG-WORDS Taro' }]).kind, 'signed');
});

test('C1: several signatures stand each at its place, above and at the end', () => {
  const letter = shapedLetters().find(({ name }) => name === 'gmail-ja')?.source ?? Buffer.alloc(0);
  const banner: MadeSignature = {
    ...SIGNATURE,
    rule: 'banner',
    place: 'end',
    html: '<p>BANNER</p>',
    text: 'BANNER-WORDS',
  };
  const notice: MadeSignature = {
    ...SIGNATURE,
    rule: 'notice',
    place: 'above',
    html: '<p>NOTICE</p>',
    text: 'NOTICE-WORDS',
  };
  for (const { text } of leaves(octetsOf(signMail(letter, [SIGNATURE, banner, notice])))) {
    const places = ['NOTICE', 'NEW-WORDS', 'SIG-WORDS', 'OLD-WORDS', 'BANNER'].map((words) => text.indexOf(words));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      text,
    );
    assert.ok(
      places.every((place) => place >= 0),
      text,
    );
  }
});

interface Leaf {
  readonly subtype: string;
  readonly id: string | null;
  readonly octets: Buffer;
  readonly text: string;
}

function leaves(mail: Buffer): readonly Leaf[] {
  const walk = (part: Part): readonly Leaf[] => {
    if (part.parts.length > 0) return part.parts.flatMap(walk);
    const octets = mail.subarray(part.body, part.end);
    const charset = parameterOf(part.parameters, 'charset') ?? 'utf-8';
    const text = part.type === 'text' ? decodeBytes(decodeBody(part.encoding, octets) ?? octets, charset) : '';
    return [{ subtype: part.subtype, id: part.id, octets: mail.subarray(part.head, part.end), text }];
  };
  return walk(readStructure(mail).root);
}

function withoutSignature(text: string, subtype: string): string {
  const pattern = subtype === 'html' ? /<div data-holdfast-signature=.*?<\/div>/s : /SIG-WORDS.*?SIG-END/s;
  return squeezed(text.replace(pattern, ''));
}

/** Line ends around the signature are ours. */
function squeezed(text: string): string {
  return text
    .replace(/(?:\r\n)+/g, '\n')
    .replace(/^\n|\n$/g, '')
    .replace(/>\n</g, '><')
    .replace(/(\S)\n</g, '$1<')
    .replace(/>\n/g, '>');
}

function octetsOf(signed: ReturnType<typeof signMail>): Buffer {
  assert.equal(signed.kind, 'signed');
  return Buffer.concat(signed.kind === 'signed' ? [...signed.chunks] : []);
}
