/**
 * From a mail to its parts. The structure is what the codec reads, part by part as RFC 2046 has it; beside it stand the readings that other
 * programs may come to where a mail is broken or made to be read in two ways. All of them are looked at.
 *
 * Paths are those of IMAP (RFC 9051 §6.4.5): `1` is the only part of a mail that has no others.
 */
import {
  decodeBody,
  headerValues,
  isIdentity,
  type Part,
  parameterOf,
  readHeaders,
  readStructure,
} from '#/codec/mime/index.ts';
import type { PartRole } from '#/model/index.ts';
import type { Dig, Draft, Look } from '../dig.ts';
import { type HeaderFacts, readFields, readHeaderFacts } from './header.ts';
import { bareBase64, looseMax, looseParts, uudecode, uuencodedFiles } from './loose-parts.ts';
import { namesOf } from './part-names.ts';

/** The mail itself: its first part is the empty path. */
export async function walkMail(dig: Dig, look: Look, mail: Buffer): Promise<HeaderFacts> {
  const { head, root } = readStructure(mail);
  const walk = new Walk(dig, look, mail, 0);
  const facts = readHeaderFacts(dig, head);
  await walk.message(root, '', [], typeOf(root));
  return facts;
}

/** A mail that is a file in something: `draft` is that file, whose text its header becomes. */
export async function walkMailFile(dig: Dig, look: Look, draft: Draft, mail: Buffer, depth: number): Promise<void> {
  const { head, root } = readStructure(mail);
  dig.addText(
    draft,
    readFields(dig, head, draft.path)
      .map(({ name, value }) => `${name}: ${value}`)
      .join('\n'),
  );
  await new Walk(dig, look, mail, depth).inside(root, draft);
}

function typeOf(part: Part): string {
  return `${part.type}/${part.subtype}`;
}

class Walk {
  readonly #dig: Dig;
  readonly #look: Look;
  readonly #mail: Buffer;
  readonly #depth: number;

  constructor(dig: Dig, look: Look, mail: Buffer, depth: number) {
    this.#dig = dig;
    this.#look = look;
    this.#mail = mail;
    this.#depth = depth;
  }

  /** A message and all that it holds. */
  async message(root: Part, path: string, names: readonly string[], declaredType: string): Promise<void> {
    const octets = this.#mail.subarray(root.head, root.end);
    const draft = this.#dig.begin({ path, role: 'container', names, declaredType }, octets);
    if (draft === null) return;
    draft.trueType = 'message/rfc822';
    if (path !== '') this.#headerText(root, draft);
    await this.inside(root, draft);
  }

  /** What a message holds: the parts of its multipart, or itself as part 1. */
  async inside(root: Part, draft: Draft): Promise<void> {
    if (root.parts.length > 0) return this.#children(root, draft);
    await this.#part(root, draft.path === '' ? '1' : `${draft.path}.1`);
  }

  async #part(part: Part, path: string): Promise<void> {
    await this.#dig.turn();
    if (this.#dig.over) return this.#dig.cannot(path, 'too-slow', 'there was no time left for it');
    if (part.parts.length > 0) {
      const place = { path, role: 'container', names: namesOf(part), declaredType: typeOf(part) } as const;
      const draft = this.#dig.begin(place, null);
      if (draft === null) return;
      draft.size = part.end - part.body;
      return this.#children(part, draft);
    }
    const isPlainMessage = part.message !== null && isIdentity(part.encoding);
    if (isPlainMessage && part.message !== null) {
      return this.message(part.message.structure, path, namesOf(part), typeOf(part));
    }
    await this.#leaf(part, path);
  }

  async #children(part: Part, draft: Draft): Promise<void> {
    if (part.subtype === 'encrypted') this.#dig.locked(draft, 'an encrypted message (PGP/MIME)');
    this.#textBetween(part, draft);
    const prefix = draft.path === '' ? '' : `${draft.path}.`;
    for (const [index, child] of part.parts.entries()) await this.#part(child, `${prefix}${index + 1}`);
    if (!isIdentity(part.encoding)) await this.#encodedMultipart(part, draft.path);
    await this.#otherReadings(part, draft.path);
  }

  async #leaf(part: Part, path: string): Promise<void> {
    const raw = this.#mail.subarray(part.body, part.end);
    const octets = decodeLoosely(part.encoding, raw);
    const names = namesOf(part);
    const flowed = (parameterOf(part.parameters, 'format') ?? '').toLowerCase() === 'flowed';
    const deletes = (parameterOf(part.parameters, 'delsp') ?? '').toLowerCase() === 'yes';
    await this.#look({
      path,
      role: roleOf(part, names),
      names,
      declaredType: typeOf(part),
      octets,
      depth: this.#depth,
      charset: parameterOf(part.parameters, 'charset'),
      flowed: flowed ? (deletes ? 'delsp' : 'yes') : 'no',
    });
    if (typeOf(part) === 'message/partial') {
      this.#dig.cannot(path, 'unknown-format', 'a piece of a mail that comes in several mails');
    }
    await this.#otherReadings(part, path);
    if (isIdentity(part.encoding) || part.type === 'text') await this.#loose(octets, path);
  }

  /** Departs from RFC 2045 §6.4: a multipart may not be encoded, and some programs decode one all the same. */
  async #encodedMultipart(part: Part, path: string): Promise<void> {
    const decoded = decodeBody(part.encoding, this.#mail.subarray(part.body, part.end));
    if (decoded !== null)
      await this.#again(path, 'decoded', this.#entity(part, Buffer.from(decoded), ['content-transfer-encoding']));
  }

  /**
   * What other programs read where a header says a thing twice, or holds a line that is no field: those take the last of two, or go on behind
   * the line, and see another type and encoding than we do.
   */
  async #otherReadings(part: Part, path: string): Promise<void> {
    const section = readHeaders([this.#mail.subarray(part.head, part.body)]);
    const body = this.#mail.subarray(part.body, part.end);
    const isTwice = ['content-type', 'content-transfer-encoding'].some(
      (name) => new Set(headerValues(section, name)).size > 1,
    );
    if (isTwice) {
      const fields = ['content-type', 'content-transfer-encoding', 'content-disposition'].flatMap((name) => {
        const last = headerValues(section, name).at(-1);
        return last === undefined ? [] : [`${name}: ${last}\r\n`];
      });
      await this.#again(path, 'last-fields', Buffer.concat([Buffer.from(`${fields.join('')}\r\n`, 'latin1'), body]));
    }
    if (part.body > part.head && !endsBlank(this.#mail, part.body)) {
      const more = /^content-(?:type|transfer-encoding|disposition)[ \t]*:/im.exec(body.toString('latin1', 0, 4096));
      if (more !== null) await this.#again(path, 'more-fields', body.subarray(more.index));
    }
  }

  async #loose(octets: Buffer, path: string): Promise<void> {
    for (const [index, file] of uuencodedFiles(octets).entries()) {
      await this.#file(`${path}/uuencode-${index + 1}`, [readLatin(file.name)], '', file.octets);
    }
    const parts = looseParts(octets);
    for (const [index, part] of parts.entries()) await this.#again(path, `loose-${index + 1}`, part);
    if (parts.length >= looseMax) this.#dig.cannot(path, 'too-many', `more than ${looseMax} parts in a text`);
    const bare = bareBase64(octets);
    if (bare !== null && bare.length > 0) await this.#file(`${path}/base64`, [], '', bare);
  }

  /** Looks at octets as a part with a header of its own. */
  async #again(path: string, name: string, entity: Buffer): Promise<void> {
    // Readings of readings multiply; what they may come to is what unpacked files may.
    if (entity.length > this.#dig.bytesFor(entity.length)) {
      return this.#dig.cannot(path, 'too-large', 'it can be read in more ways than are looked at');
    }
    this.#dig.unpacked(entity.length);
    await this.#file(`${path}/${name}`, [], 'message/rfc822', entity);
  }

  async #file(path: string, names: readonly string[], declaredType: string, octets: Buffer): Promise<void> {
    await this.#look({ path, role: 'inside', names, declaredType, octets, depth: this.#depth + 1 });
  }

  /** The part with other octets as its body, and without some of its fields. */
  #entity(part: Part, body: Buffer, without: readonly string[]): Buffer {
    const section = readHeaders([this.#mail.subarray(part.head, part.body)]);
    const kept = section.fields
      .filter(({ name }) => name.startsWith('content-') && !without.includes(name))
      .map(({ from, to }) => section.source.subarray(from, to));
    return Buffer.concat([...kept, Buffer.from('\r\n'), body]);
  }

  #headerText(root: Part, draft: Draft): void {
    const section = readHeaders([this.#mail.subarray(root.head, root.body)]);
    const head = { ...section, from: 0, body: section.bytes };
    this.#dig.addText(
      draft,
      readFields(this.#dig, head, draft.path)
        .map(({ name, value }) => `${name}: ${value}`)
        .join('\n'),
    );
  }

  /** Preamble and epilogue (RFC 2046 §5.1.1): nobody is shown them, and they travel all the same. */
  #textBetween(part: Part, draft: Draft): void {
    const [first, last] = [part.parts[0], part.parts.at(-1)];
    if (first === undefined || last === undefined) return;
    const before = this.#mail.toString('latin1', part.body, Math.min(first.head, part.body + 100_000));
    const after = this.#mail.toString('latin1', last.end, Math.min(part.end, last.end + 100_000));
    const text = `${before}\n${after}`
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '' && !line.startsWith('--') && !usualPreamble.test(line))
      .join('\n');
    if (text !== '') this.#dig.addText(draft, text);
  }
}

const usualPreamble =
  /^This is an? (?:multi-?part|cryptographically signed|S\/MIME|OpenPGP\/MIME)|^\s*\(?(?:message|format)\.?\)?$/i;

function roleOf(part: Part, names: readonly string[]): PartRole {
  if (part.disposition?.kind === 'attachment' || part.type !== 'text') return 'attachment';
  return names.length === 0 ? 'body' : 'attachment';
}

/** Whether the octets before this place are an empty line. */
function endsBlank(octets: Buffer, at: number): boolean {
  if (octets[at - 1] !== 0x0a) return false;
  const before = octets[at - 2] === 0x0d ? at - 3 : at - 2;
  return before < 0 || octets[before] === 0x0a;
}

/** Encodings that nobody wrote down, and spellings of those that somebody did. */
function decodeLoosely(encoding: string, raw: Buffer): Buffer {
  const plain = encoding.toLowerCase().replace(/[^a-z0-9]/g, '');
  const known = plain.includes('base64') ? 'base64' : plain.includes('quotedprintable') ? 'quoted-printable' : encoding;
  if (/^x?uu(?:e|encode)?$/.test(plain)) {
    const [file] = uuencodedFiles(raw);
    return file?.octets ?? uudecode(raw, 0).octets;
  }
  const decoded = decodeBody(known, raw) ?? raw;
  return Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength);
}

function readLatin(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8').includes('\ufffd')
    ? name
    : Buffer.from(name, 'latin1').toString('utf8');
}
