/**
 * The language of milters (Sendmail's mail filter protocol, version 6) as octets: a length, a letter, and what belongs to it. Pure. There is no RFC: the names
 * are those of `mfdef.h`, which programs on both sides are made of.
 */

/** What we say. */
export const COMMANDS = {
  negotiate: 'O',
  macros: 'D',
  connect: 'C',
  helo: 'H',
  mail: 'M',
  recipient: 'R',
  data: 'T',
  header: 'L',
  endOfHeader: 'N',
  body: 'B',
  endOfBody: 'E',
  quit: 'Q',
} as const;
export type Command = keyof typeof COMMANDS;

/** Steps that a milter may leave out, and answers that it may spare (SMFIP_…). */
export const STEPS = {
  noConnect: 0x1,
  noHelo: 0x2,
  noMail: 0x4,
  noRecipient: 0x8,
  noBody: 0x10,
  noHeaders: 0x20,
  noEndOfHeader: 0x40,
  quietHeader: 0x80,
  noUnknown: 0x100,
  noData: 0x200,
  skip: 0x400,
  quietConnect: 0x1000,
  quietHelo: 0x2000,
  quietMail: 0x4000,
  quietRecipient: 0x8000,
  quietData: 0x1_0000,
  quietUnknown: 0x2_0000,
  quietEndOfHeader: 0x4_0000,
  quietBody: 0x8_0000,
  headerSpace: 0x10_0000,
} as const;
export type Step = keyof typeof STEPS;

const VERSION = 6;
/** A milter that needs one that is not offered refuses to talk. What it then asks for is told and counted, not done (`reply.ts`). */
const ALL_ACTIONS = 0x1ff;
const ALL_STEPS = Object.values(STEPS).reduce((all, step) => all | step, 0);

/** Octets of a piece of a body: what version 6 takes without agreeing on more. */
export const BODY_BYTES_MAX = 65_535;

export function packet(command: Command, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(data.length + 1);
  head.write(COMMANDS[command], 4, 'latin1');
  return Buffer.concat([head, data]);
}

/** Texts, each with a zero behind it. One inside of a text would end it early, so there is none. */
export function texts(...all: readonly string[]): Buffer {
  return Buffer.from(all.map((text) => `${text.replaceAll('\0', '')}\0`).join(''));
}

/** Macros for a command. */
export function macros(of: Command, values: Readonly<Record<string, string>>): Buffer {
  return packet('macros', Buffer.concat([Buffer.from(COMMANDS[of]), texts(...Object.entries(values).flat())]));
}

export function negotiation(): Buffer {
  const data = Buffer.alloc(12);
  data.writeUInt32BE(VERSION);
  data.writeUInt32BE(ALL_ACTIONS, 4);
  data.writeUInt32BE(ALL_STEPS, 8);
  return packet('negotiate', data);
}

/** The steps that a milter wants, from its side of the negotiation; null where that is none that we can keep. */
export function agreed(data: Buffer): ReadonlySet<Step> | null {
  if (data.length < 12) return null;
  const version = data.readUInt32BE(0);
  const wanted = data.readUInt32BE(8);
  // Whoever asks for what was not offered has not understood the offer, or speaks a later version.
  if (version < 2 || version > VERSION || (wanted & ~ALL_STEPS) !== 0) return null;
  const names = Object.keys(STEPS) as Step[];
  return new Set(names.filter((name) => (wanted & STEPS[name]) !== 0));
}
