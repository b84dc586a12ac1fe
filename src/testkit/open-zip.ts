/** An independent reader of ZIPs: 7-Zip, which has none of our code. */
import imported, { type SevenZipModuleFactory } from '7z-wasm';

/** Its types describe another form of module than it has. */
const sevenZip = imported as unknown as SevenZipModuleFactory;

export interface OpenedZip {
  /** Null where it does not open by this password. */
  readonly files: ReadonlyMap<string, Buffer> | null;
  /** What it lists of them. */
  readonly listed: string;
}

/** Unpacks all files of a ZIP. */
export async function openZip(zip: Uint8Array, password: string): Promise<OpenedZip> {
  const lines: string[] = [];
  const seven = await sevenZip({ print: (line) => lines.push(line), printErr: () => {} });
  const run = (...words: string[]): boolean => {
    try {
      return ((seven.callMain(words) as unknown) ?? 0) === 0;
    } catch {
      return false;
    }
  };
  seven.FS.writeFile('/file.zip', zip);
  run('l', '-slt', '-ba', '-sccUTF-8', '-p?', '/file.zip');
  const listed = lines.join('\n');
  if (!run('x', '-y', '-bso0', '-bsp0', `-p${password}`, '-o/out', '/file.zip')) return { files: null, listed };
  const names = seven.FS.readdir('/out').filter((name) => name !== '.' && name !== '..');
  return { files: new Map(names.map((name) => [name, Buffer.from(seven.FS.readFile(`/out/${name}`))])), listed };
}
