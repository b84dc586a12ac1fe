/**
 * The game: eight sessions of one user at two mailboxes do at random what mail programs do, while the process of the mailboxes is killed again
 * and again. In each round:
 *
 *   play ──▶ (kill -9, all come back) ──▶ quiet: NOOP or IDLE ──▶ every picture is compared with what a fresh session finds ──▶ settlement
 */
import assert from 'node:assert/strict';
import { die } from '#/drills/kit/index.ts';
import { unquoted } from '../../mail-clients/far-side.ts';
import type { Tree } from '../../mail-clients/imap-tree.ts';
import { ImapWire } from '../../mail-clients/imap-wire.ts';
import { eventually, Holdfast, kill, pause } from '../../support/holdfast.ts';
import { pidOf } from '../../support/steward-kit.ts';
import { Ledger } from './ledger.ts';
import { counterIn, idIn, letter, nameOf } from './letters.ts';
import { inOrder, itemsOf, type Manner, type Place, uidsIn } from './picture.ts';
import { isLost, Player } from './player.ts';
import { type Found, settle, type Truth } from './settlement.ts';
import { MAILBOXES, PLAYERS, type Roll, raceToCount, turn } from './turns.ts';

const USER = 'bob@acme.test';
const PASSWORD = 'battery staple';
const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
      - { address: ${USER}, password: "${PASSWORD}" }
`;
const MANNERS: readonly Manner[] = ['plain', 'condstore', 'qresync'];
const FIRST_LETTERS = 6;
/** A bound for hangs. */
const PLAY_MS = 300_000;

export interface GameOptions {
  readonly seed: number;
  readonly rounds: number;
  /** Of each player in each round. */
  readonly turns: number;
  readonly settings?: string;
  readonly say: (line: string) => void;
}

export interface GameReport {
  readonly turns: number;
  readonly kills: number;
  /** Commands without an answer, and how many of those had happened. */
  readonly doubts: number;
  readonly happened: number;
  readonly letters: number;
}

export async function play(options: GameOptions): Promise<GameReport> {
  await using holdfast = await Holdfast.start({
    mailboxes: true,
    resources: RESOURCES,
    settings: options.settings ?? '',
  });
  await using players = new AsyncDisposableStack();
  const game = new Game(options, holdfast);
  for (const player of game.players) players.use(player);
  await game.begin();
  for (let round = 1; round <= options.rounds; round++) await game.round(round);
  return game.report;
}

class Game {
  readonly report = { turns: 0, kills: 0, doubts: 0, happened: 0, letters: 0 };
  readonly players: readonly Player[];
  readonly #options: GameOptions;
  readonly #holdfast: Holdfast;
  readonly #ledger = new Ledger();
  readonly #roll: Roll;

  constructor(options: GameOptions, holdfast: Holdfast) {
    this.#options = options;
    this.#holdfast = holdfast;
    this.#roll = die(options.seed);
    this.players = Array.from({ length: PLAYERS }, (_, number) => this.#player(number));
  }

  #player(number: number): Player {
    return new Player({
      number,
      manner: MANNERS[number % MANNERS.length] ?? 'plain',
      mailbox: MAILBOXES[Math.floor(number / MANNERS.length) % MAILBOXES.length] ?? 'INBOX',
      port: this.#holdfast.ports.imaps,
      user: USER,
      password: PASSWORD,
      ledger: this.#ledger,
    });
  }

  /** Two mailboxes with some letters and a counter each. */
  async begin(): Promise<void> {
    await using wire = await this.#fresh();
    await wire.command('CREATE Work');
    for (const to of MAILBOXES) {
      const ids = [counterIn(to), ...Array.from({ length: FIRST_LETTERS }, () => nameOf(this.#ledger.nextNumber()))];
      const attempt = this.#ledger.intends({ kind: 'append', to, ids });
      const letters = ids.flatMap((id, at) => [...(at > 0 ? [' '] : []), letter(id)]);
      const said = await wire.command(`APPEND ${to} `, ...letters);
      assert.equal(said.verdict, 'OK');
      this.#ledger.appended(attempt, Number(said.code[1]), uidsIn(said.code[2]));
    }
    for (const player of this.players) await player.connect();
  }

  async round(round: number): Promise<void> {
    const kills = round % 2 === 0;
    const began = performance.now();
    await this.#withHistory(async () => {
      await Promise.all(this.players.map((player) => raceToCount(player)));
      await this.#playOn(kills);
      await this.#quiet();
      const truths = await this.#look();
      for (const player of this.players) this.#compare(player, truths);
      const { doubts, happened } = settle(this.#ledger, truths);
      this.report.doubts += doubts;
      this.report.happened += happened;
      const counts = [...truths]
        .map(([mailbox, { found, modSeq }]) => `${mailbox} ${found.length} (${modSeq})`)
        .join(', ');
      this.report.letters = [...truths.values()].reduce((sum, { found }) => sum + found.length, 0);
      const took = Math.round(performance.now() - began);
      this.#options.say(
        `round ${round}${kills ? ' with a kill' : ''}: ${took} ms, ${counts}, ${doubts} in doubt, ${happened} happened`,
      );
    });
  }

  /** All play; with a kill, until it has cut them off, and without one a sleeper comes back at the end. */
  async #playOn(kills: boolean): Promise<void> {
    const { turns } = this.#options;
    const killAt = this.report.turns + Math.ceil(turns * PLAYERS * (0.2 + 0.8 * this.#roll()));
    const sleeper = kills ? undefined : this.#sleeper();
    await sleeper?.leave();
    let over = false;
    const awake = this.players.filter((player) => player !== sleeper);
    const playing = awake.map(async (player) => {
      // Each has a die of its own: what one does must not hang on how fast the others are.
      const roll = die(Math.floor(this.#roll() * 2 ** 31));
      try {
        for (let n = 0; !over && (kills || n < turns); n++, this.report.turns++) await turn(player, roll);
      } catch (error) {
        over = true;
        if (!kills || !isLost(error)) throw error;
      }
    });
    const killing = async (): Promise<void> => {
      await eventually('they play', () => over || this.report.turns >= killAt, PLAY_MS);
      if (!over) await this.#kill();
    };
    await Promise.all([...playing, ...(kills ? [killing()] : [])]);
    if (kills) await Promise.all(this.players.map((player) => player.connect()));
    else await sleeper?.connect();
  }

  /** One who misses a whole round, and is told of it by QRESYNC. */
  #sleeper(): Player | undefined {
    const able = this.players.filter(({ options }) => options.manner === 'qresync');
    return able[Math.floor(this.#roll() * able.length)];
  }

  async #kill(): Promise<void> {
    const pid = await pidOf(this.#holdfast, 'mail');
    await pause(this.#roll() * 20);
    assert.ok(kill(pid));
    this.report.kills += 1;
  }

  /** Half of them ask what is new, the others are told in IDLE. */
  async #quiet(): Promise<void> {
    const truths = await this.#look();
    await Promise.all(
      this.players.map(async (player) => {
        if (player.options.number % 2 === 0) await player.catchUp();
        else await player.idlesUntil(() => couldBe(player.picture.places, truths.get(player.mailbox)?.found ?? []));
        await player.learn();
      }),
    );
  }

  #compare({ options, mailbox, picture }: Player, truths: ReadonlyMap<string, Truth>): void {
    const truth = truths.get(mailbox);
    const told = picture.places.map(({ uid, flags }) => `${uid} ${flags}`);
    const there = truth?.found.map(({ uid, flags }) => `${uid} ${flags}`);
    assert.deepEqual(told, there, `player ${options.number} (${options.manner}) sees ${mailbox} otherwise`);
  }

  async #look(): Promise<ReadonlyMap<string, Truth>> {
    await using wire = await this.#fresh();
    const truths = new Map<string, Truth>();
    for (const mailbox of MAILBOXES) truths.set(mailbox, await truthOf(wire, mailbox));
    return truths;
  }

  async #fresh(): Promise<ImapWire> {
    const wire = await ImapWire.open(this.#holdfast.ports.imaps);
    assert.equal((await wire.login(USER, PASSWORD)).verdict, 'OK');
    return wire;
  }

  async #withHistory(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      for (const { options, history } of this.players)
        this.#options.say(`player ${options.number} (${options.manner}):\n${history.slice(-60).join('\n')}`);
      throw error;
    }
  }
}

/** Whether a client that does not know all UIDs and flags yet sees this. */
function couldBe(places: readonly Place[], found: readonly Found[]): boolean {
  const fits = ({ uid, flags }: Place, at: number): boolean =>
    (uid === null || uid === found[at]?.uid) && (flags === null || flags === found[at]?.flags);
  return places.length === found.length && places.every(fits);
}

async function truthOf(wire: ImapWire, mailbox: string): Promise<Truth> {
  const { untagged: told } = await wire.command(`EXAMINE ${mailbox}`);
  const codes = new Map(told.flatMap(([, code]) => (Array.isArray(code) ? [[String(code[0]), Number(code[1])]] : [])));
  const { verdict, untagged } = await wire.command('UID FETCH 1:* (UID FLAGS MODSEQ EMAILID BODY.PEEK[])');
  assert.equal(verdict, 'OK');
  const found = untagged.filter(([, word]) => word === 'FETCH').map(([, , items]) => foundIn(itemsOf(items)));
  const [uidValidity = 0, uidNext = 0, modSeq = 0] = ['UIDVALIDITY', 'UIDNEXT', 'HIGHESTMODSEQ'].map((name) =>
    codes.get(name),
  );
  return { uidValidity, uidNext, modSeq, found };
}

function foundIn(items: ReadonlyMap<string, Tree>): Found {
  const octets = unquoted(items.get('BODY[]'));
  return {
    uid: Number(items.get('UID')),
    flags: inOrder([items.get('FLAGS') ?? []].flat()),
    modSeq: Number([items.get('MODSEQ')].flat()[0]),
    emailId: String([items.get('EMAILID')].flat()[0]),
    id: idIn(octets),
    octets,
  };
}
