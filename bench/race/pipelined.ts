/**
 * A client that pipelines (RFC 2920): MAIL, RCPT and DATA in one write, and the next envelope right behind the content, so that a message
 * costs two turns on the wire. It counts replies and looks at their first digit; anything but 2 and 3 is a failure.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Replies } from '../lib/replies.ts';
import { RECIPIENT, SENDER } from './racer.ts';

export interface PipelinedLoad {
  readonly port: number;
  readonly messages: number;
  readonly connections: number;
  readonly bytes: number;
}

const ENVELOPE = `MAIL FROM:<${SENDER}>\r\nRCPT TO:<${RECIPIENT}>\r\nDATA\r\n`;
/** Replies to one message: MAIL, RCPT, DATA, and the end of its content. */
const [GO_AHEAD, DONE] = [3, 4] as const;

/** Sends all over kept connections; rejects what a server refuses, and after `deadlineMs`. */
export async function sendPipelined(load: PipelinedLoad, deadlineMs: number): Promise<void> {
  const signal = AbortSignal.timeout(deadlineMs);
  let left = load.messages;
  const takeOne = (): boolean => left > 0 && left-- > 0;
  const content = contentOf(load.bytes);
  const clients = Array.from({ length: load.connections }, () => runClient(load.port, content, takeOne, signal));
  await Promise.all(clients);
}

async function runClient(port: number, content: Buffer, takeOne: () => boolean, signal: AbortSignal): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const end = (): unknown => socket.destroy(new Error('not done in time'));
  signal.addEventListener('abort', end, { once: true });
  try {
    const replies = new Replies(socket);
    await replies.next(1);
    socket.write('EHLO generator.bench.test\r\n');
    await replies.next(1);
    await talk(socket, replies, content, takeOne);
    socket.end('QUIT\r\n');
    if (!socket.closed) await once(socket, 'close');
  } finally {
    signal.removeEventListener('abort', end);
    socket.destroy();
  }
}

async function talk(socket: Socket, replies: Replies, content: Buffer, takeOne: () => boolean): Promise<void> {
  if (!takeOne()) return;
  socket.write(ENVELOPE);
  await replies.next(GO_AHEAD);
  for (let more = takeOne(); ; more = takeOne()) {
    socket.cork();
    socket.write(content);
    if (more) socket.write(ENVELOPE);
    socket.uncork();
    if (!more) return replies.next(DONE - GO_AHEAD);
    await replies.next(DONE);
  }
}

function contentOf(bytes: number): Buffer {
  const head = `From: <${SENDER}>\r\nTo: <${RECIPIENT}>\r\nSubject: pipelined\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <pipelined@bench.test>\r\n\r\n`;
  const line = `${'X'.repeat(70)}\r\n`;
  const lines = Math.max(1, Math.round((bytes - head.length) / line.length));
  return Buffer.from(`${head}${line.repeat(lines)}.\r\n`);
}
