/** Names of capabilities (RFC 9051 §7.2.2; IANA, IMAP Capabilities). */

/** What users are offered, in the order of CAPABILITY. */
export const capabilitiesOfUsers = [
  'IMAP4rev2',
  'IMAP4rev1',
  'LITERAL+',
  'ID',
  'ENABLE',
  'IDLE',
  'NAMESPACE',
  'CHILDREN',
  'UIDPLUS',
  'MOVE',
  'UNSELECT',
  'CONDSTORE',
  'QRESYNC',
  'ESEARCH',
  'SEARCHRES',
  'WITHIN',
  'SORT',
  'THREAD=ORDEREDSUBJECT',
  'THREAD=REFERENCES',
  'LIST-EXTENDED',
  'LIST-STATUS',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
  'STATUS=SIZE',
  'BINARY',
  'MULTIAPPEND',
  'UTF8=ACCEPT',
  'OBJECTID',
  'PREVIEW',
  'SAVEDATE',
  'QUOTA',
  'QUOTA=RES-STORAGE',
] as const;

/** IMAP4rev1 is the ground that is left; a literal is understood whether or not it was offered. */
const ALWAYS: ReadonlySet<string> = new Set(['IMAP4rev1', 'LITERAL+']);

/** What may be turned off for an account: each name, and each family (`THREAD` is all that begin with `THREAD=`). */
export const switchableCapabilities: readonly string[] = [
  ...new Set(
    [...capabilitiesOfUsers, 'APPENDLIMIT']
      .filter((name) => !ALWAYS.has(name))
      .flatMap((name) => [name, familyOf(name)]),
  ),
];

function familyOf(name: string): string {
  return name.split('=', 1)[0] ?? name;
}
