/** The role `mail`: owns the accounts, delivers into them, and serves IMAP and POP3. What is not in its parts can't be reached from it. */
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Settings } from '#/config/index.ts';
import { imapSettings, startImap } from '#/imap/index.ts';
import {
  Foreground,
  FullAccounts,
  guarded,
  MailboxDelivery,
  mailboxOperations,
  RuleBook,
  startForgetting,
  startPurge,
} from '#/mailbox/index.ts';
import type { Call } from '#/model/index.ts';
import { adoptSocket, openTls } from '#/net/index.ts';
import { pop3Settings, startPop3 } from '#/pop3/index.ts';
import type { LocalDelivery, Mailboxes, MailboxRoom, Operation } from '#/ports/index.ts';
import { ClockGuard, parseTime } from '#/queue/index.ts';
import { localDeliveryMethods, mailboxesMethods, mailboxRoomMethods } from '#/store/remote/index.ts';
import { transferOperations } from '#/transfer/index.ts';
import { auditTrail } from './audit.ts';
import type { MailListenerKind } from './listeners.ts';
import { DESCRIBE, describeOperations, OPERATION, operationMethod, servePatiently } from './local-methods.ts';
import { openMailboxesPatiently } from './mailboxes.ts';
import { tlsOf } from './open-roles.ts';
import type { Opened } from './opened.ts';
import type { People } from './people.ts';
import { MAILBOXES_SOCKET, TEST_READER } from './places.ts';
import { lendsReader } from './probe.ts';

export interface RunningMail extends AsyncDisposable {
  readonly delivery: LocalDelivery;
  readonly room: MailboxRoom;
  readonly operations: readonly Operation[];
  /** Asks the keeper of the accounts, and resolves when it has answered (M6). */
  prove(call: Call): Promise<void>;
}

/** Opens the accounts, waiting for a predecessor to leave them, and serves until it is disposed. */
export async function openMail(opened: Opened, people: People): Promise<RunningMail> {
  const { settings, parts, stores } = opened;
  const { core } = people;
  await using opening = new AsyncDisposableStack();
  const { clock } = parts;
  const keeper = opening.use(await openMailboxesPatiently(settings, { ...parts, waits: () => parts.health.waits() }));
  const foreground = new Foreground(() => clock.monotonic());
  const mailboxes = foreground.watched(guarded(keeper, parts));
  const rules = new RuleBook({ ...parts, mailboxes });
  const full = opening.use(new FullAccounts({ ...parts, mailboxes: keeper, rules, directory: core.directory }));
  const delivery = new MailboxDelivery({
    ...parts,
    mailboxes,
    full,
    rules,
    directory: core.directory,
    blobs: stores.blobs,
    hostname: settings.hostname,
  });
  const guard = await ClockGuard.open({ ...parts, custody: stores.custody });
  const purge = opening.use(
    startPurge(purgeSettingsOf(settings), {
      ...parts,
      custody: stores.custody,
      mailboxes: keeper,
      foreground,
      timeIsSteady: () => guard.look(),
    }),
  );
  opening.use(
    startForgetting({ ...parts, mailboxes: keeper, journal: stores.journal, timeIsSteady: () => guard.look() }),
  );
  const accountOperations = mailboxOperations({
    mailboxes,
    rules,
    directory: core.directory,
    purge,
    now: () => clock.now(),
    timeOf: (text, tenant) => parseTime(text, { now: clock.now(), timezone: core.timezoneOf(tenant) }),
  });
  const transfers = transferOperations({ directory: core.directory, messageBytesMax: settings.limits.messageBytes });
  const operations = [...accountOperations, ...transfers];
  const methods = new Map([
    ...mailboxesMethods(mailboxes),
    ...localDeliveryMethods(delivery),
    ...mailboxRoomMethods(full),
    [OPERATION, operationMethod(operations, auditTrail({ ...parts, registry: stores.registry }))],
    [DESCRIBE, async () => describeOperations(operations)],
    ...(people.access === null ? [] : [[TEST_READER, lendsReader(people.access.auth)] as const]),
  ]);
  opening.use(await servePatiently({ path: join(settings.data, MAILBOXES_SOCKET), methods }, parts.clock));
  opening.use(await openServices(opened, people, mailboxes));
  const kept = opening.move();
  return {
    delivery,
    room: full,
    operations,
    prove: async (call) => void (await keeper.accounts(null, 1, call)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** IMAP and POP3 on the sockets that this process was given. */
async function openServices(
  { settings, parts }: Opened,
  people: People,
  mailboxes: Mailboxes,
): Promise<AsyncDisposable> {
  const { access, core } = people;
  if (access === null) throw new TypeError('Mailboxes need sign-in.');
  await using opening = new AsyncDisposableStack();
  const certificates = opening.use(await openTls(tlsOf(settings), parts));
  const tls = tlsService(() => certificates.context('modern'));
  const { signIn } = access.auth;
  const shared = { ...parts, signIn, mailboxes, tls };
  const imap = serversOf(parts.listeners, ['imap', 'imaps']);
  const pop3 = serversOf(parts.listeners, ['pop3', 'pop3s']);
  opening.use(
    await startImap(imapSettings(imapSettingsOf(settings)), {
      ...shared,
      listeners: imap,
      directory: core.directory,
      limitsOf: ({ address }) => ({ quotaBytes: core.directory.current().user(address)?.user.quotaBytes ?? null }),
      capabilitiesOff: ({ address }) => core.directory.current().user(address)?.user.imapOff ?? NOTHING_OFF,
    }),
  );
  opening.use(
    await startPop3(pop3Settings(pop3SettingsOf(settings)), { ...shared, directory: core.directory, listeners: pop3 }),
  );
  for (const { server, fd } of [...imap, ...pop3]) await adoptSocket(server, fd);
  return opening.move();
}

const NOTHING_OFF: ReadonlySet<string> = new Set();

function purgeSettingsOf({ retention }: Settings) {
  return { recoverableMs: retention.recoverable, trashMs: retention.trash, junkMs: retention.junk };
}

function pop3SettingsOf({ hostname, limits, trust }: Settings) {
  return { hostname, connectionsMax: limits.connections, trustProxy: trust.proxy };
}

function imapSettingsOf(settings: Settings) {
  return { ...pop3SettingsOf(settings), messageBytesMax: settings.limits.messageBytes };
}

function serversOf<Kind extends MailListenerKind>(listeners: Opened['parts']['listeners'], kinds: readonly Kind[]) {
  return listeners.flatMap(({ kind, fd }) => {
    const own = kinds.find((one) => one === kind);
    return own === undefined ? [] : [{ kind: own, fd, server: createServer() }];
  });
}

function tlsService(context: () => SecureContext | null) {
  return {
    ready: () => context() !== null,
    secure(socket: Socket): TLSSocket {
      const secureContext = context();
      return new TLSSocket(socket, { isServer: true, ...(secureContext === null ? {} : { secureContext }) });
    },
  };
}
