/**
 * Large mail and long texts, read and looked at in a thread of their own, one mail at a time (M4). What a worker does for them in its own thread is copying.
 *
 * States: those of the thread (`extract/threads/side-thread.ts`). What must never happen: a mail that takes the thread with it and passes for one
 * in which nothing was found; other mail that waits for a large one.
 */
import { setImmediate } from 'node:timers/promises';
import type { Call, MailFacts, Unread } from '#/model/index.ts';
import type { Answers } from '#/policy/index.ts';
import type { CheckFault } from '../checks.ts';
import type { Ended } from '../extract/threads/side-thread.ts';
import { SideThread } from '../extract/threads/side-thread.ts';
import { allUnread, type LargeMail, type LargeQuestion, type LargeSaid, unreadable } from './question.ts';

/** Octets of a mail from which on it is read apart: some 10 ms of reading, and most mail has less. */
const LARGE_BYTES = 262_144;
/** Characters of all texts from which on they are looked at apart: each check looks at one text in a stretch. */
const LONG_CHARS = 262_144;
/** MiB of the thread: the largest mail, and as much again for what is unpacked of it at a time. */
const MEMORY_MB = 1_024;
/** Octets that are copied in one stretch: a part of a ms. */
const PIECE_BYTES = 524_288;
/** Left of the time of a mail for its verdict. */
const SPARE_MS = 1_000;

const WHY: Readonly<Record<Exclude<Ended, 'done'>, Unread['why']>> = {
  'too-slow': 'too-slow',
  'too-large': 'too-large',
  died: 'damaged',
};

export function isLarge(content: Uint8Array): boolean {
  return content.length >= LARGE_BYTES;
}

export function isLong({ parts }: MailFacts): boolean {
  return parts.reduce((chars, { text }) => chars + (text?.length ?? 0), 0) >= LONG_CHARS;
}

/** What is wanted of a mail. */
export type Wanted = Pick<LargeQuestion, 'asked' | 'texts'>;

/** What is known of a mail as soon as it is known; both are awaited, or neither. */
export interface LookedApart {
  readonly facts: Promise<MailFacts>;
  readonly answers: Promise<Answers>;
}

export class Apart implements AsyncDisposable {
  readonly #thread = new SideThread<LargeSaid>(threadUrl(), 'inspect large');
  readonly #onFault: CheckFault;

  constructor(onFault: CheckFault) {
    this.#onFault = onFault;
  }

  /** Rejects where the call is given up, and with `call.late` where other large mail kept it waiting. */
  look(mail: LargeMail, { asked, texts }: Wanted, call: Call): LookedApart {
    const facts = Promise.withResolvers<MailFacts>();
    const answers = Promise.withResolvers<Answers>();
    const waitMs = (): number => Math.max(0, call.deadlineAt - SPARE_MS - performance.now());
    const question = (): LargeQuestion => ({ mail, asked, texts, waitMs: waitMs() });
    const message = async (): Promise<LargeQuestion> => ({ ...question(), mail: await shared(mail) });
    const hear = (said: LargeSaid): void => {
      if (said.kind === 'facts') facts.resolve(said.facts);
      else if (said.kind === 'answers') answers.resolve(said.answers);
      else this.#onFault(said.check, said.why);
    };
    const parts = { message, waitMs: call.deadlineAt - performance.now(), memoryMb: MEMORY_MB, hear };
    const asking = this.#thread.ask({ ...parts, waited: () => {} }, call).then((ended) => {
      // Settled already where the thread came so far.
      facts.resolve(unreadable(question(), ended === 'done' ? 'damaged' : WHY[ended]));
      answers.resolve(allUnread(question()));
    });
    asking.catch((cause: unknown) => {
      facts.reject(cause);
      answers.reject(cause);
    });
    // Whoever has the facts may end before the answers come.
    facts.promise.catch(() => {});
    answers.promise.catch(() => {});
    return { facts: facts.promise, answers: answers.promise };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#thread.close();
  }
}

/** The octets where the thread finds them: given to it as they are, they would be copied in one stretch, for which all other mail waits. */
async function shared(mail: LargeMail): Promise<LargeMail> {
  if ('facts' in mail) return mail;
  const content = new Uint8Array(new SharedArrayBuffer(mail.content.length));
  for (let at = 0; at < content.length; at += PIECE_BYTES) {
    content.set(mail.content.subarray(at, at + PIECE_BYTES), at);
    await setImmediate();
  }
  return { ...mail, content };
}

function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./large-thread.${extension}`, import.meta.url);
}
