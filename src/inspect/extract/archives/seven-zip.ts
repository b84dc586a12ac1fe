/** Archives that 7-Zip opens for us, in a thread of its own. */
import { lockedInside, lookInside, unknownInside } from '../inside.ts';
import type { Reading } from '../readers.ts';
import type { SevenZipQuestion, SevenZipSaid } from '../threads/seven-zip-thread.ts';

const endings = {
  'too-slow': 'opening it took too long',
  'too-large': 'opening it took too much memory',
  died: 'its reader fell over it',
} as const;

/** Kinds of one file that has no name of its own. */
const ends: Readonly<Record<string, string>> = {
  'application/x-xz': '.xz',
  'application/x-bzip2': '.bz2',
  'application/x-compress': '.z',
};

/** All of an archive, or the files of these names alone. */
export async function readSevenZip(reading: Reading, only: ReadonlySet<string> | null = null): Promise<void> {
  const { dig, draft, piece } = reading;
  const said: SevenZipSaid[] = [];
  const bytesMax = dig.bytesFor(piece.octets.length);
  const message = (): SevenZipQuestion => ({
    octets: new Uint8Array(piece.octets),
    name: `file${ends[draft.trueType ?? ''] ?? ''}`,
    filesMax: dig.limits.partsMax,
    bytesMax,
    fileBytesMax: bytesMax,
  });
  const { threadWaitMs: waitMs, threadMemoryMb: memoryMb } = dig.limits;
  const hear = (one: SevenZipSaid): void => void said.push(one);
  const waited = (ms: number): void => dig.waited(ms);
  const ended = await dig.threads.sevenZip.ask({ message, waitMs, memoryMb, hear, waited }, dig.call);
  if (ended !== 'done') dig.cannot(draft.path, ended === 'died' ? 'damaged' : ended, endings[ended]);
  for (const one of said) {
    if (dig.over) return;
    if (only !== null && 'name' in one && !only.has(one.name)) continue;
    await take(reading, one);
  }
  if (only !== null) return;
  const hasOpen = said.some(({ kind }) => kind === 'file' || kind === 'missing');
  if (!hasOpen && said.some(({ kind }) => kind === 'locked')) draft.encrypted = true;
}

async function take(reading: Reading, said: SevenZipSaid): Promise<void> {
  const { dig, draft } = reading;
  switch (said.kind) {
    case 'file': {
      const octets = Buffer.from(said.octets.buffer, said.octets.byteOffset, said.octets.byteLength);
      dig.unpacked(octets.length);
      await lookInside(reading, said, { octets, fault: null });
      return;
    }
    case 'locked':
      return lockedInside(reading, said, said.size);
    case 'missing':
      return unknownInside(
        reading,
        said,
        said.size,
        said.why === 'too-large' ? 'it is larger than what is unpacked' : 'it could not be unpacked',
        said.why,
      );
    case 'fault':
      if (said.why === 'encrypted') dig.locked(draft, said.detail);
      else dig.cannot(draft.path, said.why, said.detail);
  }
}
