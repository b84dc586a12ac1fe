/**
 * Mails that the rules of a recipient make of one that was delivered here (ports/local-delivery.ts): forwards, and answers by themselves.
 * They are born in the transaction of the outcome that causes them, as reports are (design 1, Doors): with the parent named, in the
 * forwarding person's tenant, by their own direction and route, and with one more hop than the parent.
 *
 * A forward is the parent's octets under a Received and a Delivered-To of its own (RFC 5321 §4.4, RFC 9228 §4). Of small content nothing is copied;
 * large content goes from blob to blob, never through memory as a whole. One that leaves the house has a reverse-path of ours
 * where the sender's domain would not vouch for us.
 *
 * What must never happen: a forward whose recipients nobody can be told of; a reverse-path that makes a stranger's mail look like ours.
 */
import { isAscii } from 'node:buffer';
import { contentFacts, formatDate, readHeaders } from '#/codec/mime/index.ts';
import { domainToAscii, needsSmtpUtf8 } from '#/codec/smtp/index.ts';
import type {
  AccountKey,
  ArrivedRecipient,
  Body,
  BornMail,
  Call,
  ClaimedRecipient,
  Direction,
  MailAddress,
  MailId,
  MailInCustody,
  TenantId,
} from '#/model/index.ts';
import { addressKey, domainOf, isProven, localPartOf, newMailId, withoutDetail } from '#/model/index.ts';
import type { Birth, Blobs, Clock, DirectorySource, ReturnPaths, Routing } from '#/ports/index.ts';

export interface BirthParts {
  readonly directory: DirectorySource;
  readonly routing: Routing;
  readonly returnPaths: ReturnPaths;
  /** Whom an address stands for when this tenant sends to it; nobody where it is unknown. */
  readonly reach: (address: MailAddress, tenant: TenantId) => readonly Reached[];
  /** Null where all content is in custody. */
  readonly blobs: Pick<Blobs, 'read' | 'create'> | null;
  readonly clock: Clock;
  /** Whether there is disk for more mail (ports/intake.ts). */
  readonly hasDisk: () => boolean;
}

interface Reached {
  readonly address: MailAddress;
  readonly direction: Direction;
}

/** The mail that is forwarded or answered, as its claim has it. */
export interface Parent {
  readonly mail: MailInCustody;
  readonly body: Body;
  readonly recipient: ClaimedRecipient;
}

/** A mail on its way to other tenants, as it leaves its sender's. */
export interface Crossing {
  readonly mail: MailInCustody;
  readonly body: Body;
  readonly recipients: readonly ClaimedRecipient[];
}

type Forward = Extract<Birth, { kind: 'forward' }>;
type Answer = Extract<Birth, { kind: 'answer' }>;

export class Births {
  readonly #hostname: string;
  readonly #parts: BirthParts;

  constructor({ hostname }: { readonly hostname: string }, parts: BirthParts) {
    this.#hostname = hostname;
    this.#parts = parts;
  }

  /** No delivery ends without room for what is to come of it (design 1, Disk). */
  get hasRoom(): boolean {
    return this.#parts.hasDisk();
  }

  /**
   * The mail as it enters by the doors of its recipients' tenants, one mail for each of them (design 1, Doors): inbound there, of whoever sent it,
   * with one more hop. Rejects as `make` does.
   */
  async cross({ mail, body, recipients }: Crossing, call: Call): Promise<readonly BornMail[]> {
    const byTenant = Map.groupBy(recipients, ({ address }) => this.#homeOf(address));
    const made: BornMail[] = [];
    for (const [tenant, theirs] of byTenant) {
      // Its domain has gone meanwhile.
      if (tenant === undefined) throw new Error('a recipient is of no tenant any more');
      const id = newMailId(this.#parts.clock.now());
      const received = `Received: by ${this.#hostname} (for another company on it)\r\n\tid ${id}; `;
      const trace = Buffer.from(`${received}${formatDate(this.#parts.clock.now())}\r\n`);
      const content = await this.#under(trace, { mail, body }, tenant, call);
      made.push({
        ...mail,
        id,
        parent: mail.id,
        tenant,
        origin: 'received',
        receivedAt: this.#parts.clock.now(),
        hops: mail.hops + 1,
        size: content.size,
        body: content,
        recipients: theirs.map((recipient) => this.#inbound(recipient, tenant)),
        bornOf: theirs.map(({ n }) => n),
      });
    }
    return made;
  }

  #inbound({ n, address, original, orcpt, notify }: ClaimedRecipient, tenant: TenantId): ArrivedRecipient {
    const direction = 'inbound';
    const { destination, held } = this.#parts.routing.enter({ address, direction }, tenant, 'mail');
    return { n, address, original, orcpt, notify, direction, destination, held };
  }

  #homeOf(address: MailAddress): TenantId | undefined {
    return this.#parts.directory.current().domain(domainOf(address))?.tenant.id;
  }

  /** Rejects where content can't be read or written now: then nothing came of the delivery, and it is tried again. */
  async make(parent: Parent, births: readonly Birth[], call: Call): Promise<readonly BornMail[]> {
    const made: BornMail[] = [];
    for (const birth of births) {
      if (birth.kind === 'answer') made.push(this.#answer(parent, birth));
      else made.push(...(await this.#forwards(parent, birth, call)));
    }
    return made;
  }

  /** One mail for those who get it under one reverse-path: at most two. */
  async #forwards(parent: Parent, { by, to, kept }: Forward, call: Call): Promise<readonly BornMail[]> {
    const groups = Map.groupBy(this.#reached(by, to), ({ address }) => this.#senderTo(address, by, parent.mail));
    const made: BornMail[] = [];
    for (const [sender, reached] of groups) {
      const id = newMailId(this.#parts.clock.now());
      const body = await this.#forwarded(parent, by, id, reached, call);
      const { needs, facts } = parent.mail;
      const paths = [by.address, ...(sender === null ? [] : [sender]), ...reached.map(({ address }) => address)];
      const named = paths.map(inAscii);
      const smtpUtf8 = needs.smtpUtf8 || named.some(needsSmtpUtf8);
      const notify = notifyOf(parent, kept);
      const recipients = reached.map((one, i) => this.#recipient(i + 1, one, { parent, by, notify }));
      const content = { body, needs: { ...needs, smtpUtf8 }, facts };
      made.push(this.#born(parent, by, { id, sender, recipients, ...content }));
    }
    return made;
  }

  /** Who is to get it. Unknown names stay: their mailbox says so to the sender, which is better than a forward that ends in nothing. */
  #reached(by: AccountKey, to: readonly MailAddress[]): readonly Reached[] {
    const found = new Map<string, Reached>();
    for (const address of to) {
      const reached = this.#parts.reach(address, by.tenant);
      const unknown = { address, direction: this.#isOf(by.tenant, address) ? 'internal' : 'outbound' } as const;
      for (const one of reached.length > 0 ? reached : [unknown]) found.set(addressKey(one.address), one);
    }
    // A group that the forwarder is in: the mail has been here.
    if (found.size > 1) found.delete(addressKey(by.address));
    return [...found.values()];
  }

  /** RFC 7208 §D.3: what leaves the house in a stranger's name leaves by a path of ours. Who is proven to be of this tenant needs none. */
  #senderTo(address: MailAddress, by: AccountKey, { sender, identity }: MailInCustody): MailAddress | null {
    if (sender === null || this.#parts.directory.current().domain(domainOf(address)) !== undefined) return sender;
    if (isProven(identity) && this.#isOf(by.tenant, sender)) return sender;
    // Too long for any path: the bounce comes to who forwards, rather than to nobody.
    return this.#parts.returnPaths.rewrite(sender, domainOf(by.address)) ?? by.address;
  }

  #isOf(tenant: TenantId, address: MailAddress): boolean {
    return this.#homeOf(address) === tenant;
  }

  #recipient(
    n: number,
    { address, direction }: Reached,
    {
      parent: { recipient: parent },
      by: { tenant },
      notify,
    }: { readonly parent: Parent; readonly by: AccountKey; readonly notify: ArrivedRecipient['notify'] },
  ): ArrivedRecipient {
    // Reports name the address that the sender wrote: where it leads is not theirs to know (RFC 3464 §4.2). Without its detail, which sorts for its owner alone.
    const original = withoutDetail(parent.original ?? parent.address);
    const { destination, held } = this.#parts.routing.enter({ address, direction }, tenant, 'mail');
    return { n, address, original, orcpt: parent.orcpt, notify, direction, destination, held };
  }

  #forwarded({ mail, body }: Parent, by: AccountKey, id: MailId, to: readonly Reached[], call: Call): Promise<Body> {
    return this.#under(Buffer.from(this.#trace(by, id, to)), { mail, body }, by.tenant, call);
  }

  /** The octets under a trace field of their own. Of small content nothing is copied; blobs are of one tenant. */
  async #under(
    trace: Buffer,
    { mail, body }: Pick<Parent, 'mail' | 'body'>,
    tenant: TenantId,
    call: Call,
  ): Promise<Body> {
    if (body.kind === 'memory')
      return { kind: 'memory', chunks: [trace, ...body.chunks], size: trace.length + body.size } as const;
    const { blobs } = this.#parts;
    if (blobs === null) throw new Error('large content without a blob store');
    const writer = await blobs.create(tenant, call);
    try {
      await writer.write(trace);
      for await (const piece of blobs.read(mail.tenant, body.ref, call)) await writer.write(piece);
      const ref = await writer.finish();
      return { kind: 'blob', ref, size: ref.size } as const;
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  #trace(by: AccountKey, id: MailId, to: readonly Reached[]): string {
    // RFC 5321 §7.2: several would tell of each other.
    const [only] = to.length === 1 ? to : [];
    const clause = only === undefined ? '' : `\r\n\tfor <${inAscii(only.address)}>`;
    const received = `Received: by ${this.#hostname} (forwarded by a rule of its recipient)\r\n\tid ${id}${clause}`;
    return `${received}; ${formatDate(this.#parts.clock.now())}\r\nDelivered-To: ${inAscii(by.address)}\r\n`;
  }

  #answer(parent: Parent, { by, to, content }: Answer): BornMail {
    const [reached = { address: to, direction: 'outbound' as const }] = this.#parts.reach(to, by.tenant);
    const { destination, held } = this.#parts.routing.enter(reached, by.tenant, 'mail');
    const never = { success: false, failure: false, delay: false };
    const { address, direction } = reached;
    const octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const { requireTls } = parent.mail.needs;
    return this.#born(parent, by, {
      id: newMailId(this.#parts.clock.now()),
      sender: null,
      recipients: [{ n: 1, address, original: null, orcpt: null, notify: never, direction, destination, held }],
      body: { kind: 'memory', chunks: [octets], size: octets.length },
      needs: { eightBit: !isAscii(octets), smtpUtf8: needsSmtpUtf8(to), requireTls, ret: null, envid: null },
      facts: contentFacts(readHeaders([octets])),
    });
  }

  #born(
    { mail, recipient }: Parent,
    by: AccountKey,
    own: Pick<BornMail, 'id' | 'sender' | 'recipients' | 'body' | 'needs' | 'facts'>,
  ): BornMail {
    return {
      ...own,
      parent: mail.id,
      tenant: by.tenant,
      origin: 'generated',
      purpose: 'mail',
      identity: { kind: 'system', tenant: by.tenant, name: by.address },
      receivedAt: this.#parts.clock.now(),
      hops: mail.hops + 1,
      size: own.body.size,
      bornOf: recipient.n,
    };
  }
}

/**
 * RFC 3461 §5.2.7: that it was delivered has been said already. Where a copy stayed, mail of a stranger has come to its end for its sender, who may be
 * invented: that its forward is refused elsewhere is not bounced at them (design 1, Before and after the 250).
 */
function notifyOf({ mail, recipient }: Parent, kept: boolean): ArrivedRecipient['notify'] {
  if (kept && mail.identity.kind === 'peer') return { success: false, failure: false, delay: false };
  return { ...recipient.notify, success: false };
}

/** With its domain as DNS knows it: a field of ours asks for SMTPUTF8 only where a local part does (RFC 6531 §3.2). */
function inAscii(address: MailAddress): MailAddress {
  return `${localPartOf(address)}@${domainToAscii(domainOf(address))}` as MailAddress;
}
