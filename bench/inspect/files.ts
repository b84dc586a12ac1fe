/** Files as people attach them, written by as little as programs need to open them. */
import { crc32, deflateRawSync } from 'node:zlib';

export type Entry = readonly [name: string, data: string | Buffer];

export function zipOf(...entries: readonly Entry[]): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of entries) {
    const data = Buffer.from(content as string);
    const packed = deflateRawSync(data);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, place, Buffer.from(name)]));
    pieces.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...pieces, list, Buffer.from('PK\x05\x06'), end]);
}

const TYPES: Entry = ['[Content_Types].xml', '<Types/>'];

export function docxOf(paragraphs: readonly string[]): Buffer {
  const body = paragraphs.map((text) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`).join('');
  return zipOf(TYPES, ['word/document.xml', `<w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`]);
}

export function xlsxOf(rows: readonly (readonly string[])[]): Buffer {
  const strings = rows.flat();
  let next = 0;
  const data = rows.map((row) => `<row>${row.map(() => `<c t="s"><v>${next++}</v></c>`).join('')}</row>`).join('');
  return zipOf(
    TYPES,
    ['xl/workbook.xml', '<workbook><sheets><sheet name="List"/></sheets></workbook>'],
    ['xl/worksheets/sheet1.xml', `<worksheet><sheetData>${data}</sheetData></worksheet>`],
    ['xl/sharedStrings.xml', `<sst>${strings.map((text) => `<si><t>${text}</t></si>`).join('')}</sst>`],
  );
}

/** A page for each list of lines, without brackets in them. */
export function pdfOf(pages: readonly (readonly string[])[]): Buffer {
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Kids[${kids}]/Count ${pages.length}>>`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
    ...pages.flatMap((lines, i) => {
      const content = `BT /F1 12 Tf 50 780 Td ${lines.map((line) => `0 -14 Td (${line}) Tj`).join('\n')} ET`;
      return [
        `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents ${5 + 2 * i} 0 R/Resources<</Font<</F1 3 0 R>>>>>>`,
        `<</Length ${content.length}>>stream\n${content}\nendstream`,
      ];
    }),
  ];
  let text = '%PDF-1.7\n';
  const places = objects.map((object, i) => {
    const place = text.length;
    text += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${places.join('')}`;
  return Buffer.from(
    `${text}${table}trailer<</Size ${size}/Root 1 0 R>>\nstartxref\n${text.length}\n%%EOF\n`,
    'latin1',
  );
}

/** A mail with these files attached. */
export function mailWith(...files: readonly (readonly [name: string, octets: Buffer])[]): Buffer {
  const head = 'From: alice@bench.test\r\nTo: taro@elsewhere.test\r\nSubject: files\r\nMIME-Version: 1.0\r\n';
  const parts = files.map(([name, octets]) => {
    const lines = octets.toString('base64').replace(/.{76}/g, '$&\r\n');
    return `--b\r\nContent-Type: application/octet-stream; name="${name}"\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines}\r\n`;
  });
  return Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`, 'latin1');
}
