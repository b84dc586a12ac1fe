/** Mailboxes in memory with a directory, for tests of `mailbox/`. */
import { randomBytes } from 'node:crypto';
import { FullAccounts, MailboxDelivery, RuleBook, readRules } from '#/mailbox/index.ts';
import { INBOX, type MailAddress, type MailId, type TenantId, within } from '#/model/index.ts';
import type { LocalMail, Mailboxes } from '#/ports/index.ts';
import { openMemoryMailboxes } from '#/store/memory/index.ts';
import { directoryOf, tenantOf } from './fake-people.ts';
import { FakeBlobs, FakeClock, FakeLog, FakeMeter } from './fakes.ts';

const ACME = 'acme' as TenantId;
export const ACCOUNT = { tenant: ACME, address: 'alice@acme.test' as MailAddress };

export class MailboxFixture {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly meter = new FakeMeter();
  readonly blobs = new FakeBlobs();
  readonly mailboxes: Mailboxes = openMemoryMailboxes({ clock: this.clock });
  readonly rules = new RuleBook({ mailboxes: this.mailboxes, clock: this.clock, log: this.log });
  readonly delivery: MailboxDelivery;
  readonly full: FullAccounts;
  stale = false;
  quotaBytes: number | null = null;

  constructor() {
    const { mailboxes, rules, blobs, clock, log, meter } = this;
    const directory = { current: () => this.#directory() };
    this.full = new FullAccounts({ mailboxes, rules, directory, clock, log });
    this.delivery = new MailboxDelivery({
      mailboxes,
      rules,
      full: this.full,
      directory,
      blobs,
      hostname: 'mx.test',
      clock,
      log,
      meter,
    });
  }

  /** Gives Alice these rules. */
  async setRules(given: unknown): Promise<void> {
    const read = readRules(given);
    if (read.kind === 'mistakes') throw new Error(read.mistakes.join('\n'));
    await this.rules.set(ACCOUNT, read.rules, within(30_000));
  }

  /** Delivers to one recipient. */
  async deliver(to: string, more: Partial<LocalMail> & { readonly original?: string } = {}) {
    const chunks = [Buffer.from(`From: x@world.test\r\nSubject: hello\r\n\r\nhi\r\n`)];
    const { original = null, ...rest } = more;
    const mail: LocalMail = {
      id: randomBytes(8).toString('hex').toUpperCase() as MailId,
      tenant: ACME,
      sender: 'x@world.test' as MailAddress,
      hops: 1,
      receivedAt: this.clock.now(),
      body: { kind: 'memory', chunks, size: chunks[0]?.length ?? 0 },
      recipients: [{ n: 1, address: to as MailAddress, original: original as MailAddress | null }],
      ...rest,
    };
    const [answer] = await this.delivery.deliver(mail, within(30_000));
    return answer;
  }

  /** Subjects in one of Alice's mailboxes. */
  async subjects(name: string = INBOX): Promise<readonly string[]> {
    const call = within(30_000);
    const mailbox = await this.mailboxes.find(ACCOUNT, name as typeof INBOX, call);
    if (mailbox === null) return [];
    const view = await this.mailboxes.view(ACCOUNT, mailbox.id, call);
    const rows = await this.mailboxes.rows(
      ACCOUNT,
      mailbox.id,
      [...(view?.uids ?? [])],
      { facts: true, head: true },
      call,
    );
    return rows.map(({ facts }) => facts?.subject ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.full[Symbol.asyncDispose]();
  }

  #directory() {
    const tenant = tenantOf({ id: 'acme', domains: ['acme.test'], users: [['alice@acme.test']] });
    const users = tenant.users.map((user) => ({ ...user, quotaBytes: this.quotaBytes }));
    return directoryOf([{ ...tenant, users }], { stale: this.stale });
  }
}
