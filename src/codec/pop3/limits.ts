/** The bounds of the POP3 language, each with its reason. All are octets unless the name says otherwise. */

/** RFC 2449 §4 asks for 255; a long passphrase in UTF-8, which clients send as one PASS, needs more. */
export const commandLineBytesMax = 1024;

/** RFC 5034 §4 leaves the answer to a challenge open; RFC 4954 §4 gives the same exchange 12,288. */
export const authLineBytesMax = 12_288;

/** How far a too long line is read in search of its end, so that a clumsy client hears why; then it is a flood. */
export const overlongLineBytesMax = 65_536;

/** RFC 2449 §4: a reply line of ours, CRLF included. */
export const replyLineBytesMax = 512;

/** RFC 1939 §7: a unique-id is 1 to 70 characters. */
export const uidlBytesMax = 70;

/** Digits of a message number or a count of lines: more than any maildrop has, and exact as a number. */
export const numberDigitsMax = 10;
