/** What the header section of a mail says: all fields, and the people of the address fields. */
import { parseAddresses, type Structure } from '#/codec/mime/index.ts';
import type { AddressFacts, FieldFacts, MailFacts } from '#/model/index.ts';
import type { Dig } from '../dig.ts';
import { fieldCharsMax } from '../limits.ts';
import { readFieldValue, readWords } from './words.ts';

export type HeaderFacts = Pick<MailFacts, 'from' | 'to' | 'cc' | 'replyTo' | 'subject' | 'fields'>;

type Head = Structure['head'];

/** Reads the header section of the mail itself, whose path is the empty text. */
export function readHeaderFacts(dig: Dig, head: Head): HeaderFacts {
  const fields = readFields(dig, head, '');
  return {
    from: peopleIn(head, 'from'),
    to: peopleIn(head, 'to'),
    cc: peopleIn(head, 'cc'),
    replyTo: peopleIn(head, 'reply-to'),
    // Programs that see several show the first or the last; no word of any may be missed.
    subject: [...new Set(fields.filter(({ name }) => name === 'subject').map(({ value }) => value))].join('\n'),
    fields,
  };
}

/** Names and decoded values, in their order. */
export function readFields(dig: Dig, head: Head, path: string): FieldFacts[] {
  let isCut = false;
  const fields = head.fields.map(({ name, valueFrom, to }) => {
    const value = readFieldValue(head.source.subarray(valueFrom, to));
    isCut ||= value.length > fieldCharsMax;
    return { name, value: value.slice(0, fieldCharsMax) };
  });
  if (isCut) dig.cannot(path, 'too-large', `a header field of more than ${fieldCharsMax} characters`);
  // The codec lists so many; the body begins behind the last one that it walked over.
  const last = head.fields.at(-1);
  if (last !== undefined && head.body - last.to > 4)
    dig.cannot(path, 'too-many', `more than ${fields.length} header fields`);
  return fields;
}

/** The people of all fields of a name, groups left out. */
function peopleIn(head: Head, name: string): AddressFacts[] {
  const values = head.fields
    .filter((field) => field.name === name)
    .map(({ valueFrom, to }) => unfolded(head.source.subarray(valueFrom, to)));
  return values
    .flatMap((value) => parseAddresses(value))
    .flatMap(({ name: display, mailbox, host }) => {
      if (mailbox === null || host === null) return [];
      const address = host === '' ? mailbox : `${mailbox}@${host}`;
      return [{ address: readWords(address), display: readWords(display ?? '') }];
    });
}

/** Octet by octet where it is ASCII, so that encoded words keep what marks mean; letters in other charsets are read first. */
function unfolded(octets: Buffer): string {
  const text = octets.toString('latin1');
  return /[\x80-\xff\x1b]/.test(text) ? readFieldValue(octets) : text.replace(/\r?\n/g, '').trim();
}
