/**
 * What a store thread does with what it is sent: it answers the requests of a group account by account, those that write in one transaction with one flush, and
 * between groups it tidies up in small steps.
 *
 * What must never happen: an answer to a write before its flush; a request that fails another one, or an account another one; a commit
 * that is tried again.
 */
import type { AccountKey } from '#/model/index.ts';
import { FAULTS, Fault } from '#/model/index.ts';
import { NO_USAGE } from '../mailbox/index.ts';
import type { Account } from './account.ts';
import { accountFault, isBroken, StoreBroken } from './failures.ts';
import { HANDLERS, READING } from './handlers.ts';
import { accountName } from './ids.ts';
import { type OpenAccount, OpenAccounts } from './open-accounts.ts';
import type { AccountCall, FromThread, Input, ThreadAnswer, ThreadGroup, ThreadRequest } from './protocol.ts';
import type { Register } from './register.ts';

type Say = (message: FromThread, transfer: ArrayBuffer[]) => void;
type Handle = (account: Account, input: unknown, content: unknown) => unknown;

export class AccountService {
  readonly #register: Register;
  readonly #accounts: OpenAccounts;

  constructor(register: Register) {
    this.#register = register;
    this.#accounts = new OpenAccounts(register);
  }

  /** Answers a group. Throws `StoreBroken` where nothing can be trusted any more. */
  take({ requests, now, content }: ThreadGroup, say: Say): void {
    const bytes = new Uint8Array(content);
    const byAccount = Map.groupBy(requests, ({ account }) => (account === null ? '' : accountName(account)));
    let left = byAccount.size;
    for (const [name, own] of byAccount) {
      left -= 1;
      const tell = (answers: readonly ThreadAnswer[], isLast: boolean): void =>
        say({ kind: 'answers', answers, isLast }, answers.flatMap(buffersOf));
      if (name === '')
        tell(
          own.map((request) => this.#look(request)),
          left === 0,
        );
      else this.#serve(own, now, bytes, (answers, isDone) => tell(answers, isDone && left === 0));
    }
  }

  /** One step of upkeep. `rest`: there is nothing to do now; `idle`: nothing will be until a group comes. */
  upkeep(): 'more' | 'rest' | 'idle' {
    return this.#accounts.upkeep();
  }

  close(): void {
    this.#accounts.close();
    this.#register.close();
  }

  #look({ id, input }: ThreadRequest): ThreadAnswer {
    const { after, limit } = input as Input<'accounts'>;
    try {
      return { id, ok: true, output: this.#register.accounts(after, limit), changed: false };
    } catch (error) {
      return refusal(id, error);
    }
  }

  // Reads come first and wait for no flush: nothing promises an order among calls that were not waited for.
  #serve(
    requests: readonly ThreadRequest[],
    now: number,
    bytes: Uint8Array,
    tell: (answers: readonly ThreadAnswer[], isDone: boolean) => void,
  ): void {
    const [first] = requests;
    if (requests.every(({ name }) => name === 'usage') && !this.#register.has(first?.account as AccountKey)) {
      tell(
        requests.map(({ id }) => ({ id, ok: true, output: NO_USAGE, changed: false })),
        true,
      );
      return;
    }
    const [reads, writes] = [requests.filter(isReading), requests.filter((request) => !isReading(request))];
    let open: OpenAccount | null = null;
    try {
      open = this.#accounts.open(requests[0]?.account as AccountKey, now);
      const { account } = open;
      const answers = reads.map((request) => answerOf(account, request, bytes, (work) => work()));
      if (answers.length > 0) tell(answers, writes.length === 0);
    } catch (error) {
      const answers = requests.map(({ id }) => refusal(id, accountFault(error) ?? error));
      if (open !== null) this.#accounts.abandon(open);
      tell(answers, true);
      return;
    }
    if (writes.length > 0) tell(this.#write(open, writes, bytes), true);
  }

  #write(open: OpenAccount, requests: readonly ThreadRequest[], bytes: Uint8Array): ThreadAnswer[] {
    const { account } = open;
    try {
      account.begin();
      const answers = requests.map((request) => answerOf(account, request, bytes, (work) => account.attempt(work)));
      account.commit();
      open.hasWritten();
      return answers;
    } catch (error) {
      if (isBroken(error)) throw new StoreBroken(messageOf(error), { cause: error });
      this.#accounts.abandon(open);
      return requests.map(({ id }) => refusal(id, accountFault(error) ?? error));
    }
  }
}

function isReading({ name }: ThreadRequest): boolean {
  return READING.has(name as AccountCall);
}

// What is wrong with the account goes up to all who ask for it; what is wrong with a request stays with it.
function answerOf(
  account: Account,
  { id, name, input, base, deadlineAt }: ThreadRequest,
  bytes: Uint8Array,
  attempt: (work: () => unknown) => unknown,
): ThreadAnswer {
  if (performance.timeOrigin + performance.now() > deadlineAt) return refusal(id, new Fault('call.late'));
  account.hasChanged = false;
  try {
    const handle = HANDLERS[name as AccountCall] as Handle;
    const output = attempt(() => handle(account, input, { bytes, base }));
    return { id, ok: true, output, changed: account.hasChanged };
  } catch (error) {
    if (accountFault(error) !== null) throw error;
    return refusal(id, error);
  }
}

function refusal(id: number, error: unknown): ThreadAnswer {
  if (!(error instanceof Fault)) return { id, ok: false, fault: null, detail: messageOf(error) };
  const detail = error.message.slice(FAULTS[error.code].meaning.length).trim();
  return { id, ok: false, fault: error.code, detail };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Octets and columns of an answer change hands instead of being copied. */
function buffersOf(answer: ThreadAnswer): ArrayBuffer[] {
  if (!answer.ok) return [];
  const { output } = answer;
  const values = ArrayBuffer.isView(output) ? [output] : Object.values(output ?? {}).flatMap(columnsOf);
  return values.flatMap((value) =>
    ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer && value.byteLength > 0 ? [value.buffer] : [],
  );
}

function columnsOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return ArrayBuffer.isView(value) ? [value] : Object.values(value);
}
