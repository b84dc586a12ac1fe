/** The letters of the game: octets that follow from a name, and a fate that follows from it too, so that the judge knows who may be missing. */

/**
 * What may happen to a letter. `stays`: it is never moved nor deleted; `moves`: never deleted; `dies`: anything; `counts`: its flags are a
 * number that is only ever raised by one (`counting.ts`).
 */
export type Fate = 'stays' | 'moves' | 'dies' | 'counts';

const FATES: readonly Fate[] = ['dies', 'stays', 'moves'];
const COUNTER = 'counter-';

export function counterIn(mailbox: string): string {
  return COUNTER + mailbox;
}

/** A letter's name from its number. */
export function nameOf(number: number): string {
  return `letter-${number}`;
}

export function fateOf(id: string): Fate {
  return id.startsWith(COUNTER) ? 'counts' : (FATES[Number(id.slice('letter-'.length)) % FATES.length] ?? 'stays');
}

/** Its octets. */
export function letter(id: string): Buffer {
  const lines = 1 + ((id.length * 7 + Number(/\d+$/.exec(id)?.[0] ?? 0)) % 40);
  const body = `.This is ${id}, お元気ですか。\r\n`.repeat(lines);
  return Buffer.from(
    `From: Alice <alice@partner.test>\r\nTo: bob@acme.test\r\nSubject: ${id}\r\nX-Test-Id: ${id}\r\n\r\n${body}`,
  );
}

/** The name in its octets (Latin-1); empty where there is none. */
export function idIn(octets: string): string {
  return /^X-Test-Id: (\S+)\r$/m.exec(octets)?.[1] ?? '';
}
