/**
 * What people administer: a name, schemas, a scope and a handler. The CLI's `--json`, the local socket and later the HTTP API, its
 * OpenAPI text and the tenant-isolation test are all made from these. Each engine exports its own from `operations.ts`.
 */
import type { z } from 'zod';
import type { Call } from '#/model/index.ts';

/**
 * Who may call it: the operator of the installation, an administrator of one tenant (then `input.tenant` is forced to theirs), or any person
 * of one (then `input.as` is forced to their address as well; what they may do there, the operation itself says).
 */
export type Scope = 'operator' | 'tenant' | 'person';

export interface Operation<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** `noun.verb`, such as `queue.hold`. */
  readonly name: string;
  /** One plain sentence. */
  readonly summary: string;
  readonly scope: Scope;
  /** True where it only reads: it may then run against the store of a stopped server. */
  readonly reads: boolean;
  readonly input: Input;
  readonly output: Output;
  /**
   * What the audit log says it is done to, such as a query or an ID; never a secret or content. Null where there is nothing to write
   * down (a dry run, a routine). Operations that only read are not written down; one without this is, by its name alone.
   */
  subject?(input: z.output<Input>): string | null;
  handle(input: z.output<Input>, context: OperationContext): Promise<z.input<Output>>;
}

export interface OperationContext {
  /** Who acts, for journal and audit: an address, or `cli:USER`. */
  readonly by: string;
  readonly call: Call;
}

/** An operation as it is known elsewhere: without its handler, its schemas as JSON Schema. */
export interface OperationDescription extends Pick<Operation, 'name' | 'summary' | 'scope' | 'reads'> {
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The operations of the process that serves them on this host, from another one. Faults: `server.unreachable`, `call.late`. */
export interface OperationsElsewhere {
  /** Calls one as whoever `by` says; rejects with its refusal. After a fault it may have been done, or not. */
  call(name: string, input: object, by: string, call: Call): Promise<unknown>;

  /** All that there are. */
  described(call: Call): Promise<readonly OperationDescription[]>;
}

/**
 * An answer that is no fault: not found, not allowed, wrong in itself. `exit` is the CLI's exit code (contract). `ja` says the same to people who
 * meet it on a page; null where administrators alone do.
 */
export class Refusal extends Error {
  readonly exit: 1 | 2 | 4;
  readonly ja: string | null;

  constructor(exit: 1 | 2 | 4, message: string, ja: string | null = null) {
    super(message);
    this.name = 'Refusal';
    this.exit = exit;
    this.ja = ja;
  }
}

/** Keeps the types of an operation's schemas while it is written down. */
export function operation<Input extends z.ZodType, Output extends z.ZodType>(
  definition: Operation<Input, Output>,
): Operation<Input, Output> {
  return definition;
}
