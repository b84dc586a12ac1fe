/**
 * Signatures: who gets which, by rules that people write (C1); templates filled in from the directory; and where they stand in a mail. Pure: values in,
 * values out. No states.
 *
 * What must never happen: a signature that is there twice, or in a text that somebody else wrote; a mail that is signed, encrypted, a calendar item, a
 * report or automatic, changed; an octet outside of the places of ours that comes out otherwise; a template that runs something, or reads a file.
 */
export { type Choice, chooseSignatures, type Letter } from './choose.ts';
export { readSignatures, type SignatureText, signatureImage, signatureTexts } from './read-rules.ts';
export { renderSignature } from './render.ts';
export type { SignatureImage, SignatureRule } from './rule.ts';
export { type ReadLetter, readLetter, signMail } from './sign.ts';
