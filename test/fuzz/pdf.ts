import assert from 'node:assert/strict';
import { Extractor } from '#/inspect/index.ts';
import { type TenantId, within } from '#/model/index.ts';
import type { FuzzTarget } from './target.ts';

const envelope = {
  tenant: 'fuzz' as TenantId,
  identity: { kind: 'peer', tenant: null, name: '' } as const,
  sender: null,
  recipients: [],
};
/** A mutated loop may take its thread's time to the end; that is told as unread, and is no finding. */
const limits = { textMax: 100_000, unpackedBytesMax: 1_000_000, threadWaitMs: 20_000, pagesMax: 20 };
const extractMs = 60_000;
const page = '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>';
const seeds = [
  document(`${page}>>endobj`, '5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj', '(a) Tj [(b) -9 (c)] TJ'),
  document(
    `${page}/Annots[6 0 R 7 0 R 8 0 R]>>endobj`,
    '5 0 obj<</Type/Font/Subtype/Type0/BaseFont/M/Encoding/UniJIS-UCS2-H/DescendantFonts[9 0 R]>>endobj\n' +
      '6 0 obj<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(n)/T(t)>>endobj\n' +
      '7 0 obj<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://a.test/)>>>>endobj\n' +
      '8 0 obj<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</Type/Filespec/F(../a)/EF<</F 4 0 R>>>>>>endobj\n' +
      '9 0 obj<</Type/Font/Subtype/CIDFontType0/BaseFont/M/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>>>endobj',
    '<65e5672c> Tj',
  ),
];
let extractor: Extractor | null = null;

/** Whatever a PDF is, its reader outlives it, its text stays within its bounds, and what was found can be kept. */
export const pdf: FuzzTarget = {
  name: 'pdf',
  words: [
    '2 0 R',
    '3 0 R',
    '4 0 R',
    '<<',
    '>>',
    '/Kids[2 0 R]',
    '/Parent 3 0 R',
    '/Length -1',
    '/Length 4 0 R',
    '/Count 99999999',
    '/Filter[/FlateDecode/ASCIIHexDecode]',
    '/Filter/JBIG2Decode',
    '/Encrypt<</Filter/Standard/V 1/R 2>>',
    '/ObjStm',
    '/Prev 0',
    'endstream',
    'endobj',
    'xref\n0 9999999\n',
    'startxref\n0',
  ],
  seeds: seeds.map((text) => Buffer.from(text)),
  async run(input) {
    extractor ??= new Extractor(limits);
    const facts = await extractor.extract(attached(input), envelope, within(extractMs));
    assert.deepEqual(structuredClone(facts), facts, 'what was found can not be kept');
    const chars = facts.parts.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
    assert(chars <= limits.textMax, 'more text than is allowed');
    assert(
      !facts.unread.some(({ detail }) => /^its reader fell over it|^it could not be read: /.test(detail)),
      JSON.stringify(facts.unread),
    );
    return `${facts.parts.length} ${facts.unread.map(({ why }) => why).join()}`.slice(0, 160);
  },
  async close() {
    await extractor?.[Symbol.asyncDispose]();
    extractor = null;
  },
};

function attached(octets: Buffer): Buffer {
  // The first octets are what it is known by.
  const whole = Buffer.concat([Buffer.from('%PDF-1.7\n'), octets]);
  const head = 'Content-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  return Buffer.from(head + whole.toString('base64'));
}

/** Without a table of places, which no change would leave right: readers look for the objects then. */
function document(first: string, others: string, shown: string): string {
  const drawn = `BT /F 9 Tf 1 1 Td ${shown} ET`;
  return [
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
    first,
    `4 0 obj<</Length ${drawn.length}>>stream\n${drawn}\nendstream endobj`,
    others,
    'trailer<</Size 10/Root 1 0 R>>\nstartxref\n0\n%%EOF\n',
  ].join('\n');
}
