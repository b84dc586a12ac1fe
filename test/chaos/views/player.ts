/**
 * One session of one user: it does what a mail program does, at random, keeps its picture of the mailbox, and tells the ledger what it was
 * answered. When the connection is lost it begins anew with what it knows (RFC 7162 §3.2.5).
 *
 *   away ── connect, SELECT ──▶ at work ── the connection is lost ──▶ away
 */
import assert from 'node:assert/strict';
import type { Tree } from '../../mail-clients/imap-tree.ts';
import { ConnectionLost, ImapWire, type Said } from '../../mail-clients/imap-wire.ts';
import { eventually, pause } from '../../support/holdfast.ts';
import type { Ledger } from './ledger.ts';
import { type Manner, Picture, type Silence } from './picture.ts';

/** The role has to be started anew, and all sign in again. */
const BACK_MS = 90_000;

export interface PlayerOptions {
  readonly number: number;
  readonly manner: Manner;
  readonly mailbox: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly ledger: Ledger;
}

export class Player implements AsyncDisposable {
  readonly options: PlayerOptions;
  mailbox: string;
  picture: Picture;
  /** The last commands and answers, for a test that fails. */
  readonly history: string[] = [];
  #wire: ImapWire | null = null;
  /** A mod-sequence up to which all was told: known after NOOP, or when a mailbox is opened. */
  #quietAt = 0;

  constructor(options: PlayerOptions) {
    this.options = options;
    this.mailbox = options.mailbox;
    this.picture = new Picture(options.manner);
  }

  get ledger(): Ledger {
    return this.options.ledger;
  }

  get wire(): ImapWire {
    assert.ok(this.#wire !== null, 'not connected');
    return this.#wire;
  }

  /** Connects, signs in, and opens the mailbox that it had open; tries until the service is back. */
  async connect(): Promise<void> {
    await eventually(`player ${this.options.number} is signed in`, () => this.#connectOnce(), BACK_MS);
    await this.select(this.mailbox, 'resume');
  }

  async #connectOnce(): Promise<boolean> {
    await this.leave();
    const { port, user, password, manner } = this.options;
    try {
      this.#wire = await ImapWire.open(port);
      if ((await this.#wire.login(user, password)).verdict !== 'OK') return false;
      if (manner !== 'plain') await this.does(`ENABLE ${manner.toUpperCase()}`);
      return true;
    } catch (error) {
      this.#note(`could not connect: ${error instanceof Error ? error.message.slice(0, 100) : 'unknown'}`);
      return false;
    }
  }

  /** Drops the connection without a word. */
  async leave(): Promise<void> {
    await this.#wire?.[Symbol.asyncDispose]();
    this.#wire = null;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  /** Opens a mailbox: anew, or from what is known of it where the client has QRESYNC. */
  async select(mailbox: string, how: 'anew' | 'resume'): Promise<void> {
    const { manner } = this.options;
    const { places, uidValidity } = this.picture;
    const known = places.filter(({ uid }) => uid !== null);
    const resumes = how === 'resume' && manner === 'qresync' && mailbox === this.mailbox && known.length > 0;
    const picture = new Picture(manner, resumes ? known : []);
    if (resumes) picture.uidValidity = uidValidity;
    picture.onGone = (uid) => {
      this.ledger.entry(mailbox, uid).gone = true;
    };
    this.picture = picture;
    this.mailbox = mailbox;
    const [modSeq, highest] = [this.ledger.modSeqOf(mailbox), this.ledger.highest(mailbox)];
    await this.does(resumes ? `SELECT ${mailbox} (QRESYNC (${uidValidity} ${this.#quietAt}))` : `SELECT ${mailbox}`);
    picture.opened();
    this.ledger.sameMailbox(mailbox, picture.uidValidity);
    assert.ok(picture.modSeq >= modSeq, `HIGHESTMODSEQ fell from ${modSeq} to ${picture.modSeq}`);
    assert.ok(picture.uidNext > highest, `UIDNEXT is ${picture.uidNext}, and ${highest} is given`);
    this.#quietAt = picture.openedAt;
    await this.learn();
  }

  /** Sends a command that must be answered OK. */
  async does(...parts: readonly (string | Buffer)[]): Promise<Said> {
    const said = await this.says(parts);
    assert.equal(said.verdict, 'OK', `${parts.join('')} was answered ${said.verdict} ${JSON.stringify(said.code)}`);
    return said;
  }

  /** Sends a command; its answer may be NO because somebody else was faster (RFC 9051 §7.1, EXPUNGEISSUED). */
  async says(parts: readonly (string | Buffer)[], silence: Silence | null = null): Promise<Said> {
    const { picture } = this;
    const line = parts.map((part) => (typeof part === 'string' ? part : `{${part.length}}`)).join('');
    picture.held = /^(FETCH|STORE|SEARCH)/.test(line);
    picture.reads = /^(UID )?FETCH/.test(line);
    picture.silence = silence;
    this.#note(`> ${line}`);
    this.#listens();
    const said = await this.wire.command(...parts);
    return this.#answered(line, said);
  }

  #answered(line: string, said: Said): Said {
    const { picture } = this;
    this.#note(`< ${said.verdict} ${JSON.stringify(said.code)}`);
    picture.held = false;
    picture.reads = false;
    picture.silence = null;
    picture.takeCode(said.code);
    this.ledger.toldModSeq(this.mailbox, picture.modSeq);
    for (const { uid } of picture.places) if (uid !== null) this.ledger.entry(this.mailbox, uid);
    const excused = said.verdict === 'NO' && said.code[0] === 'EXPUNGEISSUED';
    assert.ok(said.verdict === 'OK' || excused, `${line} was answered ${said.verdict} ${JSON.stringify(said.code)}`);
    return said;
  }

  /** Learns UIDs and flags of what is new. */
  async learn(): Promise<void> {
    for (let from = this.#unlearned(); from > 0; from = this.#unlearned()) await this.#learnFrom(from);
  }

  // What has gone can't be learned; NOOP says that it has.
  async #learnFrom(number: number): Promise<void> {
    const items = `(UID FLAGS${this.modSeqToo()} EMAILID)`;
    const said = await this.says([`FETCH ${number}:${this.picture.places.length} ${items}`]);
    if (said.verdict !== 'OK') await this.catchUp();
  }

  #unlearned(): number {
    return this.picture.places.findIndex(({ uid, flags }) => uid === null || flags === null) + 1;
  }

  modSeqToo(): string {
    return this.options.manner === 'plain' ? '' : ' MODSEQ';
  }

  /** NOOP tells all that happened. */
  async catchUp(): Promise<void> {
    await this.does('NOOP');
    this.#allTold();
  }

  /** IDLE until `enough`, which is looked at behind each thing that is told. */
  async idlesUntil(enough: () => boolean): Promise<void> {
    const tag = await this.#idles();
    while (!enough()) await this.wire.untagged();
    await this.#idlesNoMore(tag);
  }

  async idlesFor(ms: number): Promise<void> {
    const tag = await this.#idles();
    await pause(ms);
    await this.#idlesNoMore(tag);
  }

  async #idles(): Promise<string> {
    this.#note('> IDLE');
    this.#listens();
    const tag = await this.wire.begin('IDLE');
    await this.wire.continued(tag);
    return tag;
  }

  async #idlesNoMore(tag: string): Promise<void> {
    this.wire.line('DONE');
    this.#answered('IDLE', await this.wire.end(tag));
    this.#allTold();
  }

  // What was told by its number alone is not known yet.
  #allTold(): void {
    if (this.picture.isLearned) this.#quietAt = this.picture.modSeq;
  }

  #listens(): void {
    const { picture } = this;
    this.wire.heard = (words) => {
      this.#note(`  ${short(words)}`);
      picture.take(words);
    };
  }

  #note(line: string): void {
    this.history.push(line);
    if (this.history.length > 400) this.history.shift();
  }
}

/** Whether the service, or its process, went away in the midst of it. */
export function isLost(error: unknown): boolean {
  return error instanceof ConnectionLost;
}

function short(words: readonly Tree[]): string {
  return JSON.stringify(words).slice(0, 300);
}
