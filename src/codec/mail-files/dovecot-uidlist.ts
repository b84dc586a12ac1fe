/** `dovecot-uidlist` of a Maildir: the UIDs that clients know its messages by, and UIDLs that POP3 clients know them by. */
import { parseMaildirName } from './maildir-name.ts';

export interface DovecotUid {
  readonly uid: number;
  /** Kept with the message, where it was moved to Dovecot from elsewhere. */
  readonly uidl: string | null;
}

export interface DovecotUidList {
  readonly uidValidity: number;
  /** By the unchanging part of the file name. */
  readonly byBase: ReadonlyMap<string, DovecotUid>;
}

const UID_MAX = 2 ** 32 - 1;

/** Reads version 3, and 1; null where it is neither. Lines that can't be read are passed over. */
export function parseUidList(octets: Uint8Array): DovecotUidList | null {
  const lines = linesOf(octets);
  const head = lines.next().value ?? '';
  const uidValidity = numberIn(/^3(?: \S+)* V(\d+)/.exec(head)?.[1] ?? /^1 (\d+) \d+/.exec(head)?.[1]);
  if (uidValidity === null) return null;
  const byBase = new Map<string, DovecotUid>();
  for (const line of lines) {
    const entry = head.startsWith('3') ? readLine(line) : readOldLine(line);
    if (entry !== null) byBase.set(entry.base, { uid: entry.uid, uidl: entry.uidl });
  }
  return { uidValidity, byBase };
}

/** Writes version 3, with UIDLs where they are given. */
export function formatUidList(
  { uidValidity, uidNext }: { readonly uidValidity: number; readonly uidNext: number },
  entries: readonly (DovecotUid & { readonly base: string })[],
): string {
  const lines = entries.map(({ uid, uidl, base }) => `${uid}${uidl === null ? '' : ` P${uidl}`} :${base}\n`);
  return `3 V${uidValidity} N${uidNext}\n${lines.join('')}`;
}

// `uid KEYvalue KEYvalue :name`: a name has no end but the line's.
function readLine(line: string): (DovecotUid & { readonly base: string }) | null {
  const [, digits, fields = '', name = ''] = /^(\d+)((?: [A-Za-z]\S*)*) :(.+)$/.exec(line) ?? [];
  const uid = numberIn(digits);
  if (uid === null) return null;
  const uidl = fields.split(' ').find((field) => field.startsWith('P'));
  return { uid, uidl: uidl?.slice(1) || null, base: parseMaildirName(name).base };
}

function readOldLine(line: string): (DovecotUid & { readonly base: string }) | null {
  const [, digits, name = ''] = /^(\d+) (.+)$/.exec(line) ?? [];
  const uid = numberIn(digits);
  return uid === null ? null : { uid, uidl: null, base: parseMaildirName(name).base };
}

function numberIn(digits: string | undefined): number | null {
  const value = Number(digits ?? '0');
  return value > 0 && value <= UID_MAX ? value : null;
}

function* linesOf(octets: Uint8Array): Generator<string, undefined> {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  for (let at = 0; at < view.length; ) {
    const lf = view.indexOf(0x0a, at);
    const end = lf < 0 ? view.length : lf;
    yield view.toString('utf8', at, end);
    at = end + 1;
  }
}
