/** Octets to text, by the charset that mail names. */
import { decodeHz, decodeIso2022 } from './iso-2022.ts';
import { decodeUtf7 } from './utf7.ts';

/** Names that mail uses and the Encoding standard lacks. */
const aliases: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  'windows-932': 'shift_jis',
  sjis: 'shift_jis',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  cp949: 'euc-kr',
  cp936: 'gbk',
  cp1252: 'windows-1252',
  'big5-eten': 'big5',
  utf8mb4: 'utf-8',
  '': 'utf-8',
};

const decoders = new Map<string, TextDecoder | null>();
/** There are some 40 encodings with 230 names; what a hostile mail makes up is not kept. */
const decodersMax = 300;

/** The text of octets; a charset nobody knows is read as UTF-8 where that fits, and as windows-1252 otherwise. */
export function decodeBytes(bytes: Uint8Array, charset: string): string {
  const name = charset.toLowerCase();
  const decoder = decoderOf(name);
  if (decoder !== null) return repaired(name, bytes, decoder.decode(bytes));
  if (/^iso-2022-|^cp5022/.test(name)) return decodeIso2022(bytes);
  if (/^(?:unicode-1-1-|x-unicode-\S*-)?utf-?7$/.test(name)) return decodeUtf7(bytes);
  if (/^hz(?:-gb-?2312)?$/.test(name)) return decodeHz(bytes);
  const text = utf8.decode(bytes);
  return text.includes('\ufffd') ? western.decode(bytes) : text;
}

/** ISO-2022-JP of the Encoding standard has no letters of JIS X 0212, Chinese or Korean, and mail has. */
function repaired(name: string, bytes: Uint8Array, text: string): string {
  return name.startsWith('iso-2022-jp') && text.includes('\ufffd') ? decodeIso2022(bytes) : text;
}

const utf8 = new TextDecoder('utf-8');
const western = new TextDecoder('windows-1252');

function decoderOf(charset: string): TextDecoder | null {
  const known = decoders.get(charset);
  if (known !== undefined) return known;
  const decoder = makeDecoder(aliases[charset] ?? charset);
  if (decoders.size < decodersMax) decoders.set(charset, decoder);
  return decoder;
}

function makeDecoder(label: string): TextDecoder | null {
  try {
    return new TextDecoder(label);
  } catch {
    return null;
  }
}
