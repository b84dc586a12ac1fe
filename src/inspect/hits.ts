/** What checks hand on, and how it becomes an answer. */
import type { Finding, RecipientNumber, Wording } from '#/model/index.ts';
import type { Answer } from '#/policy/index.ts';

/** One thing that a check found. Hits with one key are one thing: a number in the text and in the HTML of it. */
export interface Hit {
  readonly key: string;
  /** Path of the part; empty for the subject and the envelope. */
  readonly part: string;
  readonly recipient?: RecipientNumber;
  /** Where it stands in the text as checks look at it (`TextOfMail.plain`); detectors say it, for those who black it out. */
  readonly at?: { readonly from: number; readonly to: number };
  /** For sender and approver. Secrets are masked in it: it stands in notices and traces. */
  readonly reason: Wording;
}

/** Findings that are kept of one check: people look at the first few, and facts are stored. Those about recipients are all kept, since verdicts need them. */
const FINDINGS_MAX = 20;

/** Different things that are counted: no rule asks for more, and a list of a million addresses is a list. */
const COUNTED_MAX = 10_000;

/** Hits that are looked at, repeats among them: a mail of nothing but one number must not keep a worker. */
const HITS_MAX = 20_000;

/** The answer that hits make. `unread`: something that would have been looked into was not. */
export function answerOf(hits: Iterable<Hit>, check: string, unread: boolean): Answer {
  const tally = new Tally(check);
  tally.add(hits);
  return tally.answer(unread);
}

/** Hits of one check as they come, text by text. */
export class Tally {
  readonly #check: string;
  readonly #keys = new Set<string>();
  readonly #findings: Finding[] = [];
  #hitsLeft = HITS_MAX;
  #isCut = false;

  constructor(check: string) {
    this.#check = check;
  }

  /** No more is counted. */
  get isFull(): boolean {
    return this.#isCut || this.#keys.size >= COUNTED_MAX;
  }

  add(hits: Iterable<Hit>): void {
    for (const hit of hits) {
      if (hit.recipient === undefined && this.#hitsLeft-- <= 0) this.#isCut = true;
      else if (!this.#keys.has(hit.key)) this.#count(hit);
      if (hit.recipient === undefined && this.isFull) return;
    }
  }

  /** What is behind the last hit that was looked at is unread. */
  answer(unread: boolean): Answer {
    return { kind: 'looked', count: this.#keys.size, findings: this.#findings, unread: unread || this.#isCut };
  }

  #count({ key, part, recipient, reason }: Hit): void {
    this.#keys.add(key);
    if (recipient !== undefined) this.#findings.push({ check: this.#check, part, recipient, reason });
    else if (this.#findings.length < FINDINGS_MAX) this.#findings.push({ check: this.#check, part, reason });
  }
}

/** A text as a reason may quote it: one line, nothing that steers, short. */
export function quoted(text: string, charsMax = 60): string {
  const plain = text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return plain.length <= charsMax ? plain : `${plain.slice(0, charsMax)}…`;
}

/** The end of a secret: enough to find it again, not enough to use it. */
export function masked(secret: string, shown = 4): string {
  return `…${secret.slice(-shown)}`;
}
