/** What the local socket answers: operations by name, custody and journal for the other processes, and whether we are well. */
import { join } from 'node:path';
import { z } from 'zod';
import { Fault, isFault } from '#/model/index.ts';
import { type LocalMethod, type LocalServerOptions, startLocalServer } from '#/net/index.ts';
import {
  type Clock,
  type Operation,
  type OperationContext,
  type OperationDescription,
  Refusal,
} from '#/ports/index.ts';
import {
  custodyMethods,
  incidentsMethods,
  journalMethods,
  type RemoteCaller,
  statusHistoryMethods,
} from '#/store/remote/index.ts';
import { upstreamOperations } from '#/upstream/index.ts';
import { type AuditTrail, auditTrail } from './audit.ts';
import { incidentDeskOf } from './incidents.ts';
import type { Opened } from './opened.ts';
import type { People } from './people.ts';
import { CUSTODY_SOCKET, TEST_SENDER_LOAN } from './places.ts';
import { lendsSender } from './probe.ts';
import { openStatusHistory } from './status-history.ts';
import { tryOperations } from './try.ts';

const request = z.strictObject({ name: z.string().max(100), input: z.unknown(), by: z.string().min(1).max(200) });

/** `operation { name, input, by }`: checked by the operation's own schemas, both ways, and written down where it is more than a look. */
export function operationMethod(operations: readonly Operation[], trail: AuditTrail): LocalMethod {
  const byName = new Map(operations.map((one) => [one.name, one]));
  return async (args, { call }) => {
    const asked = request.safeParse(args);
    if (!asked.success) throw new Fault('call.refused', 'An operation is asked for by name, input and by.');
    const found = byName.get(asked.data.name);
    if (found === undefined) throw new Refusal(2, `There is no operation '${asked.data.name}'.`);
    return runOperation(found, asked.data.input, { by: asked.data.by, call }, trail);
  };
}

/**
 * Runs an operation on input from outside; throws a `Refusal` that names the first mistake. The only way from outside to an operation:
 * nothing is done, and no content given, before the trail has it.
 */
export async function runOperation(
  found: Operation,
  input: unknown,
  context: OperationContext,
  trail: AuditTrail,
): Promise<unknown> {
  const parsed = found.input.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal(2, `${issue?.path.join('.') || found.name}: ${issue?.message ?? 'not understood'}`);
  }
  await trail(found, parsed.data, context);
  return found.output.parse(await found.handle(parsed.data, context));
}

/** Says of each operation what it is called, does, takes and gives. */
export function describeOperations(operations: readonly Operation[]): readonly OperationDescription[] {
  return operations.map(({ name, summary, scope, reads, input, output }) => ({
    ...{ name, summary, scope, reads },
    input: z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }),
    output: z.toJSONSchema(output, { unrepresentable: 'any' }),
  }));
}

/** The methods by which operations are asked for, and by which one learns which there are. */
export const OPERATION = 'operation';
export const DESCRIBE = 'operations';
const OF_ACCOUNTS = 'mailbox.';
const LOOK_AGAIN_MS = 200;

/**
 * Serves operations, custody and journal on the socket by which this host is reached, until disposed. Operations on accounts are those of
 * `mail`, or of the process that owns the accounts.
 */
export async function serveOperations(
  opened: Opened,
  people: People | null,
  mail: readonly Operation[] | RemoteCaller | null,
): Promise<AsyncDisposable> {
  const { settings, parts, stores } = opened;
  const trail = auditTrail({ ...parts, registry: stores.registry });
  const owner = mail === null || isOperations(mail) ? null : mail;
  await using opening = new AsyncDisposableStack();
  const history = opening.use(openStatusHistory(settings));
  const own = [
    ...operationsOf(opened, people),
    ...upstreamOperations({ history, custody: stores.custody, clock: parts.clock }),
    ...(mail === null || !isOperations(mail) ? [] : mail),
  ];
  const asked = operationMethod(own, trail);
  const methods = new Map<string, LocalMethod>([
    ...custodyMethods(stores.custody, (settlement) => people?.claims.settledElsewhere(settlement)),
    ...journalMethods(stores.journal),
    ...statusHistoryMethods(history),
    ...incidentsMethods(incidentDeskOf(settings, { ...parts, stores })),
    ...parts.health.methods,
    [OPERATION, owner === null ? asked : forwarded(asked, owner)],
    [DESCRIBE, describing(own, owner)],
    ...lending(people),
  ]);
  opening.use(await servePatiently({ path: join(settings.data, CUSTODY_SOCKET), methods }, parts.clock));
  return opening.move();
}

function lending(people: People | null): readonly (readonly [string, LocalMethod])[] {
  const { access = null } = people ?? {};
  return access === null ? [] : [[TEST_SENDER_LOAN, lendsSender(access.auth)]];
}

function isOperations(mail: readonly Operation[] | RemoteCaller): mail is readonly Operation[] {
  return Array.isArray(mail);
}

/** What is asked of accounts goes to their owner, who checks it and writes it down. */
function forwarded(own: LocalMethod, owner: RemoteCaller): LocalMethod {
  return async (args, context) => {
    const asked = request.safeParse(args);
    if (!asked.success || !asked.data.name.startsWith(OF_ACCOUNTS)) return own(args, context);
    return owner.call(OPERATION, asked.data, context.call);
  };
}

/** All of them or none: a list without those on accounts would say that there are none. */
function describing(own: readonly Operation[], owner: RemoteCaller | null): LocalMethod {
  return async (_args, { call }) => {
    const theirs = owner === null ? [] : ((await owner.call(DESCRIBE, null, call)) as readonly OperationDescription[]);
    return [...describeOperations(own), ...theirs];
  };
}

/** Serves until disposed. Where a predecessor still has the socket, it is taken over as soon as it is free. */
export async function servePatiently(options: LocalServerOptions, clock: Clock): Promise<AsyncDisposable> {
  const stop = new AbortController();
  let server = await unlessTaken(options);
  const takingOver = (async () => {
    while (server === null && !stop.signal.aborted) {
      await clock.sleep(LOOK_AGAIN_MS, stop.signal);
      server = await unlessTaken(options);
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await takingOver;
      await server?.[Symbol.asyncDispose]();
    },
  };
}

async function unlessTaken(options: LocalServerOptions): Promise<AsyncDisposable | null> {
  try {
    return await startLocalServer(options);
  } catch (error) {
    if (isFault(error, 'store.locked')) return null;
    throw error;
  }
}

function operationsOf({ settings, parts }: Opened, people: People | null): readonly Operation[] {
  if (people === null || people.access === null) return [];
  const { core, claims, access } = people;
  const withGate = parts.group.roles.includes('gate');
  return [
    ...core.operations(claims, access.secrets),
    ...access.auth.operations,
    ...(withGate ? tryOperations(settings, access.auth) : []),
  ];
}
