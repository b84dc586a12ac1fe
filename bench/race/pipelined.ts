/**
 * A client that pipelines (RFC 2920): MAIL, RCPT and DATA in one write, and the next envelope right behind the content, so that a message
 * costs two turns on the wire. It counts replies and looks at their first digit; anything but 2 and 3 is a failure.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RECIPIENT, SENDER } from './racer.ts';

export interface PipelinedLoad {
  readonly port: number;
  readonly messages: number;
  readonly connections: number;
  readonly bytes: number;
}

const ENVELOPE = `MAIL FROM:<${SENDER}>\r\nRCPT TO:<${RECIPIENT}>\r\nDATA\r\n`;
const [LF, DASH, DIGIT_0] = [10, 45, 48] as const;
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

/** Counts the replies of a server; a reply is its last line. */
class Replies {
  #seen = 0;
  #wanted = 0;
  #code = 0;
  #column = 0;
  #isLast = true;
  #failure: Error | null = null;
  #answer: PromiseWithResolvers<void> | null = null;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server hung up')));
  }

  /** Resolves when `count` more replies than asked for before have come. */
  next(count: number): Promise<void> {
    this.#wanted += count;
    this.#answer = Promise.withResolvers<void>();
    this.#look();
    return this.#answer.promise;
  }

  #hear(chunk: Buffer): void {
    for (const byte of chunk) {
      if (this.#column === 0) this.#code = byte - DIGIT_0;
      else if (this.#column === 3) this.#isLast = byte !== DASH;
      this.#column++;
      if (byte !== LF) continue;
      if (this.#code !== 2 && this.#code !== 3) this.#fail(new Error(`a reply of class ${this.#code}`));
      if (this.#isLast) this.#seen++;
      this.#column = 0;
    }
    this.#look();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#look();
  }

  #look(): void {
    if (this.#seen >= this.#wanted) this.#answer?.resolve();
    else if (this.#failure !== null) this.#answer?.reject(this.#failure);
  }
}

function contentOf(bytes: number): Buffer {
  const head = `From: <${SENDER}>\r\nTo: <${RECIPIENT}>\r\nSubject: pipelined\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <pipelined@bench.test>\r\n\r\n`;
  const line = `${'X'.repeat(70)}\r\n`;
  const lines = Math.max(1, Math.round((bytes - head.length) / line.length));
  return Buffer.from(`${head}${line.repeat(lines)}.\r\n`);
}
