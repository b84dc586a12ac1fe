/** Bounds of what we read of a message, each with its reason. What is beyond one is left out; no octet is lost or moved by it. */

/** Exchange and large lists write some 60 KiB; four times that is no letter's header any more. */
export const headerBytesMax = 262_144;

/** Fields looked at; every hop adds five to ten, and loops end at far fewer. */
export const headerFieldsMax = 2000;

/** Characters of a value that trace shows and searches. */
export const shownValueMax = 500;

/** Characters of a value that are looked at for it. */
export const readValueMax = 16_384;

/** Levels of parts, the message itself the first. Mail that was forwarded again and again has some ten; readers call themselves per level. */
export const partDepthMax = 100;

/** Parts of one message. Digests of lists have hundreds; each costs some 300 octets beside the message. */
export const partsMax = 10_000;

/**
 * What header sections of parts may cost, all together: an octet 1, an address or a parameter `detailCost`, about what it comes to when it is
 * kept. 700 forwarded mails with all their fields; without it 50 MB of tiny addresses would come to a gigabyte.
 */
export const partHeadsCostMax = 4_194_304;
export const detailCost = 50;

/** Octets of a boundary. RFC 2046 §5.1.1 allows 70; some mailers write more. */
export const boundaryBytesMax = 256;

/** Parameters of one field, before continuations are joined. A long file name in Japanese takes ten. */
export const parametersMax = 100;

/** Characters of a parameter's value; file systems end at 255 octets of name, three letters each when they are marked. */
export const parameterCharsMax = 4096;

/** Tags of Content-Language. */
export const languagesMax = 50;

/** Addresses of one field, group marks counted. A mail to all of a company has some hundreds; the gate takes 1,000 recipients. */
export const addressesMax = 2000;

/** Message-IDs kept of References: the oldest and the newest. Threads are tied by the first and the last. */
export const referencesMax = 100;

/** Characters of a Message-ID: a line has no more (RFC 5322 §2.1.1). One that is longer is none. */
export const messageIdCharsMax = 996;

/** Octets of decoded text looked at for preview and terms; a novel has as many, and what comes behind are logs and data. */
export const textBytesMax = 1_048_576;

/** RFC 8970 §3.1: 200 characters are recommended, and 256 the most. */
export const previewCharsMax = 200;

/** Terms of one message for search, head and body together: about 100 pages. */
export const termsMax = 20_000;

/** Of these for the head; 1,000 addressees with names come to some 5,000. */
export const headTermsMax = 5000;

/** Characters of one term. Longer ones are ids and base64; they are cut, and found by what is left. */
export const termCharsMax = 64;

/** Terms of one query; what is asked beyond them narrows nothing any more. */
export const phraseTermsMax = 200;

/** Characters of a subject that are compared. */
export const baseSubjectCharsMax = 1000;
