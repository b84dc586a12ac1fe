/** Files of mbox, one or a tree of them, read in pieces: a file may be larger than memory. */
import { basename, join } from 'node:path';
import { type MboxSpan, MboxSplitter, parseLevel, readMboxMessage } from '#/codec/mail-files/index.ts';
import { OctetKeys } from './keys.ts';
import { batchMessages, depthMax, pieceBytes } from './limits.ts';
import { namesIn, openFile } from './open-files.ts';
import { type Listed, type Loaded, type Source, type SourceFolder, SourceTrouble } from './source.ts';

export interface MboxOptions {
  /** A file, or a folder of files. */
  readonly root: string;
  readonly isFile: boolean;
  readonly messageBytesMax: number;
}

interface MboxFile extends SourceFolder {
  readonly place: string;
}

interface MboxMail extends Listed {
  readonly span: MboxSpan;
  readonly trouble: string | null;
}

/** Fields that the file adds, its quoting, and line ends: what is left may still be a mail that is small enough. */
const overheadBytes = 65_536;
const mboxBegin = Buffer.from('From ');

/** Whether a file begins as mbox files do, or is an empty one by its name. */
export async function isMbox(path: string): Promise<boolean> {
  const file = await openFile(path);
  if (file === null) return false;
  try {
    if (file.bytes === 0) return path.endsWith('.mbox');
    const { buffer } = await file.read(Buffer.alloc(mboxBegin.length), 0, mboxBegin.length, 0);
    return mboxBegin.equals(buffer);
  } finally {
    await file.close();
  }
}

export class MboxSource implements Source {
  readonly notes: string[] = [];
  readonly #options: MboxOptions;

  constructor(options: MboxOptions) {
    this.#options = options;
  }

  async folders(): Promise<readonly MboxFile[]> {
    const { root, isFile } = this.#options;
    if (isFile) return [fileAt(root, ['INBOX'], '')];
    const found = await this.#below(root, []);
    return [...found].sort((a, b) => Number(isInbox(b)) - Number(isInbox(a)));
  }

  async *batches({ place, path }: MboxFile): AsyncGenerator<readonly MboxMail[]> {
    const keys = new OctetKeys();
    let batch: MboxMail[] = [];
    for await (const mail of this.#mails(place, path, keys)) {
      batch.push(mail);
      if (batch.length < batchMessages) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async *load({ place }: MboxFile, wanted: readonly MboxMail[]): AsyncGenerator<Loaded> {
    const file = await openFile(place);
    if (file === null) return;
    try {
      for (const listed of wanted) {
        const mail =
          listed.trouble === null ? readMboxMessage(listed.span.fromLine, await read(file, listed.span)) : null;
        if (mail !== null) yield { listed, mail };
        else if (listed.trouble !== null) yield { listed, trouble: listed.trouble };
      }
    } finally {
      await file.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #below(place: string, levels: readonly string[]): Promise<readonly MboxFile[]> {
    const { files, folders, others } = await namesIn(place);
    if (others.length > 0) this.notes.push(`${place}: ${others.length} links were left out.`);
    const found: MboxFile[] = [];
    for (const name of files) {
      if (name.startsWith('.') || !(await isMbox(join(place, name)))) continue;
      const own = [...levels, parseLevel(basename(name, '.mbox'))];
      found.push(fileAt(join(place, name), own, own.join('/')));
    }
    for (const name of levels.length < depthMax ? folders : []) {
      // Thunderbird keeps what is below `Work` in `Work.sbd`.
      if (!name.startsWith('.'))
        found.push(...(await this.#below(join(place, name), [...levels, parseLevel(basename(name, '.sbd'))])));
    }
    return found;
  }

  async *#mails(place: string, path: string, keys: OctetKeys): AsyncGenerator<MboxMail> {
    const file = await openFile(place);
    if (file === null) throw new SourceTrouble(`${place} is not there any more.`, false);
    try {
      let n = 0;
      for await (const span of spansOf(file, place)) {
        n += 1;
        const bytes = span.end - span.at;
        if (bytes > this.#options.messageBytesMax + overheadBytes) {
          const trouble = `It has ${bytes} octets; limits.messageBytes allows ${this.#options.messageBytesMax}.`;
          yield { name: `message ${n}`, key: ['large', path, span.at, bytes], span, trouble };
          continue;
        }
        const mail = readMboxMessage(span.fromLine, await read(file, span));
        if (mail !== null) yield { name: `message ${n}`, key: keys.keyOf(path, mail.content), span, trouble: null };
      }
    } finally {
      await file.close();
    }
  }
}

type Opened = NonNullable<Awaited<ReturnType<typeof openFile>>>;

async function* spansOf(file: Opened, place: string): AsyncGenerator<MboxSpan> {
  const splitter = new MboxSplitter();
  const piece = Buffer.allocUnsafe(pieceBytes);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    yield* splitter.feed(piece.subarray(0, bytesRead));
  }
  yield* splitter.end();
  if (splitter.beginBytes > 0)
    throw new SourceTrouble(`${place} is no mbox file: it does not begin with "From ".`, false);
}

async function read(file: Opened, { at, end }: MboxSpan): Promise<Buffer> {
  const octets = Buffer.alloc(end - at);
  const { bytesRead } = await file.read(octets, 0, octets.length, at);
  if (bytesRead < octets.length) throw new SourceTrouble('The file became shorter while it was read.', false);
  return octets;
}

function fileAt(place: string, levels: readonly string[], path: string): MboxFile {
  return { place, path, levels, specialUse: null, subscribed: null, messages: null };
}

function isInbox({ levels }: SourceFolder): boolean {
  return levels.length === 1 && /^inbox$/i.test(levels[0] ?? '');
}
