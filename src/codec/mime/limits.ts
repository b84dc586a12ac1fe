/** Bounds of what we read of a message's header section, each with its reason. */

/** Exchange and large lists write some 60 KiB; four times that is no letter's header any more. */
export const headerBytesMax = 262_144;

/** Fields looked at; every hop adds five to ten, and loops end at far fewer. */
export const headerFieldsMax = 2000;

/** Characters of a value that trace shows and searches. */
export const shownValueMax = 500;

/** Characters of a value that are looked at for it. */
export const readValueMax = 16_384;
