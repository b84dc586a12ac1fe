/** What a random walk through mailboxes draws: letters, names, flags and times, few of each so that they meet. */
import type { Flag, MailboxName, SpecialUse } from '#/model/index.ts';
import type { NewMessage, RecoverFilter } from '#/ports/index.ts';
import { letter, nameOf } from './mail-samples.ts';
import type { StandingClock } from './samples.ts';

const NAMES = ['INBOX', 'inbox', 'INBOX/x', 'Sent', 'Trash', 'Junk', 'a', 'a/b', 'a/b/c', 'ab', 'b', 'b/a', '会議'];
const FLAGS: readonly Flag[] = [
  '\\Seen',
  '\\Deleted',
  '\\deleted',
  '\\Flagged',
  '\\Recent',
  '$Sent',
  '$sent',
  'Own',
  'x y',
];
const WORDS = ['alpha', 'beta', 'alphabet', 'gamma', 'a', '会議', '会議室', '定例会議', 'サーバー', '議'];
export const USES: readonly SpecialUse[] = ['Junk', 'Trash', 'Archive', 'Flagged'];
const LARGE_BYTES = 300_000;

export class Draws {
  readonly #random: (below: number) => number;
  readonly #clock: StandingClock;

  constructor(random: (below: number) => number, clock: StandingClock) {
    this.#random = random;
    this.#clock = clock;
  }

  letter(): NewMessage {
    const ids = Array.from({ length: this.#random(3) }, () => `m${this.#random(25)}@x`);
    return letter({
      subject: this.text(3),
      text: this.#random(40) === 0 ? 'alpha '.repeat(LARGE_BYTES / 6) : this.text(12),
      messageId: this.#random(8) === 0 ? null : `m${this.#random(25)}@x`,
      references: ids,
      flags: this.flags(),
      uidl: this.#random(6) === 0 ? `uidl-${this.#random(8)}` : null,
      receivedAt: this.#clock.now() - this.#random(100_000),
    });
  }

  text(most: number): string {
    return Array.from({ length: 1 + this.#random(most) }, () => this.one(WORDS)).join(this.one([' ', ' ', '']));
  }

  flags(): Flag[] {
    return Array.from({ length: this.#random(4) }, () => this.one(FLAGS));
  }

  filter(): RecoverFilter {
    return { since: this.one([null, this.before()]), mailbox: this.one([null, null, this.name()]) };
  }

  /** Some time ago. */
  before(): number {
    return this.#clock.now() - this.#random(60_000);
  }

  name(): MailboxName {
    return nameOf(this.one(NAMES));
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.#random(choices.length)] as T;
  }
}
