/** One HTTP request over a connection of its own, by the dialer: a bounded answer by the deadline of the call. */
import { request } from 'node:http';
import type { Call } from '#/model/index.ts';
import type { Connect } from './hook.ts';

export interface HookRequest {
  readonly method: 'GET' | 'POST';
  /** As the request line has it. */
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array;
}

export interface HookReply {
  readonly status: number;
  readonly body: Buffer;
}

/** Rejects where there is no whole answer, with words that are fit for a trace. */
export async function post(connect: Connect, asked: HookRequest, bytesMax: number, call: Call): Promise<HookReply> {
  call.signal?.throwIfAborted();
  const socket = await connect(call);
  const { promise, resolve, reject } = Promise.withResolvers<HookReply>();
  const giveUp = (why: string): void => {
    reject(new Error(why));
    socket.destroy();
  };
  const late = setTimeout(giveUp, Math.max(0, call.deadlineAt - performance.now()), 'it gave no answer in time');
  const given = (): void => giveUp('given up');
  call.signal?.addEventListener('abort', given);
  if (call.signal?.aborted) given();
  try {
    const { method, path, host } = asked;
    const headers = { ...asked.headers, host, connection: 'close', 'content-length': asked.body.length };
    const sent = request({ method, path, host, headers: mutable(headers), createConnection: () => socket }, (reply) => {
      const pieces: Buffer[] = [];
      let length = 0;
      reply.on('data', (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length > bytesMax) giveUp('its answer has no end');
      });
      reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(pieces) }));
      reply.on('aborted', () => reject(new Error('it hung up in the middle of its answer')));
      reply.on('error', reject);
    });
    sent.on('error', reject);
    sent.on('close', () => reject(new Error('it hung up without an answer')));
    sent.end(asked.body);
    return await promise;
  } finally {
    clearTimeout(late);
    call.signal?.removeEventListener('abort', given);
    socket.destroy();
  }
}

function mutable(headers: Readonly<Record<string, string | number | readonly string[]>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  );
}
