/**
 * What a session says: status lines are kept until a turn is over and leave together; parts follow them in order, and never more than a
 * bound waits for a peer that doesn't read.
 *
 *   roomy ── more waits than the bound ──▶ full ── the peer has taken all ──▶ roomy
 *
 * What must never happen: octets out of order; somebody who waits for room and is not woken when the connection ends.
 */
import { formatReply, type Reply } from '#/codec/pop3/index.ts';
import type { Wire } from '#/wire/index.ts';

/** Status lines that are kept together before they are written, octets. */
const READY_BYTES_MAX = 16 * 1024;

export class Outlet {
  readonly #wire: Wire;
  readonly #unsentBytesMax: number;
  #ready = '';
  #wake: (() => void) | null = null;
  /** What waited when it was last looked at. */
  #unsentBytes = 0;

  constructor(wire: Wire, unsentBytesMax: number) {
    this.#wire = wire;
    this.#unsentBytesMax = unsentBytesMax;
  }

  /** Whether nothing more should be read or written for now. */
  get isFull(): boolean {
    return this.#wire.unsentBytes > this.#unsentBytesMax;
  }

  say(reply: Reply): void {
    this.#add(formatReply(reply));
  }

  /** A challenge of SASL, in base64 (RFC 5034 §4). */
  challenge(base64: string): void {
    this.#add(`+ ${base64}\r\n`);
  }

  /** Writes what is said. */
  flush(): void {
    if (this.#ready !== '') this.#wire.write(this.#take());
  }

  /** Writes what is said, and a piece of a part behind it. */
  write(piece: string | Buffer): void {
    const octets = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
    this.#wire.write(this.#ready === '' ? octets : Buffer.concat([this.#take(), octets]));
  }

  /** Writes what is said and closes. */
  close(): void {
    const last = this.#ready;
    this.#ready = '';
    this.#wire.close(last);
  }

  /** Writes what is said; whether all of it has left when the connection is lost. */
  flushed(): Promise<boolean> {
    this.flush();
    return this.#wire.flushed();
  }

  /** Lets others have their turn; and, where it is full, the peer take what waits. */
  async room(): Promise<void> {
    if (!this.isFull) return new Promise((resolve) => setImmediate(resolve));
    this.#unsentBytes = this.#wire.unsentBytes;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  /** The peer has taken all, or the connection has ended. */
  wake(): void {
    this.#wake?.();
  }

  /** Whether somebody waits for room, and the peer has taken something since the last look. */
  hasMoved(): boolean {
    const before = this.#unsentBytes;
    this.#unsentBytes = this.#wire.unsentBytes;
    return this.#wake !== null && this.#unsentBytes !== before;
  }

  #add(line: string): void {
    this.#ready += line;
    if (this.#ready.length > READY_BYTES_MAX) this.flush();
  }

  #take(): Buffer {
    const ready = Buffer.from(this.#ready, 'latin1');
    this.#ready = '';
    return ready;
  }
}
