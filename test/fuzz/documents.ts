import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { Extractor } from '#/inspect/index.ts';
import { type TenantId, within } from '#/model/index.ts';
import type { FuzzTarget } from './target.ts';

const envelope = {
  tenant: 'fuzz' as TenantId,
  identity: { kind: 'peer', tenant: null, name: '' } as const,
  sender: null,
  recipients: [],
};
const limits = { partsMax: 200, textMax: 100_000, unpackedBytesMax: 1_000_000 };
/** Parts of Office and OpenDocument files; each is the whole invention, so that it is read as sheet, strings, slide and page. */
const PLACES = [
  'word/document.xml',
  'xl/sharedStrings.xml',
  'xl/worksheets/sheet1.xml',
  'ppt/slides/slide1.xml',
  'content.xml',
];
const texts = [
  '<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>a</w:t><w:tab/><w:t xml:space="preserve"> b</w:t></w:r></w:p></w:body></w:document>',
  '<sst><si><t>a</t></si><si><r><t>b</t></r><rPh sb="0" eb="1"><t>c</t></rPh></si></sst>',
  '<worksheet><sheetData><row><c t="s"><v>0</v></c><c><v>4.1E+15</v></c><c t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>',
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY f "&e;&e;">]><a>&e;&f;&#x41;<![CDATA[<b>]]></a>',
];
let extractor: Extractor | null = null;

/** Whatever an XML part of an office document is, its file is read to an end, within its bounds, and nothing of this host stands in it. */
export const documents: FuzzTarget = {
  name: 'documents',
  words: [
    '<w:t>',
    '</w:t>',
    '<c t="s"><v>',
    '<si><t>',
    '<!DOCTYPE',
    '<!ENTITY a "',
    '&a;',
    '<![CDATA[',
    ']]>',
    '<?xml',
    '&#x0;',
    'xmlns:w="',
    '\xff\xfe',
    '-->',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  async run(input) {
    extractor ??= new Extractor(limits);
    const facts = await extractor.extract(attached(stored(PLACES, input)), envelope, within(10_000));
    assert.deepEqual(structuredClone(facts), facts, 'what was found can not be kept');
    const chars = facts.parts.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
    assert(chars <= limits.textMax, 'more text than is allowed');
    assert(!facts.parts.some(({ text }) => text?.includes('root:x:0')), 'a file of this host stands in it');
    assert(
      !facts.unread.some(({ detail }) => detail.startsWith('it could not be read: ')),
      JSON.stringify(facts.unread),
    );
    return `${facts.parts.length} ${facts.unread.map(({ why }) => why).join()}`.slice(0, 160);
  },
};

function attached(octets: Buffer): Buffer {
  const head = 'Content-Disposition: attachment; filename=a.docx\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  return Buffer.from(head + octets.toString('base64'));
}

/** A ZIP in which the same octets lie under each of these names, unpacked. */
function stored(names: readonly string[], data: Buffer): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const name of names) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, place, Buffer.from(name)]));
    pieces.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(names.length, 4);
  end.writeUInt16LE(names.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...pieces, list, Buffer.from('PK\x05\x06'), end]);
}
