/** Several clients at one mailbox, at random: each keeps its own picture from what it is told, and in the end all pictures are the mailbox. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ImapFixture, type ImapPeer } from '#/testkit/index.ts';

type Act =
  | { readonly kind: 'put' }
  | { readonly kind: 'noop' | 'expunge' | 'idle' | 'search' }
  | { readonly kind: 'fetch' | 'store' | 'silent' | 'move'; readonly uid: boolean; readonly pick: number };

/** A client's picture of the mailbox, by number. */
class Picture {
  readonly peer: ImapPeer;
  readonly seen: { uid: number | null; flags: string | null }[] = [];

  constructor(peer: ImapPeer) {
    this.peer = peer;
  }

  async act(act: Exclude<Act, { kind: 'put' }>): Promise<void> {
    if ('pick' in act) await this.#actOn(act);
    else if (act.kind === 'idle') await this.#idle();
    else await this.#ask(act.kind === 'search' ? 'SEARCH ALL' : act.kind.toUpperCase());
  }

  async #actOn({ kind, uid, pick }: Extract<Act, { pick: number }>): Promise<void> {
    if (this.seen.length === 0) return;
    const at = pick % this.seen.length;
    const place = this.seen[at];
    if (uid && (place?.uid ?? null) === null) return;
    const [prefix, name] = uid ? ['UID ', place?.uid] : ['', at + 1];
    if (kind === 'fetch') await this.#ask(`${prefix}FETCH ${name} (UID FLAGS)`);
    else if (kind === 'move') await this.#ask(`${prefix}MOVE ${name} Archive`);
    else {
      // Silence says: it is as you wanted, unless something else is said.
      if (kind === 'silent' && typeof place?.flags === 'string') place.flags = flags(`${place.flags} \\Flagged`);
      await this.#ask(
        `${prefix}STORE ${name} ${kind === 'silent' ? '+FLAGS.SILENT (\\Flagged)' : '+FLAGS (\\Deleted)'}`,
      );
    }
  }

  async #idle(): Promise<void> {
    this.peer.says('i1 IDLE');
    await this.peer.hears('+');
    this.peer.says('DONE');
    for (const line of await this.peer.hearsUpTo('i1')) this.#take(line);
  }

  async #ask(command: string): Promise<void> {
    for (const line of await this.peer.asks(command)) this.#take(line);
  }

  #take(line: string): void {
    const exists = /^\* (\d+) EXISTS$/.exec(line);
    if (exists !== null) {
      assert.ok(Number(exists[1]) >= this.seen.length, 'EXISTS never falls');
      while (this.seen.length < Number(exists[1])) this.seen.push({ uid: null, flags: null });
    }
    const expunge = /^\* (\d+) EXPUNGE$/.exec(line);
    if (expunge !== null) assert.equal(this.seen.splice(Number(expunge[1]) - 1, 1).length, 1, line);
    const vanished = /^\* VANISHED (\S+)$/.exec(line);
    if (vanished !== null) this.#vanish(vanished[1] ?? '');
    const fetch = /^\* (\d+) FETCH \((.*)\)$/.exec(line);
    if (fetch !== null) this.#takeFetch(Number(fetch[1]), fetch[2] ?? '');
  }

  #takeFetch(number: number, items: string): void {
    const place = this.seen[number - 1];
    assert.ok(place !== undefined, `FETCH of a message that nobody has told of: ${number}`);
    const uid = /UID (\d+)/.exec(items)?.[1];
    if (uid !== undefined) {
      assert.ok(place.uid === null || place.uid === Number(uid), 'a number never means another message');
      place.uid = Number(uid);
    }
    const told = /FLAGS \(([^)]*)\)/.exec(items)?.[1];
    if (told !== undefined) place.flags = flags(told);
  }

  #vanish(set: string): void {
    for (const range of set.split(',')) {
      const [from = 0, to = from] = range.split(':').map(Number);
      for (let uid = from; uid <= to; uid++) {
        const at = this.seen.findIndex((place) => place.uid === uid);
        // A client that has not fetched its UID yet asks for what it has.
        if (at >= 0) this.seen.splice(at, 1);
      }
    }
  }

  /** Learns the UIDs of what is new, as clients do. */
  async learn(): Promise<void> {
    if (this.seen.some(({ uid }) => uid === null)) await this.#ask('UID FETCH 1:* (UID FLAGS)');
  }
}

function flags(text: string): string {
  return [...new Set(text.split(' ').filter((flag) => flag !== ''))].sort().join(' ');
}

const pick = fc.nat(20);
const acts = fc.oneof(
  fc.constant({ kind: 'put' } as const),
  fc.record({ kind: fc.constantFrom('noop', 'expunge', 'expunge', 'idle', 'search') }),
  fc.record({ kind: fc.constantFrom('fetch', 'store', 'store', 'silent', 'move'), uid: fc.boolean(), pick }),
);

test('O4: whatever several clients do, each one’s picture of the mailbox becomes the mailbox', async () => {
  const script = fc.array(fc.tuple(fc.nat(2), acts), { minLength: 1, maxLength: 40 });
  await fc.assert(fc.asyncProperty(script, walk), { numRuns: 15 });
});

async function walk(script: readonly (readonly [number, Act])[]): Promise<void> {
  await using imap = await ImapFixture.start();
  await imap.put(Array.from({ length: 6 }, (_, i) => `Subject: ${i}\n\n${i}\n`));
  const pictures = [0, 1, 2].map(() => null as Picture | null);
  for (const [at] of pictures.entries()) {
    const peer = await imap.signedIn();
    // The last one hears VANISHED.
    if (at === 2) await peer.does('ENABLE QRESYNC');
    await peer.does('SELECT INBOX');
    const picture = new Picture(peer);
    for (let i = 0; i < 6; i++) picture.seen.push({ uid: null, flags: null });
    await picture.learn();
    pictures[at] = picture;
  }
  for (const [who, act] of script) {
    if (act.kind === 'put') await imap.put(['Subject: x\n\nx\n']);
    else await pictures[who]?.act(act);
    await pictures[2]?.learn();
  }
  for (const picture of pictures) {
    await picture?.act({ kind: 'noop' });
    await picture?.learn();
  }
  using fresh = await imap.selected();
  const truth = new Picture(fresh);
  for (const line of await fresh.does('UID FETCH 1:* (UID FLAGS)')) {
    const [, uid, told = ''] = /UID (\d+) FLAGS \(([^)]*)\)/.exec(line) ?? [];
    truth.seen.push({ uid: Number(uid), flags: flags(told) });
  }
  for (const picture of pictures) assert.deepEqual(picture?.seen, truth.seen);
  for (const picture of pictures) picture?.peer[Symbol.dispose]();
}
