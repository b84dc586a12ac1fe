/** What all sessions share: settings, the ports that they may reach, and the counters that bound them. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type NetworkTable, networkTable, parseNetwork } from '#/model/index.ts';
import type { Clock, Counter, DirectorySource, Log, Mailboxes, Meter, SignIn } from '#/ports/index.ts';
import type { Pop3ListenerKind } from './listeners.ts';
import { Openings } from './openings.ts';
import { Places } from './places.ts';
import type { Pop3Settings } from './settings.ts';

/** What POP3 may reach; nothing else can be. */
export interface Pop3Ports {
  readonly signIn: Pick<SignIn, 'password'>;
  readonly mailboxes: Pick<Mailboxes, 'maildrop' | 'octets' | 'expunge'>;
  /** Whether who has signed in is still somebody. */
  readonly directory: DirectorySource;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly tls: Pop3Tls;
}

/** TLS over connections that came without; versions and certificates are chosen outside. */
export interface Pop3Tls {
  /** Whether there is a certificate to offer now. */
  ready(kind: Pop3ListenerKind): boolean;
  /** The server's side of TLS over a connection; what the peer has sent and nobody read is its handshake. */
  secure(socket: Socket, kind: Pop3ListenerKind): TLSSocket;
}

export interface World extends Pop3Ports {
  readonly settings: Pop3Settings;
  /** By address. */
  readonly connections: Places;
  /** By user. */
  readonly sessions: Places;
  /** By tenant; asked where there are several. */
  readonly tenants: Places;
  readonly openings: Openings;
  readonly trustProxy: NetworkTable<true>;
  readonly counters: Pop3Counters;
  /** Octets of all maildrops that are open. */
  maildropBytes: number;
  /** QUITs that are deleting: each is finished, even when its connection is lost. */
  updating: number;
  /** Monotonic ms of the last sweep: near enough for deadlines of seconds, and free. */
  now: number;
  /** Whether the service closes: who is silent has to go. */
  closing: boolean;
}

export interface Pop3Counters {
  readonly connections: Counter;
  readonly turnedAway: Counter;
  readonly signIns: Counter;
  readonly retrieved: Counter;
  readonly deleted: Counter;
  readonly cutShort: Counter;
  readonly refused: Counter;
}

/** Puts the shared things together. */
export function createWorld(settings: Pop3Settings, ports: Pop3Ports): World {
  const { limits } = settings;
  return {
    ...ports,
    settings,
    connections: new Places(limits.connectionsPerAddressMax),
    sessions: new Places(limits.sessionsPerUserMax),
    tenants: new Places(Math.ceil(settings.connectionsMax * limits.sessionsPerTenantShare)),
    openings: new Openings(limits.openingsMax),
    trustProxy: tableOf(settings.trustProxy),
    counters: createCounters(ports.meter),
    maildropBytes: 0,
    updating: 0,
    now: ports.clock.monotonic(),
    closing: false,
  };
}

/** Nearly all places are taken: who has not signed in has to go sooner. */
export function isUnderPressure({ connections, settings }: World): boolean {
  return connections.count >= settings.connectionsMax * 0.8;
}

function tableOf(networks: readonly string[]): NetworkTable<true> {
  return networkTable(
    networks.flatMap((text) => {
      const network = parseNetwork(text);
      return network === null ? [] : [[network, true] as const];
    }),
  );
}

function createCounters(meter: Meter): Pop3Counters {
  return {
    connections: meter.counter('holdfast_pop3_connections_total', 'Connections taken, by listener.'),
    turnedAway: meter.counter(
      'holdfast_pop3_turned_away_total',
      'Connections and sign-ins for which there was no room.',
    ),
    signIns: meter.counter('holdfast_pop3_sign_ins_total', 'Sign-ins, by outcome.'),
    retrieved: meter.counter('holdfast_pop3_retrieved_total', 'Messages sent whole.'),
    deleted: meter.counter('holdfast_pop3_deleted_total', 'Messages deleted at QUIT.'),
    cutShort: meter.counter('holdfast_pop3_cut_short_total', 'Messages whose connection was closed before their end.'),
    refused: meter.counter('holdfast_pop3_refused_total', 'Commands refused, by response code.'),
  };
}
