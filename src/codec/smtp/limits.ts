/**
 * The bounds of the SMTP language, each with its reason. All are octets unless the name says otherwise.
 * What a tenant or an operator may choose (message size, recipients) is no business of this file.
 */

/** RFC 5321 §4.5.3.1.4 asks for 512; SMTPUTF8, DSN and AUTH parameters (RFC 6531 §3.4, RFC 3461 §4) add about 1,100. */
export const commandLineBytesMax = 2048;

/** RFC 4954 §4: a line of an AUTH exchange, the first command included, may grow to 12,288. */
export const authLineBytesMax = 12_288;

/** How far a too long line is read in search of its end, so that a clumsy client hears why; then it is a flood. */
export const overlongLineBytesMax = 65_536;

/** One window of a body is looked at in one go: large enough to be cheap, small enough to leave the loop to others. */
export const bodyWindowBytes = 65_536;

/**
 * A refused body is read on to its end, so that the peer hears the reason instead of a broken connection;
 * but not for ever: this much beyond what an honest message of the allowed size could need.
 */
export const drainBytesMax: number = 64 * 1024 * 1024;

/*
 * Text lines of a body have no bound here. RFC 5321 §4.5.3.1.6 lets us stop at 1,000 octets, yet scanners and
 * business software send HTML as one line of megabytes; we never hold a line, so a bound would protect nobody.
 */

/**
 * Departs from RFC 5321 §4.5.3.1.1 (64): bounce addresses of mailing services (VERP, SRS) are longer, and refusing
 * them loses mail. RFC 5321 §4.5.3.1 itself asks to avoid limits.
 */
export const localPartBytesMax = 255;

/** RFC 5321 §4.5.3.1.2; RFC 1035 §2.3.4. */
export const domainBytesMax = 255;

/** RFC 1035 §2.3.4. */
export const domainLabelBytesMax = 63;

/** RFC 3461 §4.4: an envelope id is at most 100 characters, counted here as it stands on the line. */
export const envelopeIdBytesMax = 100;

/** RFC 3461 §4.2: an original recipient is at most 500 characters. */
export const originalRecipientBytesMax = 500;

/** RFC 5321 §4.5.3.1.5: a reply line of ours, code and CRLF included. */
export const replyLineBytesMax = 512;

/** Lines of a reply of ours: more than any EHLO list has; the rest of what a rule's author wrote is left out. */
export const replyLinesMax = 64;

/** Departs from RFC 5321 §4.5.3.1.5 (512) in what we accept: peers put long links in their refusals. */
export const peerReplyLineBytesMax = 8192;

/** A peer's whole reply. EHLO lists run to some 30 lines; more than this is a fault or an attack. */
export const peerReplyLinesMax = 256;
export const peerReplyBytesMax = 65_536;
