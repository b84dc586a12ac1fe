/**
 * What goes to one client. Answers are gathered and leave in large writes; a command that has much to say waits until the client has
 * taken what was said, so that nobody's slow line fills our memory (B3).
 *
 * What must never happen: a wait for a peer that is gone; more unsent than `unsentBytesMax` and one piece.
 */
import type { Wire } from '#/wire/index.ts';
import type { World } from './world.ts';

/** The peer has gone, or can't be told the rest: the command ends where it stands. Nobody is to blame. */
export class PeerGone extends Error {
  constructor() {
    super('The client has gone.');
    this.name = 'PeerGone';
  }
}

export class Output {
  readonly #world: World;
  readonly #wire: Wire;
  #text = '';
  /** Octets, and the text before them, that wait to be written. */
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  #wake: (() => void) | null = null;
  /** An answer was begun that is not whole. */
  #midway = false;
  /** Monotonic ms since when the peer takes nothing; null where nothing waits for it. */
  #stalledSince: number | null = null;
  #unsentThen = 0;

  constructor(world: World, wire: Wire) {
    this.#world = world;
    this.#wire = wire;
  }

  /** In the midst of an answer, or of its literal: only the rest of it, or the end of the connection, can follow. */
  get isMidway(): boolean {
    return this.#midway;
  }

  /** Nothing more should be said before the peer has taken some of it. */
  get isFull(): boolean {
    return this.#wire.isFull(this.#world.settings.limits.unsentBytesMax);
  }

  /** Text and octets, in order. */
  say(...pieces: readonly (string | Uint8Array)[]): void {
    for (const piece of pieces) {
      if (typeof piece === 'string') this.#text += piece;
      else this.#octets(piece);
    }
    if (this.#text.length + this.#gatheredBytes >= this.#world.settings.limits.writeBytes) this.flush();
  }

  /** From here on an answer is said in pieces, until `ends`. */
  begins(): void {
    this.#midway = true;
  }

  ends(): void {
    this.#midway = false;
  }

  /** Waits until there is room for more. */
  async room(): Promise<void> {
    while (this.isFull) {
      if (this.#wire.state !== 'open') break;
      this.#unsentThen = this.#wire.unsentBytes;
      this.#stalledSince ??= this.#world.now;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#stalledSince = null;
    if (this.#wire.state !== 'open') throw new PeerGone();
  }

  /** Writes what was gathered. */
  flush(): void {
    if (this.#gathered.length === 0) this.#wire.write(this.#text, 'utf8');
    else {
      this.#gatherText();
      this.#wire.write(Buffer.concat(this.#gathered));
      this.#gathered = [];
      this.#gatheredBytes = 0;
    }
    this.#text = '';
  }

  /** The peer has taken something, or has gone. */
  drained(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** Whether the peer has taken nothing for too long. Looked at about once a second. */
  isStuck(): boolean {
    if (this.#stalledSince === null) return false;
    const unsent = this.#wire.unsentBytes;
    if (unsent < this.#unsentThen) {
      this.#unsentThen = unsent;
      this.#stalledSince = this.#world.now;
    }
    return this.#world.now > this.#stalledSince + this.#world.settings.limits.stallMs;
  }

  /** Small ones leave with what is around them, large ones without being copied. */
  #octets(piece: Uint8Array): void {
    if (piece.length < COPIED_BYTES_MAX) {
      this.#gatherText();
      this.#gathered.push(piece);
      this.#gatheredBytes += piece.length;
    } else {
      this.flush();
      this.#wire.write(piece);
    }
  }

  #gatherText(): void {
    if (this.#text === '') return;
    const text = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    this.#gathered.push(text);
    this.#gatheredBytes += text.length;
  }
}

/** Octets that are cheaper copied than written alone. */
const COPIED_BYTES_MAX = 8 * 1024;
