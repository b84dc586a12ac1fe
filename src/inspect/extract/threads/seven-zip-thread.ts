/**
 * The thread that opens what 7-Zip knows and we don't: 7z, RAR, CAB, LZH, ISO and more. It works in memory that belongs to one question, and has no disk
 * and no network; names are places in that memory and nowhere else.
 */
import { parentPort } from 'node:worker_threads';
import imported, { type SevenZipModule, type SevenZipModuleFactory } from '7z-wasm';

export interface SevenZipQuestion {
  readonly octets: Uint8Array;
  /** How the archive is called: what is packed as one file is named after it. */
  readonly name: string;
  /** Files that are unpacked. */
  readonly filesMax: number;
  /** Octets that they may come to, all together and one. */
  readonly bytesMax: number;
  readonly fileBytesMax: number;
}

export type SevenZipSaid =
  | { readonly kind: 'file'; readonly name: string; readonly octets: Uint8Array }
  | { readonly kind: 'locked'; readonly name: string; readonly size: number }
  | { readonly kind: 'missing'; readonly name: string; readonly size: number; readonly why: 'too-large' | 'damaged' }
  | { readonly kind: 'fault'; readonly why: 'encrypted' | 'damaged' | 'too-many'; readonly detail: string };

/** Its types describe another form of module than it has. */
const sevenZip = imported as unknown as SevenZipModuleFactory;

interface Listed {
  readonly name: string;
  readonly size: number;
  readonly isFolder: boolean;
  readonly isLocked: boolean;
}

parentPort?.on('message', (question: SevenZipQuestion) => void answer(question));

async function answer(question: SevenZipQuestion): Promise<void> {
  try {
    await open(question);
  } catch (error) {
    say({ kind: 'fault', why: 'damaged', detail: `no archive that can be read: ${String(error)}` });
  }
  parentPort?.postMessage('done');
}

function say(said: SevenZipSaid): void {
  parentPort?.postMessage(said);
}

async function open(question: SevenZipQuestion): Promise<void> {
  const lines: string[] = [];
  const keep = (line: string): void => {
    lines.push(line);
  };
  const seven = await sevenZip({ print: keep, printErr: keep });
  const archive = `/${question.name}`;
  seven.FS.writeFile(archive, question.octets);
  // A password that nobody has, so that none is asked for.
  if (!run(seven, 'l', '-slt', '-ba', '-bsp0', '-sccUTF-8', '-p?', archive)) {
    say({ kind: 'fault', why: 'encrypted', detail: 'its list of files opens with a password only, or is damaged' });
    return;
  }
  const listed = readList(lines).filter(({ isFolder }) => !isFolder);
  if (lines.some((line) => /encrypted archive|Wrong password/i.test(line))) {
    say({ kind: 'fault', why: 'encrypted', detail: 'its list of files opens with a password only' });
  } else if (listed.length === 0) say({ kind: 'fault', why: 'damaged', detail: 'no file was found in it' });
  const wanted = choose(listed, question);
  if (wanted.length === 0) return;
  const isOneFile = question.name !== 'file';
  seven.FS.writeFile('/wanted', wanted.map(({ name }) => name).join('\n'));
  const which = isOneFile ? [] : ['-i@/wanted'];
  run(seven, 'x', '-y', '-spd', '-scsUTF-8', '-p?', '-bso0', '-bsp0', '-o/out', archive, ...which);
  const found = new Set<string>();
  if (isFolder(seven, '/out')) collect(seven, '/out', '', found, 0);
  for (const { name, size } of wanted) {
    if (!found.has(name) && wanted.length > found.size) say({ kind: 'missing', name, size, why: 'damaged' });
  }
}

/** False where the program fell; what it says and how it ends is read elsewhere. */
function run(seven: SevenZipModule, ...words: string[]): boolean {
  try {
    seven.callMain(words);
    return true;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'status' in error;
  }
}

/** Blocks of `Key = value`, each begun by its path. */
function readList(lines: readonly string[]): Listed[] {
  const blocks: Map<string, string>[] = [];
  for (const line of lines) {
    const [, key = '', value = ''] = /^(Path|Size|Attributes|Encrypted|Folder) = (.*)$/.exec(line) ?? [];
    // What is packed as one file has no path in the list.
    if (key === 'Path' || (key !== '' && blocks.length === 0)) blocks.push(new Map([['Path', 'file']]));
    if (key !== '') blocks.at(-1)?.set(key, value);
  }
  return blocks.map((block) => ({
    name: block.get('Path') ?? '',
    size: Number(block.get('Size') ?? 0) || 0,
    isFolder: block.get('Folder') === '+' || (block.get('Attributes') ?? '').startsWith('D'),
    isLocked: block.get('Encrypted') === '+',
  }));
}

/** The files that are unpacked; of all others it is said why not. */
function choose(listed: readonly Listed[], { filesMax, bytesMax, fileBytesMax }: SevenZipQuestion): Listed[] {
  const wanted: Listed[] = [];
  let bytes = 0;
  for (const file of listed.slice(0, filesMax)) {
    if (file.isLocked) say({ kind: 'locked', name: file.name, size: file.size });
    else if (file.size > fileBytesMax || bytes + file.size > bytesMax) {
      say({ kind: 'missing', name: file.name, size: file.size, why: 'too-large' });
    } else {
      bytes += file.size;
      wanted.push(file);
    }
  }
  if (listed.length > filesMax)
    say({ kind: 'fault', why: 'too-many', detail: `an archive of more than ${filesMax} files` });
  return wanted;
}

function isFolder(seven: SevenZipModule, path: string): boolean {
  try {
    return seven.FS.isDir(seven.FS.lstat(path).mode);
  } catch {
    return false;
  }
}

const levelsMax = 100;

/** Says each file below a folder; links are followed nowhere. */
function collect(seven: SevenZipModule, folder: string, under: string, found: Set<string>, levels: number): void {
  for (const name of seven.FS.readdir(folder)) {
    if (name === '.' || name === '..' || levels > levelsMax) continue;
    const path = `${folder}/${name}`;
    const { mode } = seven.FS.lstat(path);
    if (seven.FS.isDir(mode)) collect(seven, path, `${under}${name}/`, found, levels + 1);
    else if (seven.FS.isFile(mode)) {
      const octets = seven.FS.readFile(path);
      found.add(`${under}${name}`);
      say({ kind: 'file', name: `${under}${name}`, octets });
      seven.FS.unlink(path);
    }
  }
}
