/** Files that were put into a document as they are (MS-OLEDS): names, and the octets behind them. */
import { readText } from '../text/read-text.ts';

export interface NativeObject {
  readonly name: string;
  readonly data: Buffer;
}

/** The stream `\1Ole10Native`: a length, two octets, label, path, some numbers, a temporary path, the length of the file, the file. */
export function nativeObject(octets: Buffer): NativeObject {
  const labelEnd = octets.indexOf(0, 6);
  const pathEnd = labelEnd < 0 ? -1 : octets.indexOf(0, labelEnd + 1);
  if (pathEnd < 0 || pathEnd + 9 > octets.length) return { name: 'object', data: octets.subarray(4) };
  const temporary = octets.readUInt32LE(pathEnd + 5);
  const at = pathEnd + 9 + temporary;
  if (at + 4 > octets.length) return { name: 'object', data: octets.subarray(4) };
  const name = readText(octets.subarray(6, labelEnd), null) || 'object';
  return { name, data: octets.subarray(at + 4, at + 4 + octets.readUInt32LE(at)) };
}

/** What stands in `objdata` of RTF: versions, the name of the program, and then a compound file or the same as above. */
export function rtfObject(octets: Buffer): NativeObject {
  const compound = octets.indexOf(Buffer.from('d0cf11e0a1b11ae1', 'hex'));
  if (compound >= 0) return { name: 'object', data: octets.subarray(compound) };
  const nameBytes = octets.length >= 12 ? octets.readUInt32LE(8) : 0;
  const program = octets.toString('latin1', 12, 12 + Math.min(nameBytes, 100)).replace(/\0.*$/s, '');
  const at = 12 + nameBytes + 8;
  if (program.toLowerCase() !== 'package' || at + 4 > octets.length) return { name: program || 'object', data: octets };
  return nativeObject(octets.subarray(at));
}
