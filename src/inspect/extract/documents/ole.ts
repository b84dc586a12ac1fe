/** Compound files by what they hold: documents up to 2003, encrypted documents of today, mails of Outlook, objects. */
import { lookInside } from '../inside.ts';
import { isOutlookMail, readOutlookMail } from '../outlook/msg.ts';
import type { Reading } from '../readers.ts';
import { visible } from '../text/read-text.ts';
import { workbookText } from './biff.ts';
import { Cfb } from './cfb.ts';
import { nativeObject } from './native-object.ts';
import { slideText } from './slides.ts';
import { narrowStrings, wideStrings } from './strings.ts';
import { wordText } from './word.ts';

/** Streams that name a program, and the type of its files. */
const kinds: readonly (readonly [stream: string, type: string])[] = [
  ['WordDocument', 'application/msword'],
  ['Workbook', 'application/vnd.ms-excel'],
  ['Book', 'application/vnd.ms-excel'],
  ['PowerPoint Document', 'application/vnd.ms-powerpoint'],
  ['VisioDocument', 'application/vnd.visio'],
];
const codeStorage = /(?:^|\/)(?:VBA|_VBA_PROJECT_CUR|Macros)(?:\/|$)|(?:^|\/)_VBA_PROJECT$/i;
/** Streams that are a file, or wrap one. */
const fileStream = /(?:^|\/)(?:Package|CONTENTS|\x01Ole10Native)$/;

export async function readCompound(reading: Reading): Promise<void> {
  const { dig, draft, piece } = reading;
  const cfb = Cfb.open(piece.octets);
  if (cfb === null || cfb.entries.length === 0)
    return dig.cannot(draft.path, 'damaged', 'its list of streams can’t be read');
  if (cfb.read('EncryptedPackage') !== null) return dig.locked(draft, 'an encrypted document');
  if (isOutlookMail(cfb)) {
    draft.trueType = 'application/vnd.ms-outlook';
    return readOutlookMail(reading, cfb);
  }
  draft.trueType = kinds.find(([stream]) => cfb.read(stream) !== null)?.[1] ?? draft.trueType;
  draft.macro = cfb.entries.some(({ path }) => codeStorage.test(path));
  for (const { path, isStorage, size: said } of cfb.entries) {
    await dig.turn();
    if (dig.over) return;
    const size = Math.min(said, piece.octets.length);
    if (isStorage) continue;
    // Streams may share their sectors.
    if (size > dig.bytesFor(size))
      return dig.cannot(draft.path, 'too-large', 'its streams are larger than what is unpacked');
    dig.unpacked(size);
    await readStream(reading, cfb, path);
  }
}

async function readStream(reading: Reading, cfb: Cfb, path: string): Promise<void> {
  const { dig, draft } = reading;
  const at = path.lastIndexOf('/') + 1;
  const [under, name] = [path.slice(0, at), path.slice(at)];
  if (fileStream.test(path)) return readFileStream(reading, cfb, path);
  const read = readers[name.toLowerCase()];
  const octets = cfb.read(path) ?? Buffer.alloc(0);
  if (read === undefined) {
    // Tables and pictures say nothing; whatever else is no document of ours may.
    if (!/^(?:[01]Table|Data|Pictures|PerformanceCache|Current User)$/i.test(name)) dig.addText(draft, strings(octets));
    return;
  }
  const found = read(cfb, under);
  if (found === null) {
    dig.addText(draft, strings(octets));
    return dig.cannot(draft.path, 'damaged', 'its text can’t be told from the rest; what looks like words was taken');
  }
  if (found.encrypted) return dig.locked(draft, 'an encrypted document');
  if (found.macro === true) draft.macro = true;
  dig.addText(draft, `${visible(found.text)}\n`);
}

interface Found {
  readonly text: string;
  readonly encrypted: boolean;
  readonly macro?: boolean;
}

const readers: Readonly<Record<string, (cfb: Cfb, under: string) => Found | null>> = {
  worddocument: wordText,
  workbook: workbookText,
  book: workbookText,
  'powerpoint document': slideText,
};

async function readFileStream(reading: Reading, cfb: Cfb, path: string): Promise<void> {
  const octets = cfb.read(path);
  if (octets === null) return;
  const { name, data } = path.endsWith('Ole10Native') ? nativeObject(octets) : { name: path, data: octets };
  await lookInside(reading, { name }, { octets: data, fault: null });
}

function strings(octets: Buffer): string {
  const words = [wideStrings(octets), narrowStrings(octets)].filter((text) => text !== '').join('\n');
  return words === '' ? '' : `${words}\n`;
}
