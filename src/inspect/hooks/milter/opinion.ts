/** What has been gathered of a milter's opinion so far. */
import type { Wording } from '#/model/index.ts';
import type { HookOpinion } from '../hook.ts';
import type { Reply } from './reply.ts';

/** Of each kind: people read the first few. */
const NOTED_MAX = 20;

export class Opinion {
  readonly #found: Wording[] = [];
  readonly #unmade = new Set<string>();
  #isUnread = false;

  found(reason: Wording): void {
    if (this.#found.length < NOTED_MAX) this.#found.push(reason);
  }

  unread(): void {
    this.#isUnread = true;
  }

  change({ what, harmless }: Reply & { kind: 'change' }): void {
    if (this.#unmade.size < NOTED_MAX) this.#unmade.add(what);
    if (harmless) return;
    this.found({
      en: `it wants a change that is not made here (it ${what})`,
      ja: 'この環境では行えない変更（宛先・差出人・本文の書き換え）が求められた',
    });
  }

  whole(): HookOpinion {
    return { found: this.#found, score: null, unread: this.#isUnread, unmade: [...this.#unmade] };
  }
}
