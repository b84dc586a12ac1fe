/** Reading reports of others, and in tests our own: the fields for programs, nothing else. It never throws. */
import { headerValue, readHeaders } from '#/codec/mime/index.ts';

export interface ParsedDsn {
  /** Lower-case names, unfolded values, of the message and of each recipient (RFC 3464 §2.2, §2.3). */
  readonly message: ReadonlyMap<string, string>;
  readonly recipients: readonly ReadonlyMap<string, string>[];
}

/** Octets of the status fields that are read. */
const statusBytesMax = 1024 * 1024;

/** Recipients of one report that are read; SMTP has 100 in the usual message. */
const recipientsMax = 1000;

/** The status fields of a multipart/report; null where the message is none (RFC 3464 §2). */
export function parseDsn(message: Uint8Array): ParsedDsn | null {
  const section = readHeaders([message]);
  const type = headerValue(section, 'content-type') ?? '';
  const boundary = /;[ \t]*boundary[ \t]*=[ \t]*(?:"([^"]{1,200})"|([^;\s"]{1,200}))/i.exec(type);
  if (!/^multipart\/report\b/i.test(type) || boundary === null) return null;
  const body = Buffer.from(message.buffer, message.byteOffset, message.byteLength).subarray(section.bytes);
  const status = statusBody(body, boundary[1] ?? boundary[2] ?? '');
  if (status === null) return null;
  const [first, ...recipients] = groupsOf(status);
  return first === undefined ? null : { message: first, recipients: recipients.slice(0, recipientsMax) };
}

function statusBody(body: Buffer, boundary: string): Buffer | null {
  let at = nextPart(body, boundary, 0);
  while (at !== null) {
    const next = nextPart(body, boundary, at);
    const part = body.subarray(at, next === null ? body.length : body.lastIndexOf('--', next - 1 - boundary.length));
    const section = readHeaders([part]);
    if (/^message\/(?:global-)?delivery-status\b/i.test(headerValue(section, 'content-type') ?? '')) {
      return decoded(part.subarray(section.bytes), headerValue(section, 'content-transfer-encoding') ?? '');
    }
    at = next;
  }
  return null;
}

/** Where the part behind the next delimiter begins (RFC 2046 §5.1.1); null where there is none. */
function nextPart(body: Buffer, boundary: string, from: number): number | null {
  const delimiter = `--${boundary}`;
  for (let at = body.indexOf(delimiter, from); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    if (at > 0 && body[at - 1] !== 0x0a) continue;
    const lineEnd = body.indexOf(0x0a, at);
    const closing =
      body.toString('latin1', at + Buffer.byteLength(delimiter), at + Buffer.byteLength(delimiter) + 2) === '--';
    return lineEnd < 0 || closing ? null : lineEnd + 1;
  }
  return null;
}

function decoded(octets: Buffer, encoding: string): Buffer {
  return encoding.toLowerCase() === 'base64' ? Buffer.from(octets.toString('latin1'), 'base64') : octets;
}

function groupsOf(status: Buffer): Map<string, string>[] {
  const groups: Map<string, string>[] = [];
  let rest = status.subarray(0, statusBytesMax);
  while (rest.length > 0 && groups.length <= recipientsMax) {
    const section = readHeaders([rest]);
    if (section.fields.length > 0) groups.push(groupOf(section));
    // A line that is no field would be met again and again: it is stepped over.
    const lineEnd = rest.indexOf(0x0a);
    rest = rest.subarray(section.bytes > 0 ? section.bytes : lineEnd < 0 ? rest.length : lineEnd + 1);
  }
  return groups;
}

function groupOf(section: ReturnType<typeof readHeaders>): Map<string, string> {
  return new Map(section.fields.map((field) => [field.name, headerValue(section, field.name) ?? '']));
}
