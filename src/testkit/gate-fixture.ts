/** A gate on free ports with fake ports behind it, for transcripts. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import type { SecureContext } from 'node:tls';
import { type GateLimits, type GateSettings, gateSettings, type ListenerKind } from '#/gate/index.ts';
import type { Clock } from '#/ports/index.ts';
import { startGate } from '#/roles/gate.ts';
import { FakeDirectorySource, FakeSignIn, FakeUsage, type TenantSketch, tenantOf } from './fake-people.ts';
import { FakeBlobs, FakeClock, FakeIntake, FakeLog, FakeMeter, FakeResolver, FakeRouting } from './fakes.ts';
import { testLoopStamps, testReturnPaths } from './return-paths.ts';
import { SmtpPeer } from './smtp-peer.ts';
import { testCertificate } from './test-certificate.ts';

export interface GateFixtureOptions {
  readonly tenants?: readonly TenantSketch[];
  readonly settings?: Partial<Omit<GateSettings, 'limits'>> & { readonly limits?: Partial<GateLimits> };
  readonly kinds?: readonly ListenerKind[];
  readonly host?: string;
  readonly clock?: Clock;
  readonly tls?: (kind: ListenerKind) => SecureContext | null;
}

/** Two tenants: acme with people, a group and a printer; beta with carol. */
export const TWO_TENANTS: readonly TenantSketch[] = [
  {
    id: 'acme',
    domains: ['acme.test'],
    contacts: ['it@acme.test'],
    users: [['alice@acme.test', 'a.archer@acme.test'], ['bob@acme.test'], ['it@acme.test']],
    groups: { 'sales@acme.test': ['alice@acme.test', 'bob@acme.test', 'agent@partner.test'] },
    relays: [
      { name: 'scanner', kind: 'device', senders: ['scanner@acme.test'] },
      { name: 'exchange', kind: 'server', networks: ['127.0.0.2/32'], senders: ['*@acme.test'] },
    ],
  },
  { id: 'beta', domains: ['beta.test'], users: [['carol@beta.test']] },
];

export class GateFixture {
  readonly clock = new FakeClock();
  readonly intake = new FakeIntake();
  readonly blobs = new FakeBlobs();
  readonly resolver = new FakeResolver();
  readonly log = new FakeLog();
  readonly meter = new FakeMeter();
  readonly usage = new FakeUsage();
  /** Octets that are left in mailboxes known to be full, by address. */
  readonly mailboxRoom = new Map<string, number>();
  readonly directory: FakeDirectorySource;
  readonly signIn: FakeSignIn;
  readonly #ports = new Map<ListenerKind, number>();
  readonly #host: string;
  #gate: AsyncDisposable | null = null;

  private constructor(options: GateFixtureOptions) {
    this.#host = options.host ?? '127.0.0.1';
    this.directory = new FakeDirectorySource((options.tenants ?? TWO_TENANTS).map(tenantOf));
    this.signIn = new FakeSignIn(this.directory);
    for (const name of ['alice@acme.test', 'scanner']) this.signIn.passwords.set(name, 'secret');
  }

  static async start(options: GateFixtureOptions = {}): Promise<GateFixture> {
    const fixture = new GateFixture(options);
    await fixture.#start(options);
    return fixture;
  }

  async #start(options: GateFixtureOptions): Promise<void> {
    const { directory, signIn, usage, intake, blobs, resolver, clock, log, meter } = this;
    const listeners: { kind: ListenerKind; server: Server }[] = [];
    for (const kind of options.kinds ?? (['smtp'] as const)) {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, this.#host, resolve));
      this.#ports.set(kind, (server.address() as AddressInfo).port);
      listeners.push({ kind, server });
    }
    const certificate = testCertificate();
    const settings = gateSettings({ hostname: 'mx.example.test', ...options.settings });
    const routing = new FakeRouting(
      directory.current().tenants.flatMap(({ domains }) => domains.map(({ name }) => name)),
    );
    this.#gate = await startGate(settings, {
      listeners,
      tls: options.tls ?? (() => certificate),
      directory,
      signIn,
      usage,
      routing,
      returnPaths: testReturnPaths(options.clock ?? clock),
      loopStamps: testLoopStamps(options.clock ?? clock),
      intake,
      blobs,
      mailboxRoom: { left: ({ address }) => this.mailboxRoom.get(address) ?? null },
      resolver,
      clock: options.clock ?? clock,
      log,
      meter,
    });
  }

  port(kind: ListenerKind = 'smtp'): number {
    return this.#ports.get(kind) ?? 0;
  }

  /** Connects. */
  dial(options: ConnectOptions = {}): Promise<SmtpPeer> {
    const { kind = 'smtp', to = this.#host, ...rest } = options;
    return SmtpPeer.connect(this.port(kind), { host: to, ...rest });
  }

  /** Connects and hears the banner. */
  async connect(options: ConnectOptions = {}): Promise<SmtpPeer> {
    const peer = await this.dial(options);
    await peer.hears('220');
    return peer;
  }

  /** Connects, greets. */
  async greet(options: ConnectOptions = {}): Promise<SmtpPeer> {
    const peer = await this.connect(options);
    await peer.asks(options.kind === 'lmtp' ? 'LHLO client.test' : 'EHLO client.test', '250');
    return peer;
  }

  /** Connects, greets over TLS and signs in. */
  async signedIn(user = 'alice@acme.test', kind: ListenerKind = 'submission'): Promise<SmtpPeer> {
    const peer = await this.greet({ kind });
    await peer.startsTls();
    await peer.asks('EHLO client.test', '250');
    await peer.asks(`AUTH PLAIN ${Buffer.from(`\0${user}\0secret`).toString('base64')}`, '235');
    return peer;
  }

  /** Closes the gate; it drains by the fake clock. */
  async close(): Promise<void> {
    const gate = this.#gate;
    this.#gate = null;
    await gate?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.close();
    await this.clock.advance(20_000, 5_000);
    await closed;
  }
}

export interface ConnectOptions {
  readonly kind?: ListenerKind;
  readonly tls?: boolean;
  readonly localAddress?: string;
  readonly first?: string;
  /** Where to connect, if not to where the gate listens. */
  readonly to?: string;
}
