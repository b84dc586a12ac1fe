/** Bounds of the pages of downloads, each with its reason. */

/** From one client address (a /64 of IPv6) in a minute. People open a page a few times; an office behind one address has dozens of people. */
export const looksPerMinute = 240;

/** Links that are not there: who mistypes one does so a few times. A token has 160 bits, so this is about load alone. */
export const unknownPerMinute = 30;

/** Codes asked for, proofs and downloads begun. */
export const actsPerMinute = 120;

/** Client addresses that are remembered; beyond, the one that was quiet for longest is forgotten. */
export const clientsMax = 20_000;

/** Octets of a form: an act, a code or password, a number. */
export const formBytesMax = 2_000;
