/**
 * Bounds of extraction, each with its reason. Whatever reaches one ends in a line of `unread`: it counts as matched by what would have looked
 * (design 2), so a bound is no way around a rule.
 */
export interface ExtractLimits {
  /** Octets of a mail that are looked at. */
  readonly messageBytesMax: number;
  /** Parts of a mail and files inside of them, all together. */
  readonly partsMax: number;
  /** How deep files stand in files: archives, documents in documents, mails as files. */
  readonly depthMax: number;
  /** Octets that one file in a file may unpack to. */
  readonly fileBytesMax: number;
  /** Octets that all files in files of one mail may unpack to. */
  readonly unpackedBytesMax: number;
  /** How many times larger than packed a file may become, beyond `ratioFreeBytes`. */
  readonly ratioMax: number;
  readonly ratioFreeBytes: number;
  /** Characters of text kept of one part, and of all. */
  readonly partTextMax: number;
  readonly textMax: number;
  /** Time for one mail; a shorter deadline of the call goes before it. */
  readonly waitMs: number;
  /** Time for what one document is read by in a thread of its own. */
  readonly threadWaitMs: number;
  /** MiB of memory that such a thread may take. */
  readonly threadMemoryMb: number;
  /** Pages of a PDF. */
  readonly pagesMax: number;
}

export const defaultExtractLimits: ExtractLimits = {
  // Gates take 50 MB by default; with more, memory of a worker that looks at several mails is no longer bounded by a gigabyte.
  messageBytesMax: 100_000_000,
  // A source archive has some thousands; each costs a line in the facts.
  partsMax: 20_000,
  // Five forwards with a ZIP of a document with a sheet inside; hand-made nests go on for ever.
  depthMax: 10,
  // Twice the largest mail unpacked; a sheet of a million rows has as many.
  fileBytesMax: 134_217_728,
  // What a mail of 50 MB of texts comes to when it is packed well.
  unpackedBytesMax: 536_870_912,
  // Office sheets reach 50, logs 100; deflate of nothing but zeros 1,030.
  ratioMax: 250,
  ratioFreeBytes: 8_388_608,
  // 2,000 pages; patterns over them take some 100 ms.
  partTextMax: 8_388_608,
  textMax: 33_554_432,
  // Others wait for a slow mail in its own lane; the sender shouldn't wait much longer than that for a verdict.
  waitMs: 20_000,
  // A PDF of 500 pages takes two to three seconds on a busy core.
  threadWaitMs: 10_000,
  // pdf.js takes 100 MiB for large maps of Chinese letters; 7-Zip 64 for the usual dictionaries.
  threadMemoryMb: 512,
  // Handbooks of machines; what is behind them is told as unread.
  pagesMax: 2000,
};

/** Characters of one header field. Lists of a thousand addresses come to some 60,000. */
export const fieldCharsMax = 65_536;

/** Octets of one text, with its marks. A sheet of a million rows has some 60 million; to decode more at once would keep the event loop. */
export const textBytesMax = 67_108_864;

/** Characters of a file name; file systems end at 255 octets. */
export const nameCharsMax = 1024;

/** Names of one part that differ. Three forms are in use: filename, filename*, name. */
export const namesMax = 8;

/** Lines of `unread`; the last one says that there are more. People read a handful. */
export const unreadMax = 200;

/** Time without a turn of the event loop, after which extraction gives one: claims and heartbeats of the worker live there. */
export const turnMs = 10;

/** Characters that a parser is given at a time, so that there is a chance for a turn between; some 2 ms of work. */
export const chunkChars = 131_072;

/** Octets that a charset is guessed by. Letters of any language show within a page. */
export const guessBytes = 16_384;
