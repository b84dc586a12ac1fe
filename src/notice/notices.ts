/**
 * The maker of notices (ports/people-notices.ts): who is told of a mail, as what, and whether their hour has room for it.
 *
 * What must never happen: a person told twice of one thing; mail that waits while somebody who is to know of it is forgotten; a storm of mail at
 * one person. Who finds no room stands in custody with the mail (`owed`), and hears of it in a digest.
 *
 * Carries H1, design 1 (Before and after the 250, Bounces are born with their cause).
 */
import type {
  ArrivedMail,
  Claim,
  ClaimedRecipient,
  Directory,
  MailAddress,
  MailInCustody,
  NoticeSettings,
  Outcome,
  RecipientNumber,
  Verdict,
} from '#/model/index.ts';
import type {
  ActionLinks,
  Clock,
  Counter,
  Decided,
  DirectorySource,
  DoneToMail,
  Meter,
  PeopleNotices,
  Telling,
} from '#/ports/index.ts';
import { actsOf, listsOf, type Ways } from './acts.ts';
import { type BirthParts, noticeOf } from './births.ts';
import { Budget, type Person } from './budget.ts';
import { beginning, deed, digestLine, reminder, type Subject, type Written } from './letters.ts';
import { NOTICE_LIMITS } from './limits.ts';
import type { Block, Page } from './page.ts';
import { askedOf, personKey, type Reader, Readers, Roles, senderOf } from './readers.ts';
import { isReminderDue, nextLook } from './schedule.ts';
import { sectionsOf, type Told, toldOf, toldOfWaiting } from './sections.ts';
import { type Language, wordsFor } from './words.ts';

export interface PeopleNoticesSettings {
  readonly hostname: string;
  /** `retention.held`: how long a mail waits whose rule does not say. */
  readonly heldMs: number;
  /** Base of our pages as people reach them; null where they can't. */
  readonly pages: string | null;
}

export interface PeopleNoticesParts extends BirthParts {
  readonly directory: DirectorySource;
  readonly links: ActionLinks;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly meter: Pick<Meter, 'counter'>;
}

/** One mail that is told of now. */
interface Case extends Subject {
  readonly directory: Directory;
  readonly sender: MailAddress | null;
}

/** What of a batch one person is to hear. */
interface Pending {
  readonly about: Case;
  readonly reader: Reader;
  readonly told: readonly Told[];
  /** Nobody has told them of it before. */
  readonly isFirst: boolean;
}

/** What was said of a decided mail, and when who was not told is to be. */
interface Said {
  readonly readers: readonly Reader[];
  readonly heard: ReadonlySet<Reader>;
  readonly about: Case;
  readonly owedMs: number;
}

export class PeopleMails implements PeopleNotices {
  readonly #settings: PeopleNoticesSettings;
  readonly #parts: PeopleNoticesParts;
  readonly #ways: Ways;
  readonly #budget = new Budget();
  readonly #counter: Counter;

  constructor(settings: PeopleNoticesSettings, parts: PeopleNoticesParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#counter = parts.meter.counter(
      'holdfast_notices_total',
      'Notices to people about held mail, those that found no room in their hour, and those whose address led to nobody.',
    );
    this.#ways = { links: parts.links, pages: settings.pages };
  }

  judged(claim: Claim, outcomes: Decided): Telling {
    const about = this.#caseOf(claim.mail);
    if (about === null) return { claim, outcomes, born: [] };
    const recipients = new Map(claim.recipients.map((recipient) => [recipient.n, recipient]));
    const told = outcomes.flatMap(({ n, outcome }) => {
      const recipient = recipients.get(n);
      return recipient === undefined ? [] : (toldOf(recipient, outcome, about.now, this.#settings.heldMs) ?? []);
    });
    const readers = firstReaders(told, about);
    const isTorn = isPartOfMail(claim);
    const born: ArrivedMail[] = [];
    const heard = new Set<Reader>();
    for (const reader of readers) {
      // The rest of it is told together with this: custody brings all of them back at once.
      if (isTorn && hearsOfWait(reader, outcomes)) continue;
      if (!this.#takes(reader.address, about, 'singles')) {
        if (!hearsOfWait(reader, outcomes)) this.#leaveOut(reader.address, about);
        continue;
      }
      heard.add(reader);
      born.push(...this.#single({ about, reader, told, isFirst: true }));
    }
    const owedMs = isTorn ? NOTICE_LIMITS.tornMs : NOTICE_LIMITS.digestMs;
    return { claim, outcomes: outcomes.map((one) => this.#saying(one, { readers, heard, about, owedMs })), born };
  }

  waiting(claims: readonly Claim[]): {
    readonly tellings: readonly Telling[];
    readonly digests: readonly ArrivedMail[];
  } {
    const open = claims.map((claim) => ({ claim, pending: this.#pendingOf(claim) }));
    const byPerson = Map.groupBy(
      open.flatMap(({ pending }) => pending),
      ({ about, reader }) => `${about.tenant.id} ${personKey(reader.address, about.directory)}`,
    );
    const heard = new Set<Reader>();
    const singles = new Map<Reader, readonly ArrivedMail[]>();
    const digests: ArrivedMail[] = [];
    for (const [first, ...others] of byPerson.values()) {
      if (
        first === undefined ||
        !this.#takes(first.reader.address, first.about, others.length === 0 ? 'singles' : 'digests')
      )
        continue;
      for (const { reader } of [first, ...others]) heard.add(reader);
      if (others.length === 0) singles.set(first.reader, this.#single(first));
      else digests.push(...this.#digest([first, ...others]));
    }
    const tellings = open.map(({ claim, pending }) => {
      const readers = pending.map(({ reader }) => reader);
      const outcomes = claim.recipients.map((recipient) => this.#stillWaiting(recipient, claim.mail, readers, heard));
      return { claim, outcomes, born: readers.flatMap((reader) => singles.get(reader) ?? []) };
    });
    return { tellings, digests };
  }

  done({ mail, recipients }: Claim, numbers: readonly RecipientNumber[], what: DoneToMail): readonly ArrivedMail[] {
    const about = this.#caseOf(mail);
    const meant = recipients.filter(({ n }) => numbers.includes(n));
    if (about === null || about.sender === null || meant.length === 0) return [];
    const { sender, directory } = about;
    if (what.by !== null && personKey(what.by, directory) === personKey(sender, directory)) return [];
    // Of mail that ends undelivered nothing else may tell: it is told however many there are.
    if (!this.#takes(sender, about, 'singles') && what.deed !== 'expire') {
      this.#leaveOut(sender, about);
      return [];
    }
    const addresses = meant.map(({ address }) => address);
    return this.#born(sender, about, (language) => deed(what, addresses, about, language));
  }

  /** Null where nobody is told of such mail: what we made ourselves, and a tenant that is gone. */
  #caseOf(mail: MailInCustody): Case | null {
    const directory = this.#parts.directory.current();
    const tenant = directory.tenant(mail.tenant);
    if (mail.purpose !== 'mail' || tenant === undefined) return null;
    return { mail, tenant, directory, sender: senderOf(mail, directory), now: this.#parts.clock.now() };
  }

  /** False too where the address leads to nobody now: whom no mail can reach has not heard, and takes no room. */
  #takes(address: MailAddress, about: Case, kind: 'singles' | 'digests'): boolean {
    if (this.#parts.reach(address, about.tenant.id).length === 0) {
      this.#counter.add(1, { outcome: 'no address' });
      return false;
    }
    const isTaken = this.#budget.take(personOf(address, about), kind, this.#parts.clock.monotonic());
    this.#counter.add(1, { outcome: isTaken ? kind : 'no room' });
    return isTaken;
  }

  /** Custody keeps nothing of it: the next notice says how many there were. */
  #leaveOut(address: MailAddress, about: Case): void {
    this.#budget.leaveOut(personOf(address, about), this.#parts.clock.monotonic());
  }

  // ── what an outcome says of it ──

  #saying({ n, outcome }: Decided[number], { readers, heard, about, owedMs }: Said): Decided[number] {
    if (outcome.kind !== 'suspended' && outcome.kind !== 'approval') return { n, outcome };
    const mine = readers.filter((reader) => reader.recipients.has(n));
    if (mine.length === 0) return { n, outcome };
    const until = outcome.until ?? about.now + this.#settings.heldMs;
    const told = toldBy(mine, heard);
    const atEnd = outcome.kind === 'suspended' ? outcome.atEnd : 'expire';
    const next =
      atEnd === 'send' ? until : nextLook({ since: about.now, until }, about.tenant.notices.reminderMs, about.now);
    const lookAt = told.owed.length === 0 ? next : Math.min(next, about.now + owedMs);
    return { n, outcome: { ...outcome, told: { ...told, lookAt } } };
  }

  #stillWaiting(
    recipient: ClaimedRecipient,
    mail: MailInCustody,
    readers: readonly Reader[],
    heard: ReadonlySet<Reader>,
  ) {
    const { n, verdict, releaseAt } = recipient;
    const now = this.#parts.clock.now();
    const wait = verdict?.wait;
    const end = releaseAt ?? wait?.until ?? now;
    const told = toldBy(
      readers.filter((reader) => reader.recipients.has(n)),
      heard,
    );
    const reminderMs = this.#parts.directory.current().tenant(mail.tenant)?.notices.reminderMs ?? [];
    const next = releaseAt !== null || wait === undefined ? end : nextLook(wait, reminderMs, now);
    const due = told.owed.length === 0 ? next : Math.min(next, end, now + NOTICE_LIMITS.laterMs);
    const outcome: Outcome = { kind: 'returned', due, delayNotified: false, told };
    return { n, outcome };
  }

  // ── who hears of mail that still waits ──

  #pendingOf({ mail, recipients }: Claim): readonly Pending[] {
    const about = this.#caseOf(mail);
    if (about === null) return [];
    const told = recipients.flatMap((recipient) => toldOfWaiting(recipient) ?? []);
    const { directory } = about;
    const owed = new Set(told.flatMap(({ verdict }) => verdict.wait?.owed ?? []));
    const owedKeys = new Set([...owed].map((address) => personKey(address, directory)));
    return remindedReaders(told, about).map((reader) => {
      return { about, reader, told, isFirst: owedKeys.has(personKey(reader.address, directory)) };
    });
  }

  // ── letters ──

  #single({ about, reader, told, isFirst }: Pending): readonly ArrivedMail[] {
    const mine = told.filter(({ n }) => reader.recipients.has(n));
    const sections = sectionsOf(mine);
    if (sections.length === 0) return [];
    const write = isFirst ? beginning : reminder;
    return this.#born(reader.address, about, (language) => {
      const { subject, blocks } = write(reader.role, sections, about, language);
      return { subject, blocks: [...blocks, ...actsOf(reader, mine, about, this.#ways, wordsFor(language))] };
    });
  }

  /** All that one person is to hear of, in one mail. */
  #digest(pending: readonly Pending[]): readonly ArrivedMail[] {
    const [first] = pending;
    if (first === undefined) return [];
    return this.#born(first.reader.address, first.about, (language) => {
      const words = wordsFor(language);
      const lines = pending.slice(0, NOTICE_LIMITS.digestLinesMax).map(({ about, reader, told }) => {
        return digestLine(sectionsOf(told.filter(({ n }) => reader.recipients.has(n))), about, language);
      });
      const more = pending.length - lines.length;
      const items = more > 0 ? [...lines, words.more(more)] : lines;
      return {
        subject: words.subject.digest(pending.length),
        blocks: [
          { kind: 'text', text: words.opening.digest(pending.length) },
          { kind: 'list', items },
          ...listsOf(
            pending.map(({ reader }) => reader),
            this.#ways,
            words,
          ),
        ],
      };
    });
  }

  #born(to: MailAddress, about: Case, write: (language: Language) => Written): readonly ArrivedMail[] {
    const { mail, tenant, now } = about;
    const leftOut = this.#budget.leftOut(personOf(to, about), this.#parts.clock.monotonic());
    const { language } = tenant;
    const { subject, blocks } = write(language);
    const words = wordsFor(language);
    const untold: readonly Block[] = leftOut === 0 ? [] : [{ kind: 'text', text: words.leftOut(leftOut) }];
    const page: Page = {
      language,
      blocks: [...blocks, ...untold, { kind: 'rule' }, { kind: 'text', text: words.footer(tenant.name) }],
    };
    const letter = {
      hostname: this.#settings.hostname,
      from: words.from,
      to,
      subject,
      pages: [page],
      about: mail.facts.messageId,
      at: now,
    };
    const notice = noticeOf({ parent: mail.id, tenant: tenant.id, hops: mail.hops, letter }, this.#parts);
    return notice === null ? [] : [notice];
  }
}

/** Whether recipients of the same mail are judged apart from these: more of them than one claim holds. */
function isPartOfMail({ recipients, everybody = [] }: Claim): boolean {
  const claimed = new Set(recipients.map(({ n }) => n));
  const directions = new Set(recipients.map(({ direction }) => direction));
  return everybody.some(({ n, direction }) => directions.has(direction) && !claimed.has(n));
}

function hearsOfWait({ recipients }: Reader, outcomes: Decided): boolean {
  return outcomes.some(
    ({ n, outcome: { kind } }) => recipients.has(n) && (kind === 'suspended' || kind === 'approval'),
  );
}

function personOf(address: MailAddress, { tenant, directory }: Case): Person {
  return { tenant: tenant.id, key: personKey(address, directory) };
}

function firstReaders(told: readonly Told[], about: Case): readonly Reader[] {
  const { directory, sender, tenant } = about;
  const readers = new Readers(directory, tenant.id);
  for (const { n, fate, verdict } of told) {
    if (verdict.kind === 'approve')
      for (const address of askedOf(verdict, sender, directory, 'by')) readers.add(address, 'approver', n);
    if (sender !== null && isToldToSender(fate, tenant.notices)) readers.add(sender, 'sender', n);
    for (const address of verdict.notify) {
      // A report of its own tells the sender of what was refused.
      const isOwn = sender !== null && personKey(address, directory) === personKey(sender, directory);
      if (!(isOwn && fate.kind === 'bounced')) readers.add(address, 'watcher', n);
    }
  }
  return readers.all();
}

function isToldToSender(fate: Told['fate'], { held }: NoticeSettings): boolean {
  if (fate.kind !== 'held' && fate.kind !== 'approval') return false;
  if (held === 'waiting') return fate.kind === 'approval' || fate.atEnd === 'expire';
  return held === 'all';
}

/** At a reminder all who can do something, deputies too where nobody has; between two of them those to whom a notice is owed. */
function remindedReaders(told: readonly Told[], about: Case): readonly Reader[] {
  const { directory, sender, tenant, now } = about;
  const readers = new Readers(directory, tenant.id);
  const roles = new Roles(sender, directory);
  for (const { n, fate, verdict } of told) {
    const { wait } = verdict;
    if (wait === undefined) continue;
    const isWaiting = fate.kind !== 'held' || fate.atEnd === 'expire';
    if (isWaiting && isReminderDue(wait, tenant.notices.reminderMs, now)) {
      if (verdict.kind === 'approve') addAsked(readers, verdict, about, n);
      if (sender !== null && isToldToSender(fate, tenant.notices)) readers.add(sender, 'sender', n);
    }
    for (const address of wait.owed) readers.add(address, roles.of(address, verdict), n);
  }
  return readers.all();
}

function addAsked(
  readers: Readers,
  verdict: Extract<Verdict, { kind: 'approve' }>,
  { sender, directory }: Case,
  n: number,
): void {
  for (const address of askedOf(verdict, sender, directory, 'by')) readers.add(address, 'approver', n);
  if ((verdict.agreed ?? []).length > 0) return;
  for (const address of askedOf(verdict, sender, directory, 'deputies')) readers.add(address, 'deputy', n);
}

const ROLE_NAMES: Readonly<Record<Reader['role'], readonly [one: string, many: string]>> = {
  sender: ['its sender', 'its senders'],
  approver: ['an approver', 'approvers'],
  deputy: ['a deputy', 'deputies'],
  watcher: ['a person whom the rule names', 'people whom the rule names'],
};

/** Whom a notice reached and whom it did not, in words for the journal. */
function toldBy(
  readers: readonly Reader[],
  heard: ReadonlySet<Reader>,
): { readonly who: string; readonly owed: readonly MailAddress[] } {
  const reached = readers.filter((reader) => heard.has(reader));
  const owed = readers.filter((reader) => !heard.has(reader)).map(({ address }) => address);
  const names = [...Map.groupBy(reached, ({ role }) => role)].map(([role, { length }]) =>
    length === 1 ? ROLE_NAMES[role][0] : `${length} ${ROLE_NAMES[role][1]}`,
  );
  return { who: names.join(', '), owed };
}
