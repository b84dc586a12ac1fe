/** What rules may know of a mail for one recipient: its texts, its envelope, the owner's own addresses, and who is one person of ours. */
import { parseMailAddress } from '#/codec/smtp/index.ts';
import { type Directory, domainOf, type MailAddress, withoutDetail } from '#/model/index.ts';
import { chainMax, hopsMax } from './limits.ts';
import { folded, type MailTexts, ownKey, type Searched, searchedAddresses } from './mail-texts.ts';

export interface MailForRules {
  readonly texts: MailTexts;
  /** Octets. */
  readonly size: number;
  /** The reverse-path. */
  readonly sender: MailAddress | null;
  readonly hops: number;
  /** The owner's address and aliases. */
  readonly own: readonly MailAddress[];
  /** The address that was written to, where that is another. */
  readonly original: MailAddress | null;
  readonly directory: Pick<Directory, 'domain' | 'user' | 'group'>;
}

export class RuleFacts {
  readonly texts: MailTexts;
  readonly size: number;
  readonly sender: MailAddress | null;
  /** The reverse-path as conditions look at it; that of bounces is the empty word. */
  readonly senderSearched: Searched;
  readonly #mail: MailForRules;
  readonly #own: ReadonlySet<string>;
  #forwardedBy: readonly MailAddress[] | null = null;

  constructor(mail: MailForRules) {
    const { texts, size, sender, own } = mail;
    const address = folded(sender ?? '');
    this.texts = texts;
    this.size = size;
    this.sender = sender;
    this.senderSearched = searchedAddresses([{ address, shown: address }]);
    this.#mail = mail;
    this.#own = new Set(own.map(ownKey));
  }

  /** Whether To, Cc or Bcc has an address of the owner's, or one of these. */
  isAddressed(more: readonly MailAddress[] = []): boolean {
    const { addressed } = this.texts;
    return !this.#own.isDisjointFrom(addressed) || more.some((address) => addressed.has(ownKey(address)));
  }

  isOwn(address: MailAddress): boolean {
    return this.#own.has(ownKey(address));
  }

  /**
   * Why it must not be forwarded: it has been forwarded from here, or by too many, or has come too far (RFC 5321 §6.3, RFC 9228 §4). Null where
   * it may be. A stranger who writes such fields keeps mail here, which harms nobody.
   */
  get wayEnds(): 'been here' | 'too far' | null {
    if (this.#visited.some((address) => this.#own.has(ownKey(address)))) return 'been here';
    return this.#mail.hops >= hopsMax || this.texts.count('delivered-to') >= chainMax ? 'too far' : null;
  }

  /**
   * Whether it must not be forwarded to this address of several: they have it by that very name, or it was forwarded by somebody of ours already.
   * Else a group whose members all forward to the group would make of one mail as many as there are orders of them.
   */
  isSharedBy(address: MailAddress): boolean {
    if (this.#isOnePerson(address)) return false;
    const { original, directory } = this.#mail;
    if (original !== null && ownKey(original) === ownKey(address)) return true;
    return this.#visited.some((visited) => directory.domain(domainOf(visited)) !== undefined);
  }

  /** Outside, nobody knows; of ours only users are: groups, catch-alls and postmasters may be many. */
  #isOnePerson(address: MailAddress): boolean {
    const { directory } = this.#mail;
    if (directory.domain(domainOf(address)) === undefined || directory.user(address) !== undefined) return true;
    return directory.group(address) === undefined && directory.user(withoutDetail(address)) !== undefined;
  }

  /** Who forwarded it before. */
  get #visited(): readonly MailAddress[] {
    this.#forwardedBy ??= this.texts
      .values('delivered-to')
      .flatMap((text) => parseMailAddress(text.replace(/^<|>$/g, '')) ?? []);
    return this.#forwardedBy;
  }
}
