/** Operations over the local socket: those of the process that serves them on this host, itself too, so that there is one way in for all. */
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import type { OperationDescription, OperationsElsewhere } from '#/ports/index.ts';
import { LocalCaller } from './local-caller.ts';
import { DESCRIBE, OPERATION } from './local-methods.ts';
import { CUSTODY_SOCKET } from './places.ts';

/** Connects when it is first asked. */
export function operationsElsewhere({ data }: Pick<Settings, 'data'>): OperationsElsewhere & AsyncDisposable {
  const caller = new LocalCaller(join(data, CUSTODY_SOCKET));
  return {
    call: (name, input, by, call) => caller.call(OPERATION, { name, input, by }, call),
    described: async (call) => (await caller.call(DESCRIBE, null, call)) as readonly OperationDescription[],
    [Symbol.asyncDispose]: () => caller[Symbol.asyncDispose](),
  };
}
