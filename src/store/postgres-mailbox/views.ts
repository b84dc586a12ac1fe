/** Views that were read last: while a mailbox has not changed its UIDs need not be read again. Bounded by their UIDs; the one used longest ago goes first. */
import type { MailboxId } from '#/model/index.ts';
import type { View } from '#/ports/index.ts';

/** 4 octets each. */
const UIDS_MAX = 4_000_000;
/** What an empty view counts, so that their number has a bound too. */
const VIEW_UIDS = 100;

export class Views {
  readonly #views = new Map<string, View>();
  #uids = 0;

  get(account: number, mailbox: MailboxId): View | null {
    const key = `${account} ${mailbox}`;
    const view = this.#views.get(key);
    if (view === undefined) return null;
    this.#views.delete(key);
    this.#views.set(key, view);
    return view;
  }

  /** Of two that were read at once the newer one stays. */
  keep(account: number, mailbox: MailboxId, view: View): void {
    const key = `${account} ${mailbox}`;
    const known = this.#views.get(key);
    if (known !== undefined && known.highestModSeq > view.highestModSeq) return;
    if (known !== undefined) this.#drop(key, known);
    this.#views.set(key, view);
    this.#uids += view.uids.length + VIEW_UIDS;
    for (const [oldest, each] of this.#views) {
      if (this.#uids <= UIDS_MAX) break;
      this.#drop(oldest, each);
    }
  }

  #drop(key: string, view: View): void {
    this.#views.delete(key);
    this.#uids -= view.uids.length + VIEW_UIDS;
  }
}
