/** The thread that owns `control.db`: no commit runs on an event loop that serves people. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadRequest, ThreadResponse } from '../thread-calls.ts';
import { describeFault } from '../thread-calls.ts';
import { RegistryTables } from './registry-tables.ts';

const port = parentPort;
if (port === null) throw new TypeError('registry-thread runs as a thread.');
let tables: RegistryTables | null = null;

const METHODS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  open: () => {
    tables ??= new RegistryTables((workerData as { dir: string }).dir);
  },
  close: () => {
    opened().close();
    tables = null;
  },
  loadNewer: (...args: Parameters<RegistryTables['loadNewer']>) => opened().loadNewer(...args),
  replace: (...args: Parameters<RegistryTables['replace']>) => opened().replace(...args),
  changes: (...args: Parameters<RegistryTables['changes']>) => opened().changes(...args),
  policySteps: (...args: Parameters<RegistryTables['policySteps']>) => opened().policySteps(...args),
  loadUsage: () => opened().loadUsage(),
  saveUsage: (...args: Parameters<RegistryTables['saveUsage']>) => opened().saveUsage(...args),
  audit: (...args: Parameters<RegistryTables['audit']>) => opened().audit(...args),
  auditEntries: (...args: Parameters<RegistryTables['auditEntries']>) => opened().auditEntries(...args),
  verifyAudit: () => opened().verifyAudit(),
  eraseNames: (...args: Parameters<RegistryTables['eraseNames']>) => opened().eraseNames(...args),
};

port.on('message', ({ id, method, args }: ThreadRequest) => port.postMessage(answer(id, method, args)));

function answer(id: number, method: string, args: readonly unknown[]): ThreadResponse {
  try {
    const perform = METHODS[method];
    if (perform === undefined) throw new TypeError(`The registry has no ${method}.`);
    return { id, value: perform(...(args as never[])) };
  } catch (error) {
    return { id, fault: describeFault(error) };
  }
}

function opened(): RegistryTables {
  if (tables === null) throw new TypeError('The registry is not open.');
  return tables;
}
