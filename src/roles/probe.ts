/** Test mail of this host, by the doors that it has itself: credentials are lent for one sign-in each by the process that has the door. */
import { join } from 'node:path';
import type { RunningAuth } from '#/auth/index.ts';
import type { Settings } from '#/config/index.ts';
import { type MailAddress, type MailId, within } from '#/model/index.ts';
import { type LocalMethod, type MailboxDoor, readByImap, readByPop3, submit } from '#/net/index.ts';
import { type Clock, Refusal } from '#/ports/index.ts';
import { type Probe, Prober, probeStepMs, TEST_SENDER, testMail } from '#/status/index.ts';
import { remoteJournal } from '#/store/remote/index.ts';
import type { Bound, ListenerKind } from './listeners.ts';
import { LocalCaller } from './local-caller.ts';
import { MAILBOXES_SOCKET, TEST_READER, TEST_SENDER_LOAN } from './places.ts';
import { reachable } from './prove.ts';

interface Loan {
  readonly username: string;
  readonly password: string;
}

interface ProbeParts {
  readonly bound: readonly Bound[];
  readonly clock: Clock;
  /** The process that keeps custody, and has the gate. */
  readonly custody: LocalCaller;
}

/** For one sign-in at once. */
const LENT_MS = 30_000;

/** By all doors of this host. */
export function openProbe(settings: Settings, parts: ProbeParts): { readonly probe: Probe } & AsyncDisposable {
  const mailboxes = new LocalCaller(join(settings.data, MAILBOXES_SOCKET));
  const roles = settings.roles.flat();
  const door = (...kinds: readonly ListenerKind[]) => doorOf(parts.bound, kinds);
  const reading = (...kinds: readonly ListenerKind[]) => {
    const at = roles.includes('mail') ? door(...kinds) : null;
    return (
      at &&
      (async (signal: AbortSignal): Promise<MailboxDoor> => ({
        ...at,
        ...(await lent(mailboxes, TEST_READER, signal)),
      }))
    );
  };
  const at = roles.includes('gate') ? door('submission', 'submissions') : null;
  const imap = reading('imaps', 'imap');
  const pop3 = reading('pop3s', 'pop3');
  const prober = new Prober(
    {
      clock: parts.clock,
      journal: remoteJournal(parts.custody),
      submit: at && ((recipients, signal) => handIn(at, recipients, parts, signal)),
      imap: imap && (async (signal) => readByImap(await imap(signal), signal)),
      pop3: pop3 && (async (signal) => readByPop3(await pop3(signal), signal)),
    },
    { inspection: roles.includes('inspect'), delivery: roles.includes('deliver'), mailboxes: roles.includes('mail') },
  );
  return { probe: (signal) => prober.run(signal), [Symbol.asyncDispose]: () => mailboxes[Symbol.asyncDispose]() };
}

/** What the process lends that has the gate. */
export function lendsSender({ grantOnce }: Pick<RunningAuth, 'grantOnce'>): LocalMethod {
  return async () => grantOnce(TEST_SENDER, LENT_MS) ?? notYet();
}

/** What the process lends that has the mailboxes. */
export function lendsReader({ grantReading }: Pick<RunningAuth, 'grantReading'>): LocalMethod {
  return async () => grantReading(LENT_MS) ?? notYet();
}

function notYet(): never {
  throw new Refusal(4, 'The directory is not loaded yet. Try again in a moment.');
}

type Door = Pick<MailboxDoor, 'host' | 'port' | 'beginsWithTls'>;

/** The first of these that can be connected to. */
function doorOf(bound: readonly Bound[], kinds: readonly ListenerKind[]): Door | null {
  for (const kind of kinds) {
    const found = bound.find((one) => one.kind === kind && one.port !== 0);
    if (found !== undefined)
      return {
        host: reachable(found.host),
        port: found.port,
        beginsWithTls: /^(?:submissions|imaps|pop3s)$/.test(kind),
      };
  }
  return null;
}

async function lent(caller: LocalCaller, method: string, signal: AbortSignal): Promise<Loan> {
  return (await caller.call(method, null, within(probeStepMs, signal))) as Loan;
}

async function handIn(
  door: Door,
  recipients: readonly MailAddress[],
  { custody, clock }: ProbeParts,
  signal: AbortSignal,
): Promise<MailId> {
  const loan = await lent(custody, TEST_SENDER_LOAN, signal);
  const content = testMail(recipients, crypto.randomUUID(), clock.now());
  const mail = { ...door, ...loan, sender: TEST_SENDER, recipients, content, isOurs: true };
  return (await submit(mail, signal)).queueId as MailId;
}
