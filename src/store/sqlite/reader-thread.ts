/** A thread that reads. There are two: one for quick questions of work, one for long ones of people, so that none waits behind the other. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FaultCode } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { ReaderCall, ReaderCalls, ReaderSetup } from './reader.ts';
import { Reader } from './reader.ts';

export interface ReaderRequest {
  readonly id: number;
  readonly name: ReaderCall;
  readonly input: ReaderCalls[ReaderCall]['input'];
  readonly timeoutMs: number;
}

export type FromReader =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly fault: FaultCode; readonly detail: string }
  | { readonly kind: 'output'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: FaultCode | null; readonly detail: string };

const port = parentPort;

function say(message: FromReader): void {
  port?.postMessage(message);
}

function start(): Reader | null {
  try {
    const reader = new Reader(workerData as ReaderSetup);
    say({ kind: 'ready' });
    return reader;
  } catch (error) {
    const fault = error instanceof Fault ? error.code : 'store.unavailable';
    say({ kind: 'refused', fault, detail: messageOf(error) });
    return null;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const reader = start();
if (reader === null) port?.close();

port?.on('message', (request: ReaderRequest | 'close') => {
  if (reader === null) return;
  if (request === 'close') {
    reader.close();
    port.close();
    return;
  }
  try {
    const output = reader.call(request.name, request.input, request.timeoutMs);
    say({ kind: 'output', id: request.id, output });
  } catch (error) {
    const fault = error instanceof Fault ? error.code : null;
    say({ kind: 'fault', id: request.id, fault, detail: messageOf(error) });
  }
});
