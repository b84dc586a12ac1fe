/**
 * Making a signature (RFC 6376 §5): relaxed/relaxed, the whole body, and names once more than they are there where one that is added would
 * deceive. What is signed is given out, for signing with RSA takes long and is done elsewhere.
 *
 * What must never happen: other octets for the same content, key and time.
 */
import { createHash } from 'node:crypto';
import { countFields, type HeaderSection } from '#/codec/mime/index.ts';
import { chosenFields, relaxedField } from './fields.ts';
import type { DkimAlgorithm } from './key-record.ts';

export interface Signer {
  readonly algorithm: DkimAlgorithm;
  readonly domain: string;
  readonly selector: string;
  /** Seconds since the epoch: the time that the mail was accepted, so that each attempt writes the same. */
  readonly at: number;
}

/** What the private key has to sign, and the field that comes of it. */
export interface Unsigned {
  /** As `crypto.sign` wants it beside `digest`. */
  readonly octets: Buffer;
  readonly digest: 'sha256' | null;
  /** The whole field with its line end, to stand in front of the message. */
  finish(signature: Uint8Array): Buffer;
}

/** Always once more than they are there: what people see of a mail, or answer to. */
const GUARDED = ['from', 'to', 'cc', 'subject', 'reply-to'];
/** Once more where they are there; where not, hosts on the way may add one. */
const GUARDED_IF_THERE = [
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
];
/** As they are. */
const SIGNED_IF_THERE = [
  'sender',
  'content-disposition',
  'content-id',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
];

/** Letters of a line of the field (RFC 5322 §2.1.1 wants 78). */
const lineLettersMax = 76;

/** What to sign of a message whose body has this hash in the relaxed form. */
export function prepareSignature(section: HeaderSection, bodyHash: Buffer, signer: Signer): Unsigned {
  const names = namesOf(section);
  const tags = [
    'v=1;',
    `a=${signer.algorithm};`,
    'c=relaxed/relaxed;',
    `d=${signer.domain};`,
    `s=${signer.selector};`,
    `t=${signer.at};`,
    ...names.map((name, i) => `${i === 0 ? 'h=' : ''}${name}${i === names.length - 1 ? ';' : ':'}`),
    `bh=${bodyHash.toString('base64')};`,
  ];
  const head = folded('DKIM-Signature:', tags);
  const text = chosenFields(section, names, 'relaxed') + relaxedField(`${head}\r\n\tb=`).slice(0, -2);
  const octets = Buffer.from(text, 'latin1');
  // RFC 8463 §3: Ed25519 signs the hash.
  const isEd25519 = signer.algorithm === 'ed25519-sha256';
  return {
    octets: isEd25519 ? createHash('sha256').update(octets).digest() : octets,
    digest: isEd25519 ? null : 'sha256',
    finish: (signature) =>
      Buffer.from(`${head}\r\n\tb=${lined(Buffer.from(signature).toString('base64'))}\r\n`, 'latin1'),
  };
}

function namesOf(section: HeaderSection): readonly string[] {
  return [
    ...GUARDED.flatMap((name) => times(name, countFields(section, name) + 1)),
    ...GUARDED_IF_THERE.flatMap((name) => {
      const count = countFields(section, name);
      return times(name, count > 0 ? count + 1 : 0);
    }),
    ...SIGNED_IF_THERE.flatMap((name) => times(name, countFields(section, name))),
  ];
}

function times(name: string, count: number): readonly string[] {
  return Array.from({ length: count }, () => name);
}

/** Words with a space between, folded before one that would make the line too long; parts of a list need no space. */
function folded(start: string, words: readonly string[]): string {
  const lines: string[] = [];
  let line = start;
  for (const word of words) {
    const space = line.endsWith(':') && line !== start ? '' : ' ';
    if (line.length + space.length + word.length > lineLettersMax) {
      lines.push(line);
      line = `\t${word}`;
    } else line += space + word;
  }
  return [...lines, line].join('\r\n');
}

function lined(base64: string): string {
  return (base64.match(/.{1,72}/g) ?? []).join('\r\n\t');
}
