/**
 * The PROXY protocol, by which a trusted load balancer says who is really calling (M1); versions 1 (a line) and 2 (octets).
 * No RFC: HAProxy's specification. States: reading, then ready or malformed, both final.
 * What must never happen: more than `proxyHeaderBytesMax` kept; an address believed from a header that breaks the form.
 * Whom to believe at all is the listener's affair (contract: `trust.proxy`).
 */
import { isIPv4, isIPv6 } from 'node:net';

/** Version 1 has 107 at most; version 2 carries extras (TLVs), which are skipped, but not without end. */
export const proxyHeaderBytesMax = 4096;

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export type ProxyStep =
  | { readonly kind: 'hungry' }
  /** Source null: the balancer speaks for itself (LOCAL, UNKNOWN). `rest` is what the caller said after the header. */
  | {
      readonly kind: 'ready';
      readonly source: Endpoint | null;
      readonly destination: Endpoint | null;
      readonly rest: Buffer;
    }
  | { readonly kind: 'malformed'; readonly why: string };

type Ends = { readonly source: Endpoint | null; readonly destination: Endpoint | null };

const hungry: ProxyStep = { kind: 'hungry' };
const nobody: Ends = { source: null, destination: null };
const signature: Buffer = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const keyword: Buffer = Buffer.from('PROXY ', 'latin1');
const lineBytesMax = 107;
const fixedBytes = 16;

export class ProxyReader {
  #input: Buffer = Buffer.alloc(0);

  /** Takes what came and says where that leads. After `ready` or `malformed` there is no more to feed. */
  feed(chunk: Buffer): ProxyStep {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    const input = this.#input;
    if (begins(input, signature)) return input.length < fixedBytes ? hungry : readOctets(input);
    if (begins(input, keyword)) return readLine(input);
    return malformed('the connection does not begin with a PROXY header');
  }
}

/** Whether the input begins with the mark, as far as it goes. */
function begins(input: Buffer, mark: Buffer): boolean {
  const length = Math.min(input.length, mark.length);
  return input.compare(mark, 0, length, 0, length) === 0;
}

function malformed(why: string): ProxyStep {
  return { kind: 'malformed', why };
}

function readLine(input: Buffer): ProxyStep {
  const end = input.subarray(0, lineBytesMax).indexOf('\r\n', 0, 'latin1');
  if (end < 0) return input.length >= lineBytesMax ? malformed('the PROXY line is too long') : hungry;
  const [, family, ...words] = input.toString('latin1', 0, end).split(' ');
  const ends = family === 'UNKNOWN' ? nobody : readWords(family, words);
  return ends === null
    ? malformed('the PROXY line is not valid')
    : { kind: 'ready', ...ends, rest: input.subarray(end + 2) };
}

function readWords(family: string | undefined, words: readonly string[]): Ends | null {
  const known = family === 'TCP4' ? isIPv4 : isPlainIPv6;
  const [from = '', to = '', fromPort = '', toPort = ''] = words;
  if ((family !== 'TCP4' && family !== 'TCP6') || words.length !== 4 || !known(from) || !known(to)) return null;
  if (!isPort(fromPort) || !isPort(toPort)) return null;
  return { source: { address: from, port: Number(fromPort) }, destination: { address: to, port: Number(toPort) } };
}

function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) < 65_536;
}

function readOctets(input: Buffer): ProxyStep {
  const version = input.readUInt8(12);
  const length = fixedBytes + input.readUInt16BE(14);
  if (version !== 0x20 && version !== 0x21) return malformed('the PROXY header has an unknown version or command');
  if (length > proxyHeaderBytesMax) return malformed('the PROXY header is too long');
  if (input.length < length) return hungry;
  const ends = version === 0x20 ? nobody : readAddresses(input.readUInt8(13), input.subarray(fixedBytes, length));
  return ends === null
    ? malformed('the PROXY header is too short for its addresses')
    : { kind: 'ready', ...ends, rest: input.subarray(length) };
}

/** Families other than TCP over IP (local sockets, unspecified) name nobody that we could use. */
function readAddresses(family: number, octets: Buffer): Ends | null {
  const size = family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  if (size === 0) return nobody;
  if (octets.length < 2 * size + 4) return null;
  const show = size === 4 ? showIPv4 : showIPv6;
  return {
    source: { address: show(octets.subarray(0, size)), port: octets.readUInt16BE(2 * size) },
    destination: { address: show(octets.subarray(size, 2 * size)), port: octets.readUInt16BE(2 * size + 2) },
  };
}

function showIPv4(octets: Buffer): string {
  return octets.join('.');
}

/** RFC 5952 §4: the one way to write an address; that of the URL parser. */
function showIPv6(octets: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}
