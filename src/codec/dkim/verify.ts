/** Whether a signature holds (RFC 6376 §6.1), once its key record and the hash of the body are at hand. */
import { createHash, verify } from 'node:crypto';
import type { HeaderSection } from '#/codec/mime/index.ts';
import { chosenFields, withoutSignature } from './fields.ts';
import { parseKeyRecord } from './key-record.ts';
import type { Signature } from './signature.ts';

/** Words of RFC 8601 §2.7.1. `policy`: it holds, for less than the whole body. */
export type DkimVerdict = { readonly result: 'pass' | 'fail' | 'policy' | 'permerror'; readonly why: string | null };

export interface DkimEvidence {
  readonly section: HeaderSection;
  /** Of the signature's own form and length (`BodyHash`). */
  readonly body: { readonly hash: Buffer; readonly bytes: number };
  /** Texts of the TXT records at the key's place. */
  readonly records: readonly string[];
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Never throws. */
export function verifySignature(signature: Signature, { section, body, records, now }: DkimEvidence): DkimVerdict {
  const [text] = records;
  if (text === undefined) return { result: 'permerror', why: 'there is no key' };
  // RFC 6376 §3.6.2.2: several records are not defined. The first that is a key counts.
  const answers = records.slice(0, 4).map(parseKeyRecord);
  const answer = answers.find(({ kind }) => kind === 'key') ?? answers[0];
  if (answer === undefined || answer.kind === 'revoked') return { result: 'permerror', why: 'the key is revoked' };
  if (answer.kind === 'unusable') return { result: 'permerror', why: answer.why };
  const { record } = answer;
  if (record.algorithm !== signature.algorithm) return { result: 'permerror', why: 'the key is of another kind' };
  if (record.isStrict && signature.identity.slice(signature.identity.lastIndexOf('@') + 1) !== signature.domain)
    return { result: 'permerror', why: 'the key is for its own domain alone' };
  if (signature.expires !== null && signature.expires < now)
    return { result: 'fail', why: 'the signature has expired' };
  if (!body.hash.equals(signature.bodyHash)) return { result: 'fail', why: 'the body was changed' };
  const raw = withoutSignature(signature.raw, signature.headerForm);
  const octets = Buffer.from(chosenFields(section, signature.names, signature.headerForm) + raw, 'latin1');
  const isEd25519 = signature.algorithm === 'ed25519-sha256';
  const signed = isEd25519 ? createHash('sha256').update(octets).digest() : octets;
  if (!verify(isEd25519 ? null : 'sha256', signed, record.key, signature.signature))
    return { result: 'fail', why: 'the header section was changed' };
  // RFC 6376 §8.2: what was added behind the signed part is nobody's word.
  if (signature.bodyBytes !== null && signature.bodyBytes < body.bytes)
    return { result: 'policy', why: 'the signature does not cover the whole body' };
  if (signature.bodyBytes !== null && signature.bodyBytes > body.bytes)
    return { result: 'fail', why: 'the body was cut' };
  return { result: 'pass', why: record.isTest ? 'the domain tries DKIM out' : null };
}
