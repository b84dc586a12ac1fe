/** For tests: archives and documents, written by as little as their readers need, and as hostile as the test wants. */
import zlib from 'node:zlib';

export interface SampleEntry {
  readonly name: string | Buffer;
  readonly data: string | Buffer;
  /** 8 packs it; others are taken as they are said. */
  readonly method?: number;
  readonly flags?: number;
  /** Where the local header lies about the name. */
  readonly localName?: string;
  /** Leaves it out of the directory. */
  readonly unlisted?: boolean;
}

/** A ZIP file; `before` stands in front of it. */
export function zipOf(entries: readonly SampleEntry[], before = Buffer.alloc(0)): Buffer {
  const pieces: Buffer[] = [before];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const { method = 8, flags = 0x800 } = entry;
    const data = Buffer.from(entry.data);
    const packed = method === 8 ? zlib.deflateRawSync(data) : method === 93 ? zlib.zstdCompressSync(data) : data;
    const name = Buffer.from(entry.name);
    const localName = entry.localName === undefined ? name : Buffer.from(entry.localName);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(zlib.crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(localName.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, localName, packed]);
    const listed = Buffer.from(common);
    listed.writeUInt16LE(name.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    if (entry.unlisted !== true) directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), listed, tail, name]));
    pieces.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...pieces, list, Buffer.from('PK\x05\x06'), end]);
}

const types: SampleEntry = { name: '[Content_Types].xml', data: '<Types/>' };

export function docx(body: string, ...more: readonly SampleEntry[]): Buffer {
  const document = `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`;
  return zipOf([types, { name: 'word/document.xml', data: document }, ...more]);
}

/** A sheet of rows; texts are shared strings, numbers are as Excel writes them. */
export function xlsx(rows: readonly (readonly (string | number)[])[], ...more: readonly SampleEntry[]): Buffer {
  const strings: string[] = [];
  const cell = (value: string | number): string => {
    if (typeof value === 'number')
      return `<c><v>${value >= 1e15 ? value.toExponential().replace('e+', 'E+') : value}</v></c>`;
    strings.push(`<si><t>${value}</t></si>`);
    return `<c t="s"><v>${strings.length - 1}</v></c>`;
  };
  const data = rows.map((row) => `<row>${row.map(cell).join('')}</row>`).join('');
  return zipOf([
    types,
    { name: 'xl/workbook.xml', data: '<workbook><sheets><sheet name="名簿"/></sheets></workbook>' },
    { name: 'xl/worksheets/sheet1.xml', data: `<worksheet><sheetData>${data}</sheetData></worksheet>` },
    { name: 'xl/sharedStrings.xml', data: `<sst>${strings.join('')}</sst>` },
    ...more,
  ]);
}

export function pptx(text: string, ...more: readonly SampleEntry[]): Buffer {
  const slide = `<p:sld xmlns:a="a" xmlns:p="p"><p:txBody><a:p>${text}</a:p></p:txBody></p:sld>`;
  return zipOf([types, { name: 'ppt/slides/slide1.xml', data: slide }, ...more]);
}

export function odt(content: string, ...more: readonly SampleEntry[]): Buffer {
  return zipOf([
    { name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', method: 0 },
    {
      name: 'content.xml',
      data: `<office:document-content><office:text>${content}</office:text></office:document-content>`,
    },
    ...more,
  ]);
}

/** A compound file of these streams, by path. */
export function cfbOf(streams: Readonly<Record<string, Buffer>>): Buffer {
  const names = new Set<string>();
  for (const path of Object.keys(streams)) {
    const segments = path.split('/');
    for (let count = 1; count <= segments.length; count++) names.add(segments.slice(0, count).join('/'));
  }
  const paths = [...names];
  const sectors: Buffer[] = [];
  const fat: number[] = [];
  const store = (data: Buffer): number => {
    const count = Math.ceil(data.length / 512);
    const first = sectors.length;
    for (let index = 0; index < count; index++) {
      sectors.push(Buffer.concat([data.subarray(index * 512, index * 512 + 512), Buffer.alloc(512)], 512));
      fat.push(index === count - 1 ? 0xfffffffe : first + index + 1);
    }
    return count === 0 ? 0xfffffffe : first;
  };
  const miniFat: number[] = [];
  const mini: Buffer[] = [];
  const storeMini = (data: Buffer): number => {
    const count = Math.ceil(data.length / 64);
    const first = miniFat.length;
    for (let index = 0; index < count; index++) {
      mini.push(Buffer.concat([data.subarray(index * 64, index * 64 + 64), Buffer.alloc(64)], 64));
      miniFat.push(index === count - 1 ? 0xfffffffe : first + index + 1);
    }
    return first;
  };
  const starts = paths.map((path) => {
    const data = streams[path];
    if (data === undefined) return 0;
    return data.length < 4096 ? storeMini(data) : store(data);
  });
  const miniStart = store(Buffer.concat(mini));
  const words = (values: readonly number[]): Buffer => {
    const octets = Buffer.alloc(Math.ceil((values.length * 4) / 512) * 512, 0xff);
    for (const [index, value] of values.entries()) octets.writeUInt32LE(value, index * 4);
    return octets;
  };
  const miniFatStart = store(words(miniFat));
  const childrenOf = (path: string): number[] =>
    paths.flatMap((other, index) => (other.slice(0, Math.max(other.lastIndexOf('/'), 0)) === path ? [index] : []));
  const siblingOf = (path: string): number => {
    const siblings = childrenOf(path.slice(0, Math.max(path.lastIndexOf('/'), 0)));
    return siblings[siblings.indexOf(paths.indexOf(path)) + 1] ?? -1;
  };
  const entry = (name: string, kind: number, right: number, child: number, start: number, size: number): Buffer => {
    const octets = Buffer.alloc(128);
    octets.write(name, 'utf16le');
    octets.writeUInt16LE(name.length * 2 + 2, 64);
    octets[66] = kind;
    octets.writeUInt32LE(0xffffffff, 68);
    octets.writeInt32LE(right, 72);
    octets.writeInt32LE(child, 76);
    octets.writeUInt32LE(start, 116);
    octets.writeUInt32LE(size, 120);
    return octets;
  };
  const shift = (index: number | undefined): number => (index === undefined || index < 0 ? -1 : index + 1);
  const root = entry('Root Entry', 5, -1, shift(childrenOf('')[0]), miniStart, mini.length * 64);
  const directory = Buffer.concat([
    root,
    ...paths.map((path, index) => {
      const data = streams[path];
      const name = path.slice(path.lastIndexOf('/') + 1);
      const child = data === undefined ? shift(childrenOf(path)[0]) : -1;
      return entry(
        name,
        data === undefined ? 1 : 2,
        shift(siblingOf(path)),
        child,
        starts[index] ?? 0,
        data?.length ?? 0,
      );
    }),
  ]);
  const directoryStart = store(directory);
  const fatSectors = Math.ceil((fat.length + 8) / 128);
  const fatStart = sectors.length;
  for (let index = 0; index < fatSectors; index++) fat.push(0xfffffffd);
  const header = Buffer.alloc(512, 0xff);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header);
  header.fill(0, 8, 76);
  header.writeUInt16LE(9, 30);
  header.writeUInt32LE(directoryStart, 48);
  header.writeUInt32LE(miniFatStart, 60);
  header.writeUInt32LE(0xfffffffe, 68);
  for (let index = 0; index < fatSectors; index++) header.writeUInt32LE(fatStart + index, 76 + index * 4);
  return Buffer.concat([header, ...sectors, words(fat)]);
}

/** A Word document up to 2003: each text a piece, in UTF-16 or in Windows-1252. */
export function wordDocument(pieces: readonly (readonly [text: string, isWide: boolean])[], flags = 0): Buffer {
  const texts = pieces.map(([text, isWide]) => Buffer.from(text, isWide ? 'utf16le' : 'latin1'));
  const main = Buffer.concat([Buffer.alloc(1024), ...texts]);
  main.writeUInt16LE(0xa5ec, 0);
  main.writeUInt16LE(flags, 10);
  const plc = Buffer.alloc((pieces.length + 1) * 4 + pieces.length * 8);
  let chars = 0;
  let at = 1024;
  for (const [index, [text, isWide]] of pieces.entries()) {
    chars += text.length;
    plc.writeUInt32LE(chars, (index + 1) * 4);
    plc.writeUInt32LE(isWide ? at : ((at * 2) | 0x40000000) >>> 0, (pieces.length + 1) * 4 + index * 8 + 2);
    at += texts[index]?.length ?? 0;
  }
  const clx = Buffer.alloc(5);
  clx[0] = 2;
  clx.writeUInt32LE(plc.length, 1);
  main.writeUInt32LE(0, 0x1a2);
  main.writeUInt32LE(plc.length + 5, 0x1a6);
  return cfbOf({ WordDocument: main, '0Table': Buffer.concat([clx, plc]) });
}

/** A record of the old workbooks. */
export function biff(type: number, ...data: readonly Buffer[]): Buffer {
  const octets = Buffer.concat(data);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(type, 0);
  head.writeUInt16LE(octets.length, 2);
  return Buffer.concat([head, octets]);
}

/** Numbers of two and four octets, little end first. */
export function short(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) octets.writeUInt16LE(value & 0xffff, index * 2);
  return octets;
}

export function long(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) octets.writeUInt32LE(value >>> 0, index * 4);
  return octets;
}

/** A stream of a property as Outlook's files name it. */
export function property(under: string, id: number, value: string | Buffer): readonly [path: string, octets: Buffer] {
  const isText = typeof value === 'string';
  const name = `__substg1.0_${id.toString(16).padStart(4, '0').toUpperCase()}${isText ? '001F' : '0102'}`;
  return [`${under}${name}`, isText ? Buffer.from(value, 'utf16le') : value];
}

/** A PDF of these objects; the first is its catalog. */
export function pdfOf(objects: readonly (string | Buffer)[], trailer = ''): Buffer {
  const pieces: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const places: number[] = [];
  let at = pieces[0]?.length ?? 0;
  for (const [index, object] of objects.entries()) {
    places.push(at);
    const octets = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(object), Buffer.from('\nendobj\n')]);
    pieces.push(octets);
    at += octets.length;
  }
  const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const end = `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer<</Size ${size}/Root 1 0 R${trailer}>>\nstartxref\n${at}\n%%EOF\n`;
  return Buffer.concat([...pieces, Buffer.from(end)]);
}

export function pdfStream(data: string | Buffer, dictionary = ''): Buffer {
  const octets = Buffer.from(data);
  return Buffer.concat([
    Buffer.from(`<<${dictionary}/Length ${octets.length}>>stream\n`),
    octets,
    Buffer.from('\nendstream'),
  ]);
}

/** A page with a line in Latin letters, and one in Japanese whose font is not in the file, as most Japanese office programs write it. */
export function pdfPage(
  latin: string,
  japanese: string,
  more: {
    readonly page?: string;
    readonly catalog?: string;
    readonly objects?: readonly (string | Buffer)[];
    readonly content?: Buffer;
    readonly trailer?: string;
  } = {},
): Buffer {
  const written = Buffer.from(japanese, 'utf16le').swap16().toString('hex');
  const content = `BT /F1 12 Tf 50 700 Td (${latin}) Tj 0 -20 Td /F2 12 Tf <${written}> Tj ET`;
  return pdfOf(
    [
      `<</Type/Catalog/Pages 2 0 R${more.catalog ?? ''}>>`,
      '<</Type/Pages/Kids[3 0 R]/Count 1>>',
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>${more.page ?? ''}>>`,
      more.content ?? pdfStream(content),
      '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
      '<</Type/Font/Subtype/Type0/BaseFont/HeiseiMin-W3/Encoding/UniJIS-UCS2-H/DescendantFonts[7 0 R]>>',
      '<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiMin-W3/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/FontDescriptor 8 0 R>>',
      '<</Type/FontDescriptor/FontName/HeiseiMin-W3/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/StemV 80>>',
      ...(more.objects ?? []),
    ],
    more.trailer,
  );
}

/** A TAR file. */
export function tarOf(...files: readonly (readonly [name: string, data: string, kind?: string])[]): Buffer {
  const pieces = files.map(([name, data, kind = '0']) => {
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write(Buffer.byteLength(data).toString(8).padStart(11, '0'), 124);
    head.write(kind, 156);
    head.write('ustar\x0000', 257);
    return Buffer.concat([head, Buffer.from(data), Buffer.alloc((512 - (Buffer.byteLength(data) % 512)) % 512)]);
  });
  return Buffer.concat([...pieces, Buffer.alloc(1024)]);
}

/** An element of BER. */
export function ber(tag: number, ...content: readonly Buffer[]): Buffer {
  const octets = Buffer.concat(content);
  const length = octets.length < 128 ? Buffer.from([octets.length]) : Buffer.from([0x84, 0, 0, 0, 0]);
  if (octets.length >= 128) length.writeUInt32BE(octets.length, 1);
  return Buffer.concat([Buffer.from([tag]), length, octets]);
}
