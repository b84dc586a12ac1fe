/** What the gate does to a header section: reads it, takes off what is ours alone, puts our trace on top. */
import {
  contentFacts,
  countFields,
  formatDate,
  formatReceived,
  type HeaderField,
  type HeaderSection,
  headerBytesMax,
  headerValues,
  readHeaders,
  stripFields,
} from '#/codec/mime/index.ts';
import { STAMP_FIELD } from '#/codec/stamp/index.ts';
import type { ContentFacts, MailAddress, MailId } from '#/model/index.ts';
import { CONNECTOR_FIELD } from './connectors.ts';
import type { Session } from './session.ts';

/** What was read of a header section. */
export interface ReadHeader {
  readonly section: HeaderSection;
  readonly facts: ContentFacts;
  /** Received fields that came with it. */
  readonly hops: number;
  /** The secrets of a cloud's transport rule; nearly always none. */
  readonly connectors: readonly string[];
  /** Loop stamps, whoever wrote them; nearly always none. */
  readonly stamps: readonly string[];
}

const CONNECTOR = CONNECTOR_FIELD.toLowerCase();
const STAMP = STAMP_FIELD.toLowerCase();
/** What is ours alone (contract). A loop stamp that was found good is put back. */
const STRIPPED: ReadonlySet<string> = new Set([CONNECTOR, STAMP]);

const RESULTS = 'authentication-results';
/** Octets of it that are looked at: the name stands first. */
const RESULTS_READ_MAX = 2_000;

/** Reads the header at the head of a content; `too large` where it has no end within bounds, `not yet` where more is to come. */
export function readHeader(
  chunks: readonly Buffer[],
  size: number,
  whole: boolean,
): ReadHeader | 'too large' | 'not yet' {
  const section = readHeaders(chunks);
  // Of a content that is still coming, the end of what is there is no end of its header; `source` may be a first piece of it.
  const settled = section.complete && (whole || section.bytes < size);
  if (!settled) return whole || size >= headerBytesMax ? 'too large' : 'not yet';
  return {
    section,
    facts: contentFacts(section),
    hops: countFields(section, 'received'),
    connectors: headerValues(section, CONNECTOR),
    stamps: headerValues(section, STAMP),
  };
}

/** What is added to a mail on its way in. */
export interface Additions {
  readonly id: MailId;
  readonly receivedAt: number;
  /** The one RCPT, where there was one. */
  readonly recipient: MailAddress | null;
  readonly smtpUtf8: boolean;
  /** The loop stamp that counts: of a proven cloud connector's mail that has been here before. */
  readonly stamp: string | null;
}

/** The content as custody keeps it: our Received, what RFC 6409 lets us add, and the rest as it came. */
export function rewrite(
  chunks: readonly Buffer[],
  header: ReadHeader,
  session: Session,
  added: Additions,
): { readonly chunks: readonly Buffer[]; readonly facts: ContentFacts } {
  const { section } = header;
  const { hostname } = session.world.settings;
  const ours = section.fields.filter((field) => STRIPPED.has(field.name) || speaksForUs(section, field, hostname));
  const names = new Set(ours.map(({ name }) => name));
  const rest = ours.length > 0 ? stripFields(chunks, { ...section, fields: ours }, names) : chunks;
  const completed = completion(session, header, added);
  const top = Buffer.from(received(session, added) + stampOf(added) + completed.text, 'utf8');
  const facts = completed.messageId === null ? header.facts : { ...header.facts, messageId: completed.messageId };
  return { chunks: isOpenEnded(section) ? [top, CRLF, ...rest] : [top, ...rest], facts };
}

/** RFC 8601 §5: results under our name that came from elsewhere are forged. Those of others stay: they are their word. */
function speaksForUs(section: HeaderSection, field: HeaderField, hostname: string): boolean {
  if (field.name !== RESULTS) return false;
  const value = section.source.toString(
    'latin1',
    field.valueFrom,
    Math.min(field.to, field.valueFrom + RESULTS_READ_MAX),
  );
  const [, name = ''] = /^"?([^\s;"()]+)/.exec(value.slice(behindComments(value))) ?? [];
  return name.toLowerCase() === hostname.toLowerCase();
}

/** RFC 8601 §2.2: comments, in each other perhaps, and folding may stand before the name. */
function behindComments(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (letter === '(') depth += 1;
    else if (letter === ')') depth -= 1;
    else if (letter === '\\') at += 1;
    else if (depth <= 0 && !/\s/.test(letter)) return at;
  }
  return text.length;
}

const CRLF = Buffer.from('\r\n');

/** The content has no header at all: without an empty line, its first line would be read as a broken field behind us. */
function isOpenEnded(section: HeaderSection): boolean {
  return section.fields.length === 0 && section.bytes === 0 && section.source.length > 0;
}

function stampOf({ stamp }: Additions): string {
  return stamp === null ? '' : `${STAMP_FIELD}: ${stamp}\r\n`;
}

function received(session: Session, { id, receivedAt, recipient, smtpUtf8 }: Additions): string {
  const { hello, tls, rules, world } = session;
  return formatReceived({
    greeting: session.frontHello ?? hello?.name ?? null,
    peer: session.peer,
    hostname: world.settings.hostname,
    protocol: rules.protocol === 'lmtp' ? 'LMTP' : hello?.verb === 'HELO' ? 'SMTP' : 'ESMTP',
    cipher: tls?.cipher ?? null,
    signedIn: session.signedIn,
    smtpUtf8,
    id,
    recipient,
    at: receivedAt,
  });
}

/** RFC 6409 §8.2, §8.3: a submission without Date or Message-ID gets them; mail in transit is left as it is. */
function completion(
  session: Session,
  { section }: ReadHeader,
  { id, receivedAt }: Additions,
): { readonly text: string; readonly messageId: string | null } {
  if (!session.rules.completesHeader && !session.signedIn) return { text: '', messageId: null };
  const has = (name: string): boolean => section.fields.some((field) => field.name === name);
  const date = has('date') ? '' : `Date: ${formatDate(receivedAt)}\r\n`;
  if (has('message-id')) return { text: date, messageId: null };
  const messageId = `<${id.toLowerCase()}@${session.world.settings.hostname}>`;
  return { text: `${date}Message-ID: ${messageId}\r\n`, messageId };
}
