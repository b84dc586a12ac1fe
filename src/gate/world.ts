/** What all sessions of a gate share: its settings, the ports it may reach, and the counters that bound it. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type NetworkTable, networkTable, parseNetwork } from '#/model/index.ts';
import type {
  Blobs,
  Clock,
  Counter,
  DirectorySource,
  Intake,
  Log,
  LoopStamps,
  MailboxRoom,
  Meter,
  Resolver,
  ReturnPaths,
  Routing,
  SignIn,
  Usage,
} from '#/ports/index.ts';
import { Admission } from './admission.ts';
import { BodyBudget } from './body-budget.ts';
import { ConnectorIndex } from './connectors.ts';
import type { ListenerKind } from './listeners.ts';
import { SenderDomains } from './sender-domains.ts';
import type { GateSettings } from './settings.ts';

/** What the gate may reach; nothing else can be. */
export interface GatePorts {
  readonly directory: DirectorySource;
  readonly signIn: SignIn;
  readonly usage: Usage;
  readonly routing: Routing;
  readonly returnPaths: ReturnPaths;
  readonly loopStamps: LoopStamps;
  readonly intake: Intake;
  readonly blobs: Blobs;
  readonly mailboxRoom: MailboxRoom;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly tls: TlsService;
}

/** TLS over connections that came without; versions and certificates are chosen outside. */
export interface TlsService {
  /** Whether there is a certificate to offer now. */
  ready(kind: ListenerKind): boolean;
  /**
   * The server's side of TLS over a connection; what the peer has sent and nobody read is its handshake. With `asks`, the peer
   * may show a certificate; none, or a bad one, is no error.
   */
  secure(socket: Socket, kind: ListenerKind, asks: boolean): TLSSocket;
  /** Host names in the peer's certificate, once the handshake is over; none unless its chain leads to a trusted authority. */
  clientNames(socket: TLSSocket): readonly string[];
}

export interface World extends GatePorts {
  readonly settings: GateSettings;
  readonly admission: Admission;
  readonly budget: BodyBudget;
  readonly connectors: ConnectorIndex;
  readonly senderDomains: SenderDomains;
  readonly trustProxy: NetworkTable<true>;
  readonly trustXclient: NetworkTable<true>;
  readonly ownNetworks: NetworkTable<true>;
  readonly counters: GateCounters;
  /** Monotonic ms of the last sweep: near enough for deadlines of seconds, and free. */
  now: number;
  /** Monotonic ms since when the gate drains: nobody begins another transaction. */
  closingSince: number | null;
}

export interface GateCounters {
  readonly connections: Counter;
  readonly turnedAway: Counter;
  readonly messages: Counter;
  readonly recipients: Counter;
  readonly refused: Counter;
  readonly signIns: Counter;
}

/** Puts the shared things together. */
export function createWorld(settings: GateSettings, ports: GatePorts): World {
  return {
    ...ports,
    settings,
    admission: new Admission({ ...settings, ...settings.limits }),
    budget: new BodyBudget(settings.limits),
    connectors: new ConnectorIndex(),
    senderDomains: new SenderDomains(ports.resolver, ports.clock, settings.limits.senderLookupMs),
    trustProxy: tableOf(settings.trustProxy),
    trustXclient: tableOf(settings.trustXclient),
    ownNetworks: tableOf(settings.limits.ownNetworks),
    counters: createCounters(ports.meter),
    now: ports.clock.monotonic(),
    closingSince: null,
  };
}

function tableOf(networks: readonly string[]): NetworkTable<true> {
  return networkTable(
    networks.flatMap((text) => {
      const network = parseNetwork(text);
      return network === null ? [] : [[network, true] as const];
    }),
  );
}

function createCounters(meter: Meter): GateCounters {
  return {
    connections: meter.counter('holdfast_gate_connections_total', 'Connections taken, by listener.'),
    turnedAway: meter.counter('holdfast_gate_turned_away_total', 'Connections turned away, by reason.'),
    messages: meter.counter('holdfast_gate_messages_total', 'Messages answered with 250, by listener.'),
    recipients: meter.counter('holdfast_gate_recipients_total', 'Final recipients of messages answered with 250.'),
    refused: meter.counter('holdfast_gate_refused_total', 'Messages and commands refused, by reply code.'),
    signIns: meter.counter('holdfast_gate_sign_ins_total', 'Sign-ins, by outcome.'),
  };
}
