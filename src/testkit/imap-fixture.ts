/** IMAP on free ports over mailboxes in memory, for transcripts. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { TLSSocket } from 'node:tls';
import { readMessage } from '#/codec/mime/index.ts';
import {
  type ImapLimits,
  type ImapListenerKind,
  type ImapSettings,
  type ImapTls,
  imapSettings,
  startImap,
} from '#/imap/index.ts';
import {
  type AccountKey,
  Fault,
  type FaultCode,
  type Flag,
  type MailAddress,
  type MailboxName,
  type TenantId,
  within,
} from '#/model/index.ts';
import type { Mailboxes, NewMessage } from '#/ports/index.ts';
import { openMemoryMailboxes } from '#/store/memory/index.ts';
import { FakeDirectorySource, FakeSignIn, tenantOf } from './fake-people.ts';
import { FakeClock, FakeLog, FakeMeter } from './fakes.ts';
import { TWO_TENANTS } from './gate-fixture.ts';
import { ImapPeer, type ImapPeerOptions } from './imap-peer.ts';
import { testCertificate } from './test-certificate.ts';

export interface ImapFixtureOptions {
  readonly settings?: Partial<Omit<ImapSettings, 'limits'>> & { readonly limits?: Partial<ImapLimits> };
  /** Keeps the mailboxes; in memory where it is not given. */
  readonly mailboxes?: Mailboxes;
  readonly quotaBytes?: number;
  readonly off?: readonly string[];
}

const KINDS: readonly ImapListenerKind[] = ['imap', 'imaps'];

export class ImapFixture {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly meter = new FakeMeter();
  readonly directory = new FakeDirectorySource(TWO_TENANTS.map(tenantOf));
  readonly signIn = new FakeSignIn(this.directory);
  /** As the service sees them: with the faults below. */
  readonly mailboxes: Mailboxes;
  /** Calls of the store that fail, by name. */
  readonly faults = new Map<keyof Mailboxes, FaultCode>();
  /** Calls of the store, by name. */
  readonly calls = new Map<keyof Mailboxes, number>();
  #quotaBytes: number | null;
  readonly #off: ReadonlySet<string>;
  readonly #ports = new Map<ImapListenerKind, number>();
  #service: AsyncDisposable | null = null;

  private constructor(options: ImapFixtureOptions) {
    this.mailboxes = this.#watched(options.mailboxes ?? openMemoryMailboxes({ clock: this.clock }));
    this.#quotaBytes = options.quotaBytes ?? null;
    this.#off = new Set(options.off ?? []);
    for (const name of ['alice@acme.test', 'bob@acme.test', 'scanner']) this.signIn.passwords.set(name, 'secret');
  }

  static async start(options: ImapFixtureOptions = {}): Promise<ImapFixture> {
    const fixture = new ImapFixture(options);
    await fixture.#start(options);
    return fixture;
  }

  async #start(options: ImapFixtureOptions): Promise<void> {
    const listeners: { kind: ImapListenerKind; server: Server }[] = [];
    for (const kind of KINDS) {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      this.#ports.set(kind, (server.address() as AddressInfo).port);
      listeners.push({ kind, server });
    }
    const settings = imapSettings({ hostname: 'mx.example.test', plainLoopback: true, ...options.settings });
    const { signIn, mailboxes, directory, clock, log, meter } = this;
    this.#service = await startImap(settings, {
      listeners,
      tls: tls(),
      signIn,
      mailboxes,
      directory,
      clock,
      log,
      meter,
      limitsOf: () => ({ quotaBytes: this.#quotaBytes }),
      capabilitiesOff: () => this.#off,
    });
  }

  /** Connects and hears the greeting. */
  async connect(options: ImapPeerOptions = {}): Promise<ImapPeer> {
    const peer = await ImapPeer.connect(this.port(options.tls === true ? 'imaps' : 'imap'), options);
    await peer.hears('* OK [CAPABILITY ');
    return peer;
  }

  port(kind: ImapListenerKind): number {
    return this.#ports.get(kind) ?? 0;
  }

  /** Connects and signs in. */
  async signedIn(user = 'alice@acme.test'): Promise<ImapPeer> {
    const peer = await this.connect();
    await peer.does(`LOGIN ${user} secret`);
    return peer;
  }

  /** Connects, signs in and selects. */
  async selected(mailbox = 'INBOX', user = 'alice@acme.test'): Promise<ImapPeer> {
    const peer = await this.signedIn(user);
    await peer.does(`SELECT ${mailbox}`);
    return peer;
  }

  /** Puts messages into a mailbox, as somebody else would. */
  async put(contents: readonly (string | Buffer)[], options: PutOptions = {}): Promise<void> {
    const { account = ALICE, mailbox = 'INBOX', flags = [] } = options;
    const found = await this.mailboxes.find(account, mailbox as MailboxName, within(30_000));
    if (found === null) throw new Error(`There is no ${mailbox}.`);
    const mails = contents.map((content): NewMessage => {
      const octets = typeof content === 'string' ? Buffer.from(content.replaceAll('\n', '\r\n')) : content;
      const receivedAt = options.receivedAt ?? this.clock.now();
      return { content: octets, facts: readMessage(octets), flags, receivedAt, uidl: null };
    });
    await this.mailboxes.append(account, found.id, mails, { quotaBytes: null }, within(30_000));
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

  /** Mailboxes that count their calls, and fail where a test says so. */
  #watched(mailboxes: Mailboxes): Mailboxes {
    return new Proxy(mailboxes, {
      get: (target, name: keyof Mailboxes) => {
        const method = target[name];
        if (typeof method !== 'function' || name === 'watch') return method;
        return async (...args: never[]) => {
          this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
          const fault = this.faults.get(name);
          if (fault !== undefined) throw new Fault(fault);
          return (method as (...args: never[]) => unknown).apply(target, args);
        };
      },
    });
  }
}

export interface PutOptions {
  readonly account?: AccountKey;
  readonly mailbox?: string;
  readonly flags?: readonly Flag[];
  readonly receivedAt?: number;
}

/** The account of `alice@acme.test`. */
export const ALICE: AccountKey = { tenant: 'acme' as TenantId, address: 'alice@acme.test' as MailAddress };

function tls(): ImapTls {
  const secureContext = testCertificate();
  return { ready: () => true, secure: (socket) => new TLSSocket(socket, { isServer: true, secureContext }) };
}
