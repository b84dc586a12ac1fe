/**
 * What travels on the local socket: frames of a 4-byte length (big-endian) and one value in V8's own serialisation, which keeps bytes,
 * big integers and undefined as they are. Both ends are of one release and one user; the other end is still not trusted to be well formed.
 */
import { deserialize, serialize } from 'node:v8';
import type { FaultCode } from '#/model/index.ts';
import { FAULTS, Fault } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';

/** The largest frame: a batch of claims with bodies. */
export const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** Asked for. `leftMs` is the deadline, told as what is left of it: the two ends share no clock. */
export type Request =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly method: string;
      readonly args: unknown;
      readonly leftMs: number;
    }
  | { readonly kind: 'cancel'; readonly id: number };

/** Answered. Frame 0 is for the connection itself. */
export type Response =
  | { readonly kind: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/** An error as it travels: its meaning, without its stack and cause. */
export type Failure =
  | { readonly kind: 'fault'; readonly code: string; readonly detail: string }
  | { readonly kind: 'refusal'; readonly exit: number; readonly message: string; readonly ja?: string | null }
  | { readonly kind: 'error'; readonly message: string };

/** One frame; null where it would be too large. A value that can't travel (a function, a symbol) throws a DataCloneError. */
export function formatFrame(value: Request | Response): Buffer | null {
  const payload = serialize(value);
  if (payload.length > FRAME_BYTES_MAX) return null;
  const frame = Buffer.allocUnsafe(4 + payload.length);
  frame.writeUInt32BE(payload.length);
  payload.copy(frame, 4);
  return frame;
}

/** Cuts a stream of bytes into values. Fault `call.refused` on a frame that is too large or can't be read: the connection is then of no use. */
export class FrameReader {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  /** The values that `chunk` completes. */
  feed(chunk: Buffer): unknown[] {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    const values: unknown[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) values.push(read(frame));
    return values;
  }

  // Joins what waits only when a frame is whole, so that a large one is copied once and small ones not at all.
  #next(): Buffer | null {
    if (this.#waitingBytes < 4) return null;
    const length = this.#head().readUInt32BE();
    if (length > FRAME_BYTES_MAX) throw new Fault('call.refused', `A frame of ${length} bytes is too large.`);
    if (this.#waitingBytes < 4 + length) return null;
    const all = this.#joined();
    this.#waitingBytes -= 4 + length;
    this.#waiting = this.#waitingBytes > 0 ? [all.subarray(4 + length)] : [];
    return all.subarray(4, 4 + length);
  }

  #head(): Buffer {
    const [first] = this.#waiting;
    return first !== undefined && first.length >= 4 ? first : this.#joined();
  }

  #joined(): Buffer {
    const [first, second] = this.#waiting;
    if (first !== undefined && second === undefined) return first;
    const all = Buffer.concat(this.#waiting);
    this.#waiting = [all];
    return all;
  }
}

/** An error in the form that travels. Only faults and refusals are meant for the caller; of others the message alone goes. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof Fault) {
    const meaning = FAULTS[error.code].meaning;
    return { kind: 'fault', code: error.code, detail: error.message.slice(meaning.length).trim() };
  }
  if (error instanceof Refusal) return { kind: 'refusal', exit: error.exit, message: error.message, ja: error.ja };
  return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
}

/** The error that a failure stands for. */
export function reviveFailure(failure: Failure): Error {
  switch (failure.kind) {
    case 'fault':
      return isFaultCode(failure.code)
        ? new Fault(failure.code, failure.detail === '' ? undefined : failure.detail)
        : new Fault('call.refused', `The server answered ${failure.code}, which this release does not know.`);
    case 'refusal':
      return new Refusal(failure.exit === 2 || failure.exit === 4 ? failure.exit : 1, failure.message, failure.ja);
    case 'error':
      return new Error(failure.message);
  }
}

function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(FAULTS, code);
}

function read(frame: Buffer): unknown {
  try {
    return deserialize(frame);
  } catch (cause) {
    throw new Fault('call.refused', 'A frame can’t be read.', cause);
  }
}
