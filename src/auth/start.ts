/** Puts the parts of this room together. */
import { randomBytes } from 'node:crypto';
import type { MailAddress } from '#/model/index.ts';
import { PROBE_MAILBOX, PROBE_TENANT, within } from '#/model/index.ts';
import type { Clock, DirectorySource, Log, Operation, Registry, SignIn, Usage } from '#/ports/index.ts';
import type { GrantedCredential } from './grants.ts';
import { Grants, readerOf, senderOf } from './grants.ts';
import { HashQueue } from './hash-queue.ts';
import * as limits from './limits.ts';
import { authOperations } from './operations.ts';
import { SecretKeeper } from './secret-keeper.ts';
import type { Renew } from './sign-in.ts';
import { SignInDesk } from './sign-in.ts';
import { UsageBook } from './usage-book.ts';

export interface AuthParts {
  readonly directory: DirectorySource;
  readonly registry: Pick<Registry, 'loadUsage' | 'saveUsage'>;
  readonly clock: Clock;
  readonly log: Log;
  /** `config/` has it. */
  readonly renew: Renew;
}

export interface AuthSettings {
  /** `auth.scram`. */
  readonly scram: boolean;
  /** Kept with the installation's keys; without one, invented SCRAM answers change with each start. */
  readonly scramSeed?: Buffer;
}

export interface RunningAuth extends AsyncDisposable {
  readonly signIn: SignIn;
  readonly usage: Usage;
  readonly operations: readonly Operation[];
  /** A credential for one sign-in as the probe tenant, which may send as `sender`; null where the directory has no such tenant. */
  grantOnce(sender: MailAddress, validMs: number): GrantedCredential | null;
  /** The same for one sign-in to the mailbox of test mail. */
  grantReading(validMs: number): GrantedCredential | null;
}

/** Makes what is kept of passwords; also serves `apply`, and shares its queue with sign-in. */
export function makeSecretKeeper({ scram }: Pick<AuthSettings, 'scram'>): SecretKeeper {
  return new SecretKeeper(new HashQueue(limits.HASHES_AT_A_TIME, limits.HASHES_WAITING_MAX), scram);
}

/** Takes over saved counters, and saves them every few seconds until it is disposed of. */
export async function startAuth(settings: AuthSettings, parts: AuthParts, secrets: SecretKeeper): Promise<RunningAuth> {
  const { directory, registry, clock, log, renew } = parts;
  const usage = new UsageBook(clock);
  usage.restore(await registry.loadUsage(within(limits.USAGE_SAVE_DEADLINE_MS)));
  const grants = new Grants(clock);
  const failed: UsageBook['failed'] = (principal, error) => usage.failed(principal, error);
  const { scram, scramSeed = randomBytes(32) } = settings;
  const signIn = new SignInDesk({ directory, clock, log, secrets, grants, renew, failed, scram, scramSeed });
  const stop = new AbortController();
  const saving = saveForEver(usage, parts, stop.signal);
  return {
    signIn,
    usage,
    operations: authOperations({ directory, usage }),
    grantOnce(sender, validMs) {
      const tenant = directory.current().tenant(PROBE_TENANT);
      return tenant === undefined ? null : grants.open(senderOf(tenant, sender), validMs);
    },
    grantReading(validMs) {
      const found = directory.current().user(PROBE_MAILBOX);
      return found === undefined ? null : grants.open(readerOf(found.tenant, found.user), validMs);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await saving;
      await signIn.settle();
      await saveOnce(usage, parts);
    },
  };
}

async function saveForEver(usage: UsageBook, parts: AuthParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await parts.clock.sleep(limits.USAGE_SAVE_MS, signal);
    if (!signal.aborted) await saveOnce(usage, parts);
  }
}

// Limits go on working in memory while the registry is away.
async function saveOnce(usage: UsageBook, { registry, log }: AuthParts): Promise<void> {
  try {
    await usage.save(registry, within(limits.USAGE_SAVE_DEADLINE_MS));
  } catch (error) {
    log.warn('auth.usage-unsaved', { error: error instanceof Error ? error.message : String(error) });
  }
}
