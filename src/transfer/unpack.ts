/** Messages that Dovecot keeps compressed (its plugin zlib), and those that it keeps encrypted. */
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { SourceTrouble } from './source.ts';

const PACKED: readonly (readonly [magic: string, unpack: (octets: Buffer, bytesMax: number) => Promise<Buffer>])[] = [
  ['1f8b08', (octets, bytesMax) => promisify(gunzip)(octets, { maxOutputLength: bytesMax })],
  ['28b52ffd', (octets, bytesMax) => promisify(zstdDecompress)(octets, { maxOutputLength: bytesMax })],
];
const UNREADABLE: readonly (readonly [magic: string, what: string])[] = [
  [Buffer.from('CRYPTED').toString('hex'), 'encrypted'],
  [Buffer.from('BZh').toString('hex'), 'compressed with bzip2'],
  ['fd377a585a00', 'compressed with xz'],
];
const MAGIC_BYTES = 8;

/** The octets of the mail; throws a `SourceTrouble` that names the way out where only the other server can read it. */
export async function unpacked(octets: Buffer, bytesMax: number): Promise<Buffer> {
  const begin = octets.subarray(0, MAGIC_BYTES).toString('hex');
  const what = UNREADABLE.find(([magic]) => begin.startsWith(magic))?.[1];
  if (what !== undefined) throw new SourceTrouble(`The file is ${what}: bring the account by mailbox pull.`, false);
  const unpack = PACKED.find(([magic]) => begin.startsWith(magic))?.[1];
  if (unpack === undefined) return octets;
  return await unpack(octets, bytesMax).catch((error: unknown) => {
    throw new SourceTrouble(`The file can't be unpacked, or has more than ${bytesMax} octets then.`, false, error);
  });
}
