/** The cells of the matrix, and what can come out of one. */

/** What is tried, in the order of the page: what a reader calls it, and the duty behind it. */
export const CELLS = {
  plain: { title: 'plain 7-bit text', duty: 'RFC 5321 §3.3' },
  dots: { title: 'lines that begin with dots', duty: 'RFC 5321 §4.5.2' },
  eightBit: { title: '8-bit text (8BITMIME)', duty: 'RFC 6152' },
  longLine: { title: 'a line of 5,000 octets', duty: 'RFC 5321 §4.5.3.1.6' },
  large: { title: 'a mail of 10 MB', duty: 'H3' },
  utf8: { title: 'addresses in UTF-8 (SMTPUTF8)', duty: 'RFC 6531' },
  utf8Refused: { title: 'the same to a server without SMTPUTF8', duty: 'RFC 6531 §3.2' },
  pipelining: { title: 'PIPELINING', duty: 'RFC 2920' },
  chunking: { title: 'CHUNKING (BDAT)', duty: 'RFC 3030' },
  reuse: { title: 'several mails over one connection', duty: 'RFC 5321 §4.1.1.5' },
  startTls: { title: 'STARTTLS, required', duty: 'RFC 3207' },
  authPlain: { title: 'sign-in by PLAIN', duty: 'RFC 4954' },
  authLogin: { title: 'sign-in by LOGIN', duty: 'RFC 4954' },
  requireTls: { title: 'REQUIRETLS', duty: 'RFC 8689' },
  dsnKept: { title: 'RET, ENVID, NOTIFY and ORCPT passed on', duty: 'RFC 3461 §5' },
  dsnSuccess: { title: 'NOTIFY=SUCCESS answered by the last hop', duty: 'RFC 3461 §6' },
  bounce: { title: 'a refusal becomes a report to the sender', duty: 'RFC 3464' },
  size: { title: 'a mail above the size limit', duty: 'RFC 1870' },
  many: { title: 'more than 100 recipients, each once', duty: 'RFC 5321 §4.5.3.1.8' },
  nullSender: { title: 'the null sender', duty: 'RFC 5321 §4.5.5' },
  later: { title: '45x, then delivered', duty: 'RFC 5321 §4.5.4.1' },
  dismissed: { title: '421, then delivered', duty: 'RFC 5321 §3.8' },
  bareLf: { title: 'bare LF in the content', duty: 'RFC 5321 §2.3.8' },
  nul: { title: 'NUL in the content', duty: 'RFC 5321 §2.3.1' },
} as const;

export type CellName = keyof typeof CELLS;

/** `mx`: the peer relays to Holdfast as to any MX; `submission`: the peer signs in; `out`: Holdfast delivers to the peer. */
export type Direction = 'mx' | 'submission' | 'out';

/**
 * `yes`: as the duty asks. `no`: not so, and known-faults.ts says whose fault it is. `not offered`, `not used`: by the one who is named in
 * `why`. `–`: there is nothing to try in this direction.
 */
export interface Result {
  readonly mark: 'yes' | 'no' | 'not offered' | 'not used' | '–';
  readonly why?: string;
}

/** What one peer's cells of one direction came to. */
export type Column = ReadonlyMap<CellName, Result>;

export const YES: Result = { mark: 'yes' };

/** A cell's trial. It gives what came out; what it throws is a `no`. */
export type Trial = () => Promise<Result>;

const AT_ONCE = 6;

/** Runs all trials, a few at once. */
export async function runColumn(trials: Partial<Record<CellName, Trial>>): Promise<Column> {
  const results = new Map<CellName, Result>();
  const waiting = Object.keys(CELLS) as CellName[];
  for (const name of waiting) results.set(name, { mark: '–' });
  const work = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const trial = trials[name];
      if (trial !== undefined) results.set(name, await trial().catch(failed));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/** Fails the trial unless it holds. */
export function insist(holds: boolean, why: string): asserts holds {
  if (!holds) throw new Failed(why);
}

/** The trial's own `no`; anything else that is thrown is told with its stack's first line. */
class Failed extends Error {}

function failed(error: unknown): Result {
  if (error instanceof Failed) return { mark: 'no', why: error.message };
  return { mark: 'no', why: `unexpected: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}` };
}
