/**
 * Lines to a file, a pipe or a terminal, without waiting. One write is in flight; what comes meanwhile is kept up to a bound; what comes
 * beyond it is dropped and counted.
 * ```
 *   idle ──offer──▶ writing ──written──▶ idle, or the next chunk
 *                      │ bound reached: drop and count ──half empty again──▶ one line tells how many
 * ```
 * A pipe is written through a stream, which never blocks on POSIX. Files and terminals are written by the thread pool, one write at a
 * time: their streams in Node are synchronous.
 */
import { fstatSync, write } from 'node:fs';
import type { Writable } from 'node:stream';

/** Writes one chunk and calls back once it is out or has failed; never throws. */
export type Channel = (chunk: Buffer, done: (error: Error | null) => void) => void;

export interface WriterOptions {
  readonly channel: Channel;
  /** Bytes that may wait, the chunk in flight included. */
  readonly bytesMax: number;
  /** The line that tells of drops; it may exceed the bound. */
  readonly tellDropped: (lines: number) => string;
}

export interface BoundedWriter {
  /** Takes a line (with its line end), or drops it. Never waits, never throws. */
  offer(line: string): void;
  /** Lines dropped since the start. */
  readonly dropped: number;
  /** Resolves when nothing waits any more, or after `ms`. */
  drain(ms: number): Promise<void>;
}

const CHUNK_BYTES_MAX = 256 * 1024;

/** A writer on its own channel. */
export function boundedWriter(options: WriterOptions): BoundedWriter {
  return new Writer(options);
}

/** The channel of a descriptor of ours, such as 1; `stream` is Node's own stream on it. */
export function channelOf(fd: number, stream: Writable): Channel {
  const kind = fstatSync(fd);
  return kind.isFIFO() || kind.isSocket() ? streamChannel(stream) : fileChannel(fd);
}

/** Through a stream. Its errors (a reader that is gone) are taken here and end nobody. */
export function streamChannel(stream: Writable): Channel {
  stream.on('error', () => {});
  return (chunk, done) => {
    if (stream.destroyed) setImmediate(done, new Error('the reader is gone'));
    else stream.write(chunk, (error) => done(error ?? null));
  };
}

/** Through the thread pool, whole chunks. */
export function fileChannel(fd: number): Channel {
  const writeRest = (rest: Buffer, done: (error: Error | null) => void): void => {
    write(fd, rest, 0, rest.length, null, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(writeRest, 50, rest, done).unref();
      else if (error !== null) done(error);
      else if (written < rest.length) writeRest(rest.subarray(written), done);
      else done(null);
    });
  };
  return writeRest;
}

class Writer implements BoundedWriter {
  readonly #options: WriterOptions;
  #lines: string[] = [];
  #waitingBytes = 0;
  #writing = false;
  #untold = 0;
  #idle: (() => void)[] = [];
  dropped = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  offer(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#waitingBytes + bytes > this.#options.bytesMax) this.#drop(1);
    else {
      this.#lines.push(line);
      this.#waitingBytes += bytes;
      this.#pump();
    }
  }

  async drain(ms: number): Promise<void> {
    if (!this.#writing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#idle.push(resolve);
    await promise;
    clearTimeout(timer);
  }

  #pump(): void {
    if (this.#writing || this.#lines.length === 0) return;
    const lines = this.#nextLines();
    const chunk = Buffer.from(lines.join(''));
    this.#writing = true;
    this.#options.channel(chunk, (error) => {
      this.#writing = false;
      this.#waitingBytes -= chunk.length;
      if (error !== null) this.#drop(lines.length);
      else this.#tellDropped();
      this.#pump();
      if (!this.#writing) for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  #nextLines(): string[] {
    let [bytes, count] = [0, 0];
    while (count < this.#lines.length && bytes < CHUNK_BYTES_MAX)
      bytes += Buffer.byteLength(this.#lines[count++] ?? '');
    return this.#lines.splice(0, count);
  }

  #drop(lines: number): void {
    this.dropped += lines;
    this.#untold += lines;
  }

  // Told once the reader has caught up with half of the bound: a reader that is merely slow would make a line of each drop.
  #tellDropped(): void {
    if (this.#untold === 0 || this.#waitingBytes > this.#options.bytesMax / 2) return;
    const line = this.#options.tellDropped(this.#untold);
    this.#untold = 0;
    this.#lines.push(line);
    this.#waitingBytes += Buffer.byteLength(line);
  }
}
