/**
 * Where Holdfast and Dovecot 2.3 answer differently, and why. What is not explained here must be equal, and what is here must be seen: an
 * entry that explains nothing any more is taken out.
 */
import type { Difference } from '../compare.ts';

export interface KnownDifference {
  readonly why: string;
  /** Steps, by their names. */
  readonly steps: RegExp;
  /** Facts of these steps; default: all. */
  readonly about?: RegExp;
  /** What the two values must be to each other; default: anything. */
  readonly pair?: (dovecot: string | null, holdfast: string | null) => boolean;
}

/** Whether an entry explains a difference. */
export function explains({ steps, about, pair }: KnownDifference, difference: Difference): boolean {
  const isHere = steps.test(difference.step) && (about === undefined || about.test(difference.about));
  return isHere && (pair === undefined || pair(difference.reference, difference.ours));
}

const isOursAlone: KnownDifference['pair'] = (dovecot) => dovecot === null;
const isAbsentPart: KnownDifference['pair'] = (dovecot, holdfast) => dovecot === '""' && holdfast === 'NIL';

// Dovecot writes what RFC 2045 §5.2 says of a text that names no charset; we write what stands there.
const withoutDefault = (structure: string): string => structure.replaceAll('("charset" "us-ascii")', 'NIL');

const SESSION: readonly KnownDifference[] = [
  {
    why: 'Each offers what it has; Dovecot names SASL-IR and LOGIN-REFERRALS to those who have signed in already.',
    steps: /^(CAPABILITY|first: CAPA.*)$/,
    about: /^CAPA/,
  },
  {
    why: 'ENABLED without a name says that nothing was enabled (RFC 5161 §3.2).',
    steps: /^ENABLE NONSENSE/,
    pair: isOursAlone,
  },
  {
    why: 'Our refusals carry codes of RFC 5530 that programs can read, and BADCHARSET its list (RFC 9051 §7.1).',
    steps: /^(DELETE|CREATE|STATUS|SELECT|STORE|EXPUNGE|SEARCH)/,
    about: /^(CANNOT|ALREADYEXISTS|NONEXISTENT|READ-ONLY|BADCHARSET)$/,
  },
];

const MAILBOXES: readonly KnownDifference[] = [
  {
    why: 'We say whether a mailbox has children, what it is for and whether it is subscribed without being asked; LIST may (RFC 5258 §4).',
    steps: /^(LIST|LSUB) /,
    about: /^(LIST|LSUB) /,
    pair: (dovecot, holdfast) => dovecot !== null && holdfast !== null && isMore(words(dovecot), words(holdfast)),
  },
  { why: 'INBOX is subscribed from the start.', steps: /^(LIST|LSUB) /, about: /^(LIST|LSUB) INBOX$/ },
  {
    why: 'Mailboxes above a new one are made with it (RFC 9051 §6.3.4 leaves that open); Dovecot shows names without a mailbox.',
    steps: /^LIST .*(Top|Ends)|^LIST \(SUBSCRIBED/,
    about: /^(LIST|STATUS) (Top|Ends)/,
  },
  {
    why: 'A name may be subscribed before it is there (RFC 9051 §6.3.7); Dovecot wants the mailbox.',
    steps: /^(SUBSCRIBE Never|LSUB|LIST \(SUBSCRIBED)/,
    about: /^verdict$|Never/,
  },
  {
    why: 'INBOX is always there, so it can’t be created (RFC 9051 §6.3.4); Dovecot makes it with its first use.',
    steps: /^CREATE INBOX$/,
  },
  { why: 'STATUS DELETED came with rev2 (RFC 9051 §6.3.11).', steps: /^STATUS All \(DELETED\)$/ },
  {
    why: 'UNSEEN of SELECT left the protocol with rev2; it would cost a look at all flags.',
    steps: /SELECT|EXAMINE/,
    about: /^UNSEEN$/,
  },
  {
    why: 'A keyword comes to be with the first message that has it; Dovecot makes one that is only searched for.',
    steps: /^SEARCH KEYWORD \$Nothing$/,
    about: /^(FLAGS|PERMANENTFLAGS)$/,
  },
];

const STRUCTURE: readonly KnownDifference[] = [
  {
    why: 'A part that is not there is NIL; Dovecot says the empty string.',
    steps: /^FETCH \S+ (BODY|BINARY)/,
    about: /(BODY|BINARY)\[/,
    pair: isAbsentPart,
  },
  {
    why: 'Below a part that is no multipart there is only `.1` of a message (RFC 9051 §6.4.5.1); Dovecot takes `.1` of any part for the part.',
    steps: /^FETCH \S+ BODY.PEEK\[[12]\.1\]$/,
    pair: (_, holdfast) => holdfast === 'NIL',
  },
  {
    why: 'Parameters are given as they stand: no charset where none is named.',
    steps: /^FETCH \S+ BODY(STRUCTURE)?$/,
    pair: (dovecot, holdfast) => withoutDefault(dovecot ?? '') === withoutDefault(holdfast ?? ''),
  },
  {
    why: 'Parameters keep their order; Dovecot puts joined ones (RFC 2231) last.',
    steps: /^FETCH attachment BODYSTRUCTURE$/,
  },
  {
    why: 'Types, names and encodings have no case (RFC 2045 §5.1); we give them in lower case.',
    steps: /^FETCH described BODY(STRUCTURE)?$/,
    pair: (dovecot, holdfast) => dovecot?.toLowerCase() === holdfast?.toLowerCase(),
  },
  {
    why: 'The line end before a boundary belongs to it (RFC 2046 §5.1.1), after an inner multipart too; Dovecot gives it to the part.',
    steps: /^FETCH (forwarded|similar-boundaries) (BODY|BINARY)/,
  },
  {
    why: 'BINARY of a multipart gives it as it is; Dovecot writes its parts anew without their encodings.',
    steps: /^FETCH nested BINARY/,
  },
  {
    why: 'Folding white space stays as it was written, without the line end (RFC 5322 §2.2.3).',
    steps: /^FETCH folded ENVELOPE$/,
  },
];

const BROKEN: readonly KnownDifference[] = [
  {
    why: 'A multipart in which no part begins is shown as the text that it holds, so that its reader misses nothing; Dovecot shows an empty part.',
    steps: /^FETCH (no-boundary|boundary-not-used|no-parts) /,
  },
  { why: 'A type without a subtype is text/plain (RFC 2045 §5.2).', steps: /^FETCH bad-type / },
  { why: 'Broken parameters are left out one by one, not all from the first on.', steps: /^FETCH bad-parameters / },
  {
    why: 'Of a field that comes twice we read the first one; Dovecot the first type and the last subject.',
    steps: /^FETCH two-types /,
  },
  {
    why: 'An unknown encoding is named as it stands; Dovecot says 7bit, but does not decode it. It gives a UID with its refusal.',
    steps: /^FETCH bad-encoding /,
  },
  {
    why: 'Of broken base64 we decode what can be; Dovecot refuses the part, or stops at the first fault.',
    steps: /^FETCH bad-base64 /,
  },
  {
    why: 'A list of nothing but commas has no address; Dovecot makes one up.',
    steps: /^FETCH empty-fields ENVELOPE$|^SORT \(CC\)/,
  },
  {
    why: 'The header section ends before a line that is no field, as at our SMTP door; Dovecot goes on behind it.',
    steps: /^FETCH no-colon |^SORT \(SUBJECT/,
  },
  {
    why: 'Chosen fields end with an empty line, whether or not the header section has one.',
    steps: /^FETCH header-only /,
  },
  {
    why: 'Octets stay those that came, bare line feeds too; Dovecot counts and sends CR before each.',
    steps: /^FETCH bare-lf |^SORT \(REVERSE SIZE\)|: (STAT|LIST)|: (RETR|TOP) 34/,
  },
  {
    why: 'A message in base64, which RFC 2046 §5.2.1 forbids, can be read by BINARY; Dovecot gives its size as 0 and its text as empty.',
    steps: /^FETCH encoded-message /,
  },
  {
    why: 'A preview says nothing of attachments, and of a digest what its first message says.',
    steps: /^FETCH (described|digest) PREVIEW$/,
  },
];

const CHANGES: readonly KnownDifference[] = [
  {
    why: 'There is no \\Recent (RFC 9051 dropped it): nothing is NEW, everything is OLD, and to set it changes nothing.',
    steps: /(NEW|OLD)$|STORE 5 \+FLAGS \(\\Recent\)/,
  },
  {
    why: 'A mailbox that was EXAMINEd says NO to a change; Dovecot says OK and does nothing.',
    steps: /^(STORE 1 \+FLAGS \(\\Seen\)|EXPUNGE #2)$/,
  },
  {
    why: 'What others have expunged can’t be told any more, so the answer is NO (RFC 2180 §4.1.3); Dovecot tells flags that it remembers.',
    steps: /^second may not lose numbers/,
  },
];

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  ...SESSION,
  ...MAILBOXES,
  ...STRUCTURE,
  ...BROKEN,
  ...CHANGES,
];

const words = (attributes: string): ReadonlySet<string> => new Set(attributes.match(/[^\s()"]+/g) ?? []);

function isMore(dovecot: ReadonlySet<string>, holdfast: ReadonlySet<string>): boolean {
  return [...dovecot].every((word) => holdfast.has(word));
}
