/**
 * DKIM signatures (RFC 6376, with the algorithms of RFC 8301 and 8463) as values: reading, checking and making them.
 * A signer: `BodyHash` over the body ─▶ `prepareSignature` ─▶ the private key signs ─▶ `finish`. A verifier: `readSignatures` ─▶ `BodyHash` of each
 * one's form and the key record from DNS ─▶ `verifySignature`.
 *
 * No states. What must never happen: a throw or a slow minute for what a mail or a record holds; `pass` for a mail whose signed fields or
 * body are others; a signature that leaves part of the body open (`l=`), or From unguarded.
 */
export { BodyHash, type Canonicalization } from './body.ts';
export {
  type DkimAlgorithm,
  formatKeyRecord,
  type KeyRecord,
  type KeyRecordAnswer,
  parseKeyRecord,
} from './key-record.ts';
export { prepareSignature, type Signer, type Unsigned } from './sign.ts';
export { readSignatures, type Signature, type SignatureAnswer } from './signature.ts';
export { type DkimEvidence, type DkimVerdict, verifySignature } from './verify.ts';
