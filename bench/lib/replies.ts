/** What a server of SMTP or LMTP answers, counted and not read: the generator must cost little. */
import type { Socket } from 'node:net';

const [LF, DASH, DIGIT_0] = [10, 45, 48] as const;

/** Counts the replies of a server; a reply is its last line. */
export class Replies {
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
