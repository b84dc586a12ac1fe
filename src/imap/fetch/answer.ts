/**
 * One FETCH answer: everything that was asked of one message, in the order in which it was asked (RFC 9051 §7.5.2).
 *
 * It is gathered whole and then said, so that a failure is a clean NO; only octets beyond one piece are said as they are read, and a failure
 * among those ends the connection.
 */
import { type FetchItem, fetchItems, type Section } from '#/codec/imap/index.ts';
import { FieldPicker, type MessageFacts } from '#/codec/mime/index.ts';
import { Fault } from '#/model/index.ts';
import type { FullRow } from '#/ports/index.ts';
import type { Session } from '../session.ts';
import { Content } from './content.ts';
import { DecodedParts } from './decoded-parts.ts';
import { type Range, rangeOf, rangeOfMessage } from './sections.ts';

type SectionItem = Extract<FetchItem, { kind: 'section' }>;
type BinaryItem = Extract<FetchItem, { kind: 'binary' | 'binarysize' }>;

/** RFC 3516 §4.3: a part whose encoding nobody knows; what was asked besides is answered. */
export type Spoken = 'whole' | 'unknown encoding';

/** Says what was asked of one message. */
export async function sayFetched(
  number: number,
  row: FullRow,
  items: readonly FetchItem[],
  session: Session,
): Promise<Spoken> {
  if (items.some(({ kind }) => kind === 'flags')) session.mailbox.introduce(row.flags);
  const content = new Content(session, row);
  using decoded = new DecodedParts(session.world.memory, content, row);
  return await new FetchAnswer(session, row, content, decoded).say(number, items);
}

class FetchAnswer {
  readonly #session: Session;
  readonly #row: FullRow;
  readonly #content: Content;
  readonly #decoded: DecodedParts;
  #pieces: (string | Uint8Array)[] = [];
  #gatheredBytes = 0;
  #first = true;
  #spoken: Spoken = 'whole';

  constructor(session: Session, row: FullRow, content: Content, decoded: DecodedParts) {
    this.#session = session;
    this.#row = row;
    this.#content = content;
    this.#decoded = decoded;
  }

  async say(number: number, items: readonly FetchItem[]): Promise<Spoken> {
    const session = this.#session;
    this.#pieces.push(`* ${number} FETCH (`);
    for (const item of items) {
      if (item.kind === 'section') await this.#section(item);
      else if (item.kind === 'binary' || item.kind === 'binarysize') await this.#binary(item);
      else this.#put(this.#item(item));
      if (this.#gatheredBytes > session.world.settings.limits.unsentBytesMax) await this.#sayGathered();
    }
    session.output.say(...this.#pieces, ')\r\n');
    session.output.ends();
    return this.#spoken;
  }

  #item(item: Exclude<FetchItem, SectionItem | BinaryItem>): string {
    const row = this.#row;
    const utf8 = this.#session.readsUtf8;
    switch (item.kind) {
      case 'uid':
        return fetchItems.uid(row.uid);
      case 'flags':
        return fetchItems.flags(row.flags);
      case 'internaldate':
        return fetchItems.internalDate(row.receivedAt);
      case 'size':
        return fetchItems.size(row.size);
      case 'modseq':
        return fetchItems.modSeq(row.modSeq);
      case 'emailid':
        return fetchItems.emailId(row.emailId);
      case 'threadid':
        return fetchItems.threadId(row.threadId);
      case 'savedate':
        return fetchItems.saveDate(row.savedAt);
      case 'envelope':
        return fetchItems.envelope(this.#facts().envelope, utf8);
      case 'bodystructure':
        return fetchItems.bodyStructure(this.#facts().structure, utf8);
      case 'body':
        return fetchItems.body(this.#facts().structure, utf8);
      case 'preview':
        return fetchItems.preview(this.#facts().preview, utf8);
    }
  }

  async #section(item: SectionItem): Promise<void> {
    const { section, partial } = item;
    const range = this.#rangeOf(item);
    const isHead = section.part.length === 0 && section.of !== 'all' && section.of !== 'text';
    if (range === null) this.#put(fetchItems.nil(item, this.#session.readsUtf8));
    else if (section.of === 'fields' || section.of === 'fields-not') {
      const picker = pickerOf(section);
      const pick = (head: Uint8Array): void => this.#octets(item, picker.pick(head));
      if (isHead && this.#row.head !== null) pick(this.#row.head);
      else await this.#inMemory(isHead ? { from: 0, to: this.#headBytes() } : range, pick);
    } else if (!isHead) await this.#stream(item, cut(range, partial));
    else if (this.#row.head !== null) this.#octets(item, this.#row.head);
    else await this.#stream(item, cut({ from: 0, to: this.#headBytes() }, partial));
  }

  /** A range of any size, while there is room for it among all that is in memory (B3). */
  async #inMemory(range: Range, use: (octets: Uint8Array) => void): Promise<void> {
    const { memory } = this.#session.world;
    const bytes = range.to - range.from;
    if (!memory.take(bytes)) throw new Fault('store.busy', 'Too many large parts are read at once.');
    try {
      use(await this.#content.all(range));
    } finally {
      memory.giveBack(bytes);
    }
  }

  #rangeOf({ section }: SectionItem): Range | null {
    const { size } = this.#row;
    if (section.part.length > 0) return rangeOf(section, this.#facts(), size);
    const body = section.of === 'text' ? this.#facts().structure.body : 0;
    return rangeOfMessage(section.of, body, size);
  }

  /** Octets that are at hand. */
  #octets(item: SectionItem, octets: Uint8Array): void {
    const { from, to } = cut({ from: 0, to: octets.length }, item.partial);
    this.#put(fetchItems.octets(item, to - from, this.#session.readsUtf8), octets.subarray(from, to));
  }

  /** Octets from the store: what fits in one piece is gathered, the rest said as it is read. */
  async #stream(item: SectionItem, range: Range): Promise<void> {
    const bytes = range.to - range.from;
    this.#put(fetchItems.octets(item, bytes, this.#session.readsUtf8));
    if (bytes === 0) return;
    for await (const piece of this.#content.pieces(range)) {
      this.#gather(piece);
      if (piece.length < bytes) await this.#sayGathered();
    }
  }

  /** Says what there is so far: from here on the answer can only be finished. */
  async #sayGathered(): Promise<void> {
    const { output } = this.#session;
    output.begins();
    output.say(...this.#pieces);
    this.#pieces = [];
    this.#gatheredBytes = 0;
    await output.room();
  }

  async #binary(item: BinaryItem): Promise<void> {
    const octets = await this.#decoded.of(item.part);
    const utf8 = this.#session.readsUtf8;
    if (octets === 'unknown encoding') this.#spoken = octets;
    else if (item.kind === 'binarysize') this.#put(fetchItems.binarySize(item.part, octets?.length ?? 0));
    else if (octets === null) this.#put(fetchItems.nil(item, utf8));
    else {
      const { from, to } = cut({ from: 0, to: octets.length }, item.partial);
      const shown = octets.subarray(from, to);
      // RFC 3516 §4.2: a literal8 where there is a NUL, which a literal can't hold.
      this.#put(fetchItems.octets(item, shown.length, utf8, shown.includes(0)), shown);
    }
  }

  #put(...pieces: readonly (string | Uint8Array)[]): void {
    if (!this.#first) this.#gather(' ');
    for (const piece of pieces) this.#gather(piece);
    this.#first = false;
  }

  #gather(piece: string | Uint8Array): void {
    this.#pieces.push(piece);
    this.#gatheredBytes += piece.length;
  }

  #facts(): MessageFacts {
    if (this.#row.facts === null) throw new Fault('body.damaged', 'What was read of it is not there.');
    return this.#row.facts;
  }

  #headBytes(): number {
    if (this.#row.headBytes === null) throw new Fault('body.damaged', 'Its header section is not there.');
    return this.#row.headBytes;
  }
}

/** One for all messages of a command. */
const pickers = new WeakMap<Section, FieldPicker>();

function pickerOf(section: Section): FieldPicker {
  return pickers.getOrInsertComputed(section, ({ names, of }) => new FieldPicker(names, of === 'fields-not'));
}

/** RFC 9051 §6.4.5: from beyond the end, nothing. */
function cut({ from, to }: Range, partial: SectionItem['partial']): Range {
  if (partial === null) return { from, to };
  const begin = Math.min(from + partial.from, to);
  return { from: begin, to: Math.min(begin + partial.bytes, to) };
}
