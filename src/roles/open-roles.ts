/** Gate and deliver as parts of a process: what each gets of what stands already. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Settings, tlsSource } from '#/config/index.ts';
import { type GateListener, LISTENER_KINDS, type ListenerKind } from '#/gate/index.ts';
import { mailVariants, ZipKeys } from '#/inspect/index.ts';
import { adoptSocket, createDialer, openTls } from '#/net/index.ts';
import { Births, Passwords, SignatureStage, Sink } from '#/outbound/index.ts';
import type { IntakeRoom, LocalDelivery, MailboxRoom, Resolver, UpstreamEar } from '#/ports/index.ts';
import { type RunningDeliver, startDeliver } from './deliver.ts';
import { signerOf } from './domain-keys.ts';
import { linkKeysOf } from './downloads.ts';
import { startGate } from './gate.ts';
import type { Opened } from './opened.ts';
import type { People } from './people.ts';
import { reachIn } from './reach.ts';
import { gateSettingsOf } from './settings.ts';

/** Delivers what the queue of this process offers. */
export async function openDeliver(
  { settings, parts, stores }: Opened,
  { core, claims }: People,
  resolver: Resolver,
  local: LocalDelivery | null,
  upstreams: UpstreamEar,
): Promise<RunningDeliver> {
  if (claims.work === null) throw new TypeError('This process has no queue to deliver from.');
  const { directory, routes, returnPaths } = core;
  const births = new Births(settings, {
    directory,
    routing: routes,
    returnPaths,
    reach: reachIn(directory, returnPaths),
    blobs: stores.blobs,
    clock: parts.clock,
    hasDisk: () => hasDisk(claims.intake.room()),
  });
  const zips = new ZipKeys((purpose) => stores.derivedKey(purpose));
  return startDeliver(core.outbound, {
    ...parts,
    work: claims.work,
    custody: stores.custody,
    blobs: stores.blobs,
    resolver,
    dialer: createDialer({ allow: [], authorities: [] }),
    routes: core.routes,
    notices: core.notices,
    births,
    copies: core.copies,
    passwords: new Passwords(settings, { secrets: zips, directory, routing: routes, clock: parts.clock }),
    variants: mailVariants(linkKeysOf(stores), zips),
    signer: signerOf(settings, stores, { directory, clock: parts.clock }),
    signatures: new SignatureStage({ directory, people: core.generations, clock: parts.clock, log: parts.log }),
    sink: new Sink(),
    loopStamps: core.loopStamps,
    local,
    upstreams,
  });
}

function hasDisk(room: IntakeRoom): boolean {
  return room.open || room.why !== 'disk';
}

/** Takes connections on the sockets that this process was given. */
export async function openGate(
  opened: Opened,
  people: People,
  { resolver, room }: { readonly resolver: Resolver; readonly room: MailboxRoom },
): Promise<AsyncDisposable> {
  const { settings, parts, stores } = opened;
  const { core, claims, access } = people;
  if (access === null) throw new TypeError('A gate needs sign-in.');
  await using opening = new AsyncDisposableStack();
  const tls = opening.use(await openTls(tlsOf(settings), parts));
  const listeners = parts.listeners.flatMap(({ kind, fd }) =>
    isGateKind(kind) ? [{ kind, fd, server: createServer() }] : [],
  );
  const gateListeners: GateListener[] = listeners;
  opening.use(
    await startGate(gateSettingsOf(settings), {
      ...parts,
      listeners: gateListeners,
      directory: core.directory,
      signIn: access.auth.signIn,
      usage: access.auth.usage,
      routing: core.routes,
      returnPaths: core.returnPaths,
      loopStamps: core.loopStamps,
      intake: claims.intake,
      blobs: stores.blobs,
      mailboxRoom: room,
      resolver,
      tls: (kind) => tls.context(kind === 'legacy' ? 'legacy' : 'modern'),
    }),
  );
  // Heard from the first moment: the gate has its handlers before the sockets listen.
  for (const { server, fd } of listeners) await adoptSocket(server, fd);
  return opening.move();
}

/** Where certificates come from. */
export function tlsOf(settings: Settings): Parameters<typeof openTls>[0] {
  const source = tlsSource(settings);
  if (source.kind === 'files') return source;
  return { kind: 'selfSigned', dir: join(settings.data, 'tls'), hostname: settings.hostname };
}

function isGateKind(kind: string): kind is ListenerKind {
  return LISTENER_KINDS.some((one) => one === kind);
}
