/** What all sessions of the service share: its settings, the ports it may reach, and the counters that bound it. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type AccountKey, type NetworkTable, networkTable, parseNetwork } from '#/model/index.ts';
import type { AccountLimits, Clock, Counter, DirectorySource, Log, Mailboxes, Meter, SignIn } from '#/ports/index.ts';
import { Admission } from './admission.ts';
import { MemoryBudget } from './memory-budget.ts';
import type { ImapSettings } from './settings.ts';
import { SharedViews } from './shared-views.ts';
import { Turnstile } from './turnstile.ts';

/** `imap` begins in the clear and offers STARTTLS; `imaps` begins with TLS (RFC 8314 §3.2). The names of `listen` in the configuration. */
export type ListenerKind = 'imap' | 'imaps';

/** What the service may reach; nothing else can be. */
export interface ImapPorts {
  readonly mailboxes: Mailboxes;
  readonly signIn: SignIn;
  readonly directory: DirectorySource;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly tls: ImapTls;
  /** The quota of an account. */
  readonly limitsOf: (account: AccountKey) => AccountLimits;
  /** Capabilities that are not offered to an account, in capitals as they are advertised: a switch against a client's fault. */
  readonly capabilitiesOff: (account: AccountKey) => ReadonlySet<string>;
}

/** TLS over connections that came without; versions and certificates are chosen outside. */
export interface ImapTls {
  /** Whether there is a certificate to offer now. */
  ready(kind: ListenerKind): boolean;
  /** The server's side of TLS over a connection; what the peer has sent and nobody read is its handshake. */
  secure(socket: Socket, kind: ListenerKind): TLSSocket;
}

export interface World extends ImapPorts {
  readonly settings: ImapSettings;
  readonly admission: Admission;
  readonly memory: MemoryBudget;
  readonly views: SharedViews;
  /** Where searches wait that read many rows. */
  readonly searches: Turnstile;
  readonly trustProxy: NetworkTable<true>;
  readonly counters: ImapCounters;
  /** Monotonic ms of the last sweep: near enough for deadlines of seconds, and free. */
  now: number;
  /** The service closes: nobody begins another command. */
  closing: boolean;
}

export interface ImapCounters {
  readonly connections: Counter;
  readonly turnedAway: Counter;
  readonly signIns: Counter;
  readonly commands: Counter;
  readonly refused: Counter;
}

/** Puts the shared things together. */
export function createWorld(settings: ImapSettings, ports: ImapPorts): World {
  return {
    ...ports,
    settings,
    admission: new Admission({ ...settings, ...settings.limits }),
    memory: new MemoryBudget(settings.limits.memoryBytesMax),
    views: new SharedViews(ports.mailboxes),
    searches: new Turnstile(settings.limits.searchesMax, settings.limits.searchesWaitingMax),
    trustProxy: networkTable(
      settings.trustProxy.flatMap((text) => {
        const network = parseNetwork(text);
        return network === null ? [] : [[network, true] as const];
      }),
    ),
    counters: createCounters(ports.meter),
    now: ports.clock.monotonic(),
    closing: false,
  };
}

function createCounters(meter: Meter): ImapCounters {
  return {
    connections: meter.counter('holdfast_imap_connections_total', 'Connections taken, by listener.'),
    turnedAway: meter.counter('holdfast_imap_turned_away_total', 'Connections turned away, by reason.'),
    signIns: meter.counter('holdfast_imap_sign_ins_total', 'Sign-ins, by outcome.'),
    commands: meter.counter('holdfast_imap_commands_total', 'Commands that were run, by name.'),
    refused: meter.counter('holdfast_imap_refused_total', 'Commands that were not answered OK, by name and status.'),
  };
}
