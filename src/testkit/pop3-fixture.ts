/** POP3 on free ports with fake ports behind it, for transcripts. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  type AccountKey,
  type Call,
  type EmailId,
  Fault,
  type FaultCode,
  type MailboxId,
  type Uid,
} from '#/model/index.ts';
import {
  type Pop3Limits,
  type Pop3ListenerKind,
  type Pop3Settings,
  type Pop3Tls,
  pop3Settings,
  type RunningPop3,
  startPop3,
} from '#/pop3/index.ts';
import type { Clock, Mailboxes, Maildrop } from '#/ports/index.ts';
import { FakeDirectorySource, FakeSignIn, tenantOf } from './fake-people.ts';
import { FakeClock, FakeLog, FakeMeter } from './fakes.ts';
import { TWO_TENANTS } from './gate-fixture.ts';
import { Pop3Peer, type Pop3PeerOptions } from './pop3-peer.ts';
import { testCertificate } from './test-certificate.ts';

type Part = Pick<Mailboxes, 'maildrop' | 'octets' | 'expunge'>;

/** Maildrops by address, as POP3 sees them; they can be slow, broken, or short of what they said. */
export class FakeMaildrops implements Part {
  readonly #messages = new Map<string, { uid: Uid; uidl: string; content: Buffer }[]>();
  /** Octets that are gone for good. */
  readonly purged = new Set<string>();
  /** Calls of expunge: whose, and which UIDs. */
  readonly expunged: { readonly address: string; readonly uids: readonly Uid[] }[] = [];
  /** The next so many calls fail. */
  readonly faults: { maildrop?: FaultCode; octets?: FaultCode; expunge?: FaultCode } = {};
  expungeFaultsLeft = Number.POSITIVE_INFINITY;
  /** Octets from here on can't be read. */
  octetsEndAt = Number.POSITIVE_INFINITY;
  /** Octets from here on are not there, and nobody says so. */
  octetsMissingFrom = Number.POSITIVE_INFINITY;
  /** Octets handed out so far. */
  octetsRead = 0;
  /** Calls that are being carried out, and the most of them at once. */
  running = 0;
  runningMost = 0;
  #held: Promise<void> | null = null;
  #release: () => void = () => undefined;

  /** Puts messages into a maildrop; their UIDLs are `u1`, `u2` …, where none are given. */
  put(address: string, ...contents: readonly (string | Buffer)[]): void {
    const there = this.#messages.getOrInsert(address, []);
    for (const content of contents) {
      const uid = (there.at(-1)?.uid ?? 0) + 1;
      there.push({ uid, uidl: `u${uid}`, content: Buffer.from(content as string, 'latin1') });
    }
  }

  /** Gives a message another unique-id. */
  rename(address: string, uid: Uid, uidl: string): void {
    for (const message of this.#messages.get(address) ?? []) if (message.uid === uid) message.uidl = uidl;
  }

  /** UIDs that are there. */
  uids(address: string): Uid[] {
    return (this.#messages.get(address) ?? []).map(({ uid }) => uid);
  }

  async maildrop({ address }: AccountKey): Promise<Maildrop> {
    await this.#work(this.faults.maildrop);
    const messages = (this.#messages.get(address) ?? []).map(({ uid, uidl, content }) => {
      return { uid, uidl, size: content.length, emailId: this.#keep(address, uid, content) };
    });
    return { mailbox: `inbox of ${address}` as MailboxId, messages };
  }

  async octets(_account: AccountKey, message: EmailId, from: number, bytes: number, call: Call): Promise<Uint8Array> {
    await this.#work(this.faults.octets);
    if (call.signal?.aborted === true) throw new Fault('call.late');
    if (this.purged.has(message)) throw new Fault('body.missing');
    if (from + bytes > this.octetsEndAt) throw new Fault('store.unavailable');
    this.octetsRead += bytes;
    const content = this.#contents.get(message) ?? Buffer.alloc(0);
    return content.subarray(from, Math.min(from + bytes, this.octetsMissingFrom));
  }

  async expunge(
    { address }: AccountKey,
    _mailbox: MailboxId,
    uids: readonly Uid[] | null,
  ): Promise<{ uids: Uid[]; modSeq: number }> {
    await this.#work(this.expungeFaultsLeft-- > 0 ? this.faults.expunge : undefined);
    const there = this.#messages.get(address) ?? [];
    const gone = new Set(uids);
    this.expunged.push({ address, uids: uids ?? [] });
    this.#messages.set(
      address,
      there.filter(({ uid }) => !gone.has(uid)),
    );
    return { uids: there.map(({ uid }) => uid).filter((uid) => gone.has(uid)), modSeq: 1 };
  }

  /** From now on calls wait for `release`. */
  hold(): void {
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#held = null;
    this.#release();
  }

  readonly #contents = new Map<string, Buffer>();

  #keep(address: string, uid: Uid, content: Buffer): EmailId {
    const id = `${address}-${uid}`;
    this.#contents.set(id, content);
    return id as EmailId;
  }

  async #work(fault: FaultCode | undefined): Promise<void> {
    this.running += 1;
    this.runningMost = Math.max(this.runningMost, this.running);
    try {
      if (this.#held !== null) await this.#held;
      else await new Promise((resolve) => setImmediate(resolve));
      if (fault !== undefined) throw new Fault(fault);
    } finally {
      this.running -= 1;
    }
  }
}

export interface Pop3FixtureOptions {
  readonly settings?: Partial<Omit<Pop3Settings, 'limits'>> & { readonly limits?: Partial<Pop3Limits> };
  readonly clock?: Clock;
  /** Instead of the fake ones. */
  readonly mailboxes?: Part;
  /** Whether there is a certificate. */
  readonly tls?: boolean;
}

export class Pop3Fixture {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly meter = new FakeMeter();
  readonly maildrops = new FakeMaildrops();
  readonly directory = new FakeDirectorySource(TWO_TENANTS.map(tenantOf));
  readonly signIn = new FakeSignIn(this.directory);
  readonly #ports = new Map<Pop3ListenerKind, number>();
  readonly #secured: TLSSocket[] = [];
  #service: RunningPop3 | null = null;

  /** Both listeners; alice, bob and carol, and the printer `scanner`, have the password `secret`. */
  static async start(options: Pop3FixtureOptions = {}): Promise<Pop3Fixture> {
    const fixture = new Pop3Fixture();
    await fixture.#start(options);
    return fixture;
  }

  async #start(options: Pop3FixtureOptions): Promise<void> {
    const { signIn, directory, maildrops, clock, log, meter } = this;
    for (const name of ['alice@acme.test', 'bob@acme.test', 'carol@beta.test', 'scanner']) {
      signIn.passwords.set(name, 'secret');
    }
    const settings = pop3Settings({ hostname: 'mail.example.test', ...options.settings });
    this.#service = await startPop3(settings, {
      listeners: [
        { kind: 'pop3', server: await this.#listen('pop3') },
        { kind: 'pop3s', server: await this.#listen('pop3s') },
      ],
      tls: this.#tls(options.tls ?? true),
      signIn,
      directory,
      mailboxes: options.mailboxes ?? maildrops,
      clock: options.clock ?? clock,
      log,
      meter,
    });
  }

  #tls(isReady: boolean): Pop3Tls {
    const secureContext = testCertificate();
    const secure = (socket: Socket): TLSSocket => {
      const secured = new TLSSocket(socket, { isServer: true, secureContext });
      this.#secured.push(secured);
      return secured;
    };
    return { ready: () => isReady, secure };
  }

  async #listen(kind: Pop3ListenerKind): Promise<Server> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#ports.set(kind, (server.address() as AddressInfo).port);
    return server;
  }

  port(kind: Pop3ListenerKind): number {
    return this.#ports.get(kind) ?? 0;
  }

  /** Connections that have a place now. */
  get connections(): number {
    return this.#service?.connections ?? 0;
  }

  /** Octets that were written over TLS and that no peer has taken. */
  get unsentBytes(): number {
    return this.#secured.reduce((sum, { writableLength }) => sum + writableLength, 0);
  }

  /** Octets that the lists of open maildrops take now. */
  get maildropBytes(): number {
    return this.#service?.maildropBytes ?? 0;
  }

  /** Connects. */
  dial(kind: Pop3ListenerKind = 'pop3', options: Pop3PeerOptions = {}): Promise<Pop3Peer> {
    return Pop3Peer.connect(this.port(kind), { tls: kind === 'pop3s', ...options });
  }

  /** Connects and hears the banner. */
  async connect(kind: Pop3ListenerKind = 'pop3'): Promise<Pop3Peer> {
    const peer = await this.dial(kind);
    await peer.hears('+OK mail.example.test POP3');
    return peer;
  }

  /** Connects over TLS and signs in. */
  async signedIn(user = 'alice@acme.test'): Promise<Pop3Peer> {
    const peer = await this.connect('pop3s');
    await peer.asks(`USER ${user}`, '+OK');
    await peer.asks('PASS secret', '+OK');
    return peer;
  }

  /** Closes the service; it drains by the fake clock. */
  async close(): Promise<void> {
    const service = this.#service;
    this.#service = null;
    await service?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.close();
    await this.clock.advance(20_000, 5_000);
    await closed;
  }
}
