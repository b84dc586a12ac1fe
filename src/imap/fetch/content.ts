/**
 * The octets of one message, as FETCH needs them: small messages are read once for all their sections, large ones in pieces.
 *
 * What must never happen: fewer octets than the message has, without an error.
 */
import { Fault, type MessageRow } from '#/model/index.ts';
import type { Session } from '../session.ts';
import type { Range } from './sections.ts';

export class Content {
  readonly #session: Session;
  readonly #row: MessageRow;
  #whole: Promise<Uint8Array> | null = null;

  constructor(session: Session, row: MessageRow) {
    this.#session = session;
    this.#row = row;
  }

  /** Pieces that make up the range. */
  async *pieces({ from, to }: Range): AsyncGenerator<Uint8Array> {
    const { pieceBytes } = this.#session.world.settings.limits;
    if (this.#row.size <= pieceBytes) {
      this.#whole ??= this.#read(0, this.#row.size);
      yield (await this.#whole).subarray(from, to);
      return;
    }
    for (let at = from; at < to; at += pieceBytes) yield await this.#read(at, Math.min(pieceBytes, to - at));
  }

  /** All octets of a range in one piece. */
  async all(range: Range): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces(range)) pieces.push(piece);
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
  }

  async #read(from: number, bytes: number): Promise<Uint8Array> {
    const { world, account } = this.#session;
    const octets = await world.mailboxes.octets(account, this.#row.emailId, from, bytes, this.#session.call());
    if (octets.length !== bytes) throw new Fault('body.damaged', 'It is shorter than its row says.');
    return octets;
  }
}
