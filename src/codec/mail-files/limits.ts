/** Bounds of the files in which mail is kept, each with its reason. */

/** A `From ` line of mbox: sender and date, some 80 octets; what is longer is text. */
export const fromLineBytesMax = 500;
/** Keywords that a Maildir file name has letters for: a to z. */
export const maildirKeywordsMax = 26;
/** Octets of one level in a file name: file systems take 255, and a suffix has to fit too. */
export const levelBytesMax = 240;
