/** Mailboxes on the move, in the process of a command, beside the server that owns the accounts: it reads and dials with the rights of who gave the command. */
import type { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { getCACertificates } from 'node:tls';
import type { Settings } from '#/config/index.ts';
import {
  type AccountKey,
  type Call,
  type MailAddress,
  type MailboxName,
  parseIp,
  type TenantId,
  within,
} from '#/model/index.ts';
import { createDialer, createResolver, RESOLVER_DEFAULTS } from '#/net/index.ts';
import { remoteMailboxes } from '#/store/remote/index.ts';
import {
  bring,
  type FilesOptions,
  type FolderCount,
  type Format,
  type ImapOptions,
  Ledger,
  openFilesSource,
  openImapSource,
  pull,
  type Refused,
  SourceTrouble,
  type TakenFolder,
  take,
} from '#/transfer/index.ts';
import { MailboxesClient } from './mailboxes.ts';
import { systemClock } from './system-clock.ts';

/** What `mailbox.import` and `mailbox.export` answer. */
export interface Granted {
  readonly tenant: string;
  readonly address: string;
  readonly quotaBytes: number | null;
  readonly messageBytesMax: number;
}

export interface MoveOptions {
  readonly into: string | null;
  readonly again: string | null;
  readonly dryRun: boolean;
}

export interface MoveWatch {
  readonly signal: AbortSignal;
  /** `of` is null where nobody knows how many there are. */
  readonly onProgress: (done: number, of: number | null) => void;
  readonly onWait: (why: string) => void;
}

export interface Moved {
  /** `full`: the quota is used up; a later run goes on. */
  readonly outcome: 'done' | 'full';
  readonly folders: readonly FolderCount[];
  readonly refusals: readonly Refused[];
  readonly notes: readonly string[];
}

/** Where another server is, and who signs in. */
export interface OtherServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Certificates (PEM) that are trusted beside the usual ones. */
  readonly trusted: string | null;
}

const CONNECT_MS = 30_000;

/** Brings files into an account. Rejects with a `SourceTrouble` or a fault. */
export async function importFiles(
  settings: Settings,
  granted: Granted,
  files: Pick<FilesOptions, 'path' | 'format' | 'uidlFormat'>,
  options: MoveOptions,
  watch: MoveWatch,
): Promise<Moved> {
  stepBack();
  const { messageBytesMax } = granted;
  const { source } = await openFilesSource({ ...files, messageBytesMax });
  await using opened = source;
  return await moved(settings, granted, options, watch, async (given, parts) => {
    const brought = await bring(given, { ...parts, source: opened });
    return { brought, notes: opened.notes };
  });
}

/** Brings an account of another server. Rejects with a `SourceTrouble` or a fault. */
export async function pullAccount(
  settings: Settings,
  granted: Granted,
  server: OtherServer,
  wanted: Pick<ImapOptions, 'folders' | 'uidlFormat'>,
  options: MoveOptions,
  watch: MoveWatch,
): Promise<Moved> {
  stepBack();
  const { messageBytesMax } = granted;
  const trusted = [...getCACertificates(), ...(server.trusted === null ? [] : [server.trusted])];
  const { signal, onWait } = watch;
  const open = async () =>
    openImapSource(await dial(server, settings, within(CONNECT_MS, signal)), {
      ...server,
      ...wanted,
      trusted,
      messageBytesMax,
      signal,
    });
  return await moved(settings, granted, options, watch, (given, parts) => pull(given, { ...parts, open, onWait }));
}

/** Copies an account out into files. Rejects with a `SinkTrouble` or a fault. */
export async function exportAccount(
  settings: Settings,
  { tenant, address }: Granted,
  files: { readonly to: string; readonly format: Format; readonly mailbox: string | null },
  { signal, onProgress }: MoveWatch,
): Promise<readonly TakenFolder[]> {
  stepBack();
  await using client = new MailboxesClient(settings);
  const account: AccountKey = { tenant: tenant as TenantId, address: address as MailAddress };
  return await take(
    { ...files, account, mailbox: files.mailbox as MailboxName | null, signal },
    { mailboxes: remoteMailboxes(client), clock: systemClock, onProgress },
  );
}

type Move = (
  options: Parameters<typeof bring>[0],
  parts: Omit<Parameters<typeof bring>[1], 'source'>,
) => Promise<{ readonly brought: Moved['outcome']; readonly notes: readonly string[] }>;

async function moved(
  settings: Settings,
  { tenant, address, quotaBytes, messageBytesMax }: Granted,
  { into, again, dryRun }: MoveOptions,
  { signal, onProgress }: MoveWatch,
  move: Move,
): Promise<Moved> {
  await using client = new MailboxesClient(settings);
  const account: AccountKey = { tenant: tenant as TenantId, address: address as MailAddress };
  const ledger = new Ledger();
  const { brought, notes } = await move(
    { account, quotaBytes, messageBytesMax, into: into as MailboxName | null, again, dryRun, signal },
    { mailboxes: remoteMailboxes(client), ledger, clock: systemClock, onProgress },
  );
  return { outcome: brought, folders: ledger.rows, refusals: ledger.refusals, notes };
}

/**
 * A connection to the first of the host's addresses that takes one: resolved once, and dialled as resolved. Who gives the command has listed the
 * place by naming it, so it may be one of their own networks.
 */
async function dial({ host, port }: OtherServer, settings: Settings, call: Call): Promise<Socket> {
  using resolver = createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, { clock: systemClock });
  const dialer = createDialer({ allow: [], authorities: [] });
  const literal = parseIp(host.replace(/^\[|\]$/g, ''));
  const addresses =
    literal === null ? await resolver.addresses(host, call).catch(unresolved) : [host.replace(/^\[|\]$/g, '')];
  let why = 'it has no address';
  for (const address of addresses) {
    try {
      return await dialer.connect({ address, port, trusted: true }, call);
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
  }
  call.signal?.throwIfAborted();
  throw new SourceTrouble(`${host} can't be reached on port ${port}: ${why}.`, addresses.length > 0);
}

function unresolved(cause: unknown): never {
  throw new SourceTrouble('The name of the other server can’t be looked up: no name server answers.', true, cause);
}

/** People's mail programs go first. */
function stepBack(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where it may not be changed, deliveries are few at once all the same.
  }
}
