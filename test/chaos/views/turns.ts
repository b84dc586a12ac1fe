/** What a player does in one turn, by chance: commands that change, commands that look, and ways to go and come back. */

import assert from 'node:assert/strict';
import type { Tree } from '../../mail-clients/imap-tree.ts';
import type { Said } from '../../mail-clients/imap-wire.ts';
import { pause } from '../../support/holdfast.ts';
import { flagsOf, numberIn } from './counting.ts';
import { type Entry, idOf } from './ledger.ts';
import { type Fate, fateOf, letter, nameOf } from './letters.ts';
import { after, itemsOf, type Place, uidsIn } from './picture.ts';
import type { Player } from './player.ts';

export const MAILBOXES = ['INBOX', 'Work'] as const;
export const PLAYERS = 8;

const SHARED = ['\\Seen', '\\Flagged', '\\Answered', '$Label1'];
const OWN = ['mine1', 'mine2'];
const IDLE_MS = 60;
const AWAY_MS = 400;
/** Rises of a counter that each tries in a row. */
const RACE = 5;

export type Roll = () => number;

type Turn = (player: Player, roll: Roll) => Promise<unknown>;

/** Turns and how often each comes. */
const TURNS: readonly (readonly [number, Turn])[] = [
  [3, (player) => player.catchUp()],
  [3, (player, roll) => player.idlesFor(roll() * IDLE_MS)],
  [6, look],
  [2, search],
  [6, storeShared],
  [6, storeOwn],
  [5, count],
  [4, markDeleted],
  [2, (player) => expunge(player, null)],
  [3, expungeSome],
  [4, (player, roll) => copyOrMove(player, roll, 'COPY')],
  [5, (player, roll) => copyOrMove(player, roll, 'MOVE')],
  [8, append],
  [1, status],
  [2, (player, roll) => player.select(pick(roll, MAILBOXES) ?? 'INBOX', roll() < 0.5 ? 'resume' : 'anew')],
  [2, goAway],
];

/** While it is away, the others go on. */
async function goAway(player: Player, roll: Roll): Promise<void> {
  await player.leave();
  await pause(roll() * AWAY_MS);
  await player.connect();
}

const BAG = TURNS.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));

/** One turn; then what is new is learned, as clients do. */
export async function turn(player: Player, roll: Roll): Promise<void> {
  const act = pick(roll, BAG) ?? look;
  await act(player, roll);
  if (roll() < 0.7) await player.learn();
}

// ── Looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function look(player: Player, roll: Roll): Promise<void> {
  const named = some(player, roll, () => true, 6);
  if (named === null) return;
  const items = pick(roll, [
    'FLAGS',
    'UID FLAGS',
    'ENVELOPE RFC822.SIZE',
    'UID BODY.PEEK[]',
    'UID EMAILID',
    'BODYSTRUCTURE',
  ]);
  const said = await player.says([`${named.words('FETCH')} (${items}${player.modSeqToo()})`]);
  for (const words of said.untagged) if (words[1] === 'FETCH') compare(player, itemsOf(words[2]));
}

/** What was read is the letter. */
function compare(player: Player, items: ReadonlyMap<string, Tree>): void {
  if (!items.has('UID')) return;
  const entry = player.ledger.entry(player.mailbox, Number(items.get('UID')));
  const [id, body, emailId] = [idOf(entry), items.get('BODY[]'), items.get('EMAILID')];
  if (id === null) return;
  if (typeof body === 'string') assert.equal(body.slice(1), letter(id).toString('latin1'), `octets of ${id}`);
  if (Array.isArray(emailId)) player.ledger.sameEmailId(id, String(emailId[0]));
}

async function search(player: Player, roll: Roll): Promise<void> {
  const words = pick(roll, ['SEARCH ALL', 'UID SEARCH ALL', 'SEARCH UNSEEN', 'UID SEARCH KEYWORD mine1', 'SEARCH 1:*']);
  await player.says([words ?? 'SEARCH ALL']);
}

async function status(player: Player, roll: Roll): Promise<void> {
  const mailbox = pick(roll, MAILBOXES) ?? 'INBOX';
  const [modSeq, highest] = [player.ledger.modSeqOf(mailbox), player.ledger.highest(mailbox)];
  const { untagged } = await player.does(`STATUS ${mailbox} (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ)`);
  const counts = itemsOf(untagged.find(([word]) => word === 'STATUS')?.[2]);
  player.ledger.sameMailbox(mailbox, Number(counts.get('UIDVALIDITY')));
  assert.ok(Number(counts.get('UIDNEXT')) > highest, 'UIDNEXT is above all that are given');
  assert.ok(Number(counts.get('HIGHESTMODSEQ')) >= modSeq, 'HIGHESTMODSEQ never falls');
}

// ── Flags ────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function storeShared(player: Player, roll: Roll): Promise<void> {
  const named = some(player, roll, (fate) => fate !== 'counts', 4);
  if (named !== null) await store(player, roll, named, pick(roll, ['+', '-']) ?? '+', chosen(roll, SHARED));
}

/** Keywords that nobody else touches, on messages that are this player's; there it may replace all flags too. */
async function storeOwn(player: Player, roll: Roll): Promise<void> {
  const how = pick(roll, ['+', '-', '']) ?? '+';
  const fits = (fate: Fate, { uid }: Entry): boolean =>
    uid % PLAYERS === player.options.number && fate !== 'counts' && (how !== '' || fate !== 'dies');
  const named = some(player, roll, fits, 4);
  if (named === null) return;
  const flags = how === '' ? [...chosen(roll, OWN), ...chosen(roll, SHARED)] : chosen(roll, OWN);
  const before = named.entries.map((entry) => [entry, new Map(entry.own)] as const);
  const changed = how === '' ? OWN : flags.filter((flag) => OWN.includes(flag));
  for (const { own } of named.entries) for (const flag of changed) own.set(flag, 'in doubt');
  const modified = await store(player, roll, named, how, flags);
  for (const [entry, own] of before) {
    for (const flag of changed)
      if (!modified.has(entry.uid)) entry.own.set(flag, how !== '-' && flags.includes(flag) ? 'on' : 'off');
      else if (own.has(flag)) entry.own.set(flag, own.get(flag) ?? 'in doubt');
      else entry.own.delete(flag);
  }
}

async function markDeleted(player: Player, roll: Roll): Promise<void> {
  const named = some(player, roll, (fate) => fate === 'dies', 3);
  if (named === null) return;
  for (const entry of named.entries) if (entry.marked === 'no') entry.marked = 'perhaps';
  await store(player, () => 0, named, '+', ['\\Deleted']);
  for (const entry of named.entries) entry.marked = 'surely';
}

/** STORE in one of its forms; the UIDs of what was left as it is. */
async function store(
  player: Player,
  roll: Roll,
  named: Named,
  how: string,
  flags: readonly string[],
): Promise<ReadonlySet<number>> {
  const { picture, options } = player;
  const silently = roll() > 0.6;
  const unchanged = options.manner !== 'plain' && roll() > 0.6;
  const since = unchanged ? ` (UNCHANGEDSINCE ${Math.max(...named.places.map(({ modSeq }) => modSeq))})` : '';
  const silence = silently ? { how, flags } : null;
  // Without mod-sequences nothing is said of what is as the client wants it.
  if (silence !== null && options.manner === 'plain')
    for (const place of named.places) place.flags = after(place.flags, silence);
  const numbers = new Map(named.places.map((place) => [picture.places.indexOf(place) + 1, place.uid ?? 0]));
  const said = await player.says(
    [`${named.words('STORE')}${since} ${how}FLAGS${silently ? '.SILENT' : ''} (${flags.join(' ')})`],
    silence,
  );
  const modified = said.code[0] === 'MODIFIED' ? uidsIn(said.code[1]) : [];
  return new Set(named.byUid ? modified : modified.map((number) => numbers.get(number) ?? 0));
}

/** All who can raise the counter of their mailbox do so at once. */
export async function raceToCount(player: Player): Promise<void> {
  for (let n = 0; n < RACE; n++) await count(player);
}

/** Raises the number in the flags of the counter by one, if nobody else has meanwhile. */
async function count(player: Player): Promise<void> {
  const { ledger, mailbox, picture, options } = player;
  if (options.manner === 'plain') return;
  const place = picture.places.find(({ uid }) => uid !== null && fateAt(player, uid) === 'counts');
  if (place?.uid === undefined || place.uid === null || place.flags === null || place.modSeq === 0) return;
  const value = numberIn(place.flags) + 1;
  const attempt = ledger.intends({ kind: 'count', to: mailbox, value });
  const since = `(UNCHANGEDSINCE ${place.modSeq})`;
  const said = await player.says([`UID STORE ${place.uid} ${since} FLAGS (${flagsOf(value).join(' ')})`]);
  if (said.code[0] === 'MODIFIED') attempt.state = 'not done';
  else ledger.counted(attempt);
}

// ── Coming and going ─────────────────────────────────────────────────────────────────────────────────────────────────

async function append(player: Player, roll: Roll): Promise<void> {
  const { ledger } = player;
  const to = pick(roll, MAILBOXES) ?? 'INBOX';
  const ids = Array.from({ length: roll() < 0.3 ? 3 : 1 }, () => nameOf(ledger.nextNumber()));
  const attempt = ledger.intends({ kind: 'append', to, ids });
  const said = await player.does(
    `APPEND ${to} (\\Seen) `,
    ...ids.flatMap((id, at) => [...(at > 0 ? [' '] : []), letter(id)]),
  );
  ledger.appended(attempt, Number(said.code[1]), uidsIn(said.code[2]));
}

async function copyOrMove(player: Player, roll: Roll, verb: 'COPY' | 'MOVE'): Promise<void> {
  const { ledger, mailbox: from } = player;
  const moves = verb === 'MOVE';
  const named = some(player, roll, (fate) => fate !== 'counts' && (!moves || fate !== 'stays'), 3);
  if (named === null) return;
  const other = MAILBOXES.find((mailbox) => mailbox !== from) ?? from;
  const to = roll() < 0.8 ? other : from;
  const uids = named.entries.map(({ uid }) => uid);
  const attempt = ledger.intends({ kind: moves ? 'move' : 'copy', from, uids, to });
  const said = await player.says([`${named.words(verb)} ${to}`]);
  const code = copyUidIn(said);
  if (code === null) attempt.state = 'not done';
  else ledger.copied(attempt, Number(code[1]), uidsIn(code[2]), uidsIn(code[3]));
}

/** RFC 6851 §4.3: of a MOVE, COPYUID comes before. */
function copyUidIn({ code, untagged }: Said): readonly Tree[] | null {
  const codes = [code, ...untagged.map(([, told]) => told)];
  return codes.find((told): told is readonly Tree[] => Array.isArray(told) && told[0] === 'COPYUID') ?? null;
}

async function expungeSome(player: Player, roll: Roll): Promise<void> {
  const named = some(player, roll, (fate) => fate === 'dies', 4);
  if (named !== null)
    await expunge(
      player,
      named.entries.map(({ uid }) => uid),
    );
}

async function expunge(player: Player, uids: readonly number[] | null): Promise<void> {
  const attempt = player.ledger.intends({ kind: 'expunge', from: player.mailbox, uids });
  await player.does(uids === null ? 'EXPUNGE' : `UID EXPUNGE ${uids.join(',')}`);
  attempt.state = 'done';
}

// ── Naming messages ──────────────────────────────────────────────────────────────────────────────────────────────────

interface Named {
  readonly places: readonly Place[];
  readonly entries: readonly Entry[];
  readonly byUid: boolean;
  /** The command's begin with its set. */
  words(verb: string): string;
}

/** Some messages that fit, by number or by UID; null where none does. */
function some(player: Player, roll: Roll, fits: (fate: Fate, entry: Entry) => boolean, most: number): Named | null {
  const { picture, ledger, mailbox } = player;
  const fit = picture.places.filter(({ uid }) => {
    const fate = uid === null ? null : fateAt(player, uid);
    return uid !== null && fate !== null && fits(fate, ledger.entry(mailbox, uid));
  });
  if (fit.length === 0) return null;
  const from = Math.floor(roll() * fit.length);
  const places =
    roll() < 0.5
      ? fit.slice(from, from + 1 + Math.floor(roll() * most))
      : [...new Set(Array.from({ length: most }, () => pick(roll, fit) ?? (fit[0] as Place)))];
  const byUid = roll() < 0.5;
  const set = places.map((place) => (byUid ? place.uid : picture.places.indexOf(place) + 1)).join(',');
  return {
    places,
    entries: places.map(({ uid }) => ledger.entry(mailbox, uid ?? 0)),
    byUid,
    words: (verb) => `${byUid ? 'UID ' : ''}${verb} ${set}`,
  };
}

/** Null where nobody knows what letter it is. */
function fateAt({ ledger, mailbox }: Player, uid: number): Fate | null {
  const id = idOf(ledger.entry(mailbox, uid));
  return id === null ? null : fateOf(id);
}

function pick<T>(roll: Roll, from: readonly T[]): T | undefined {
  return from[Math.floor(roll() * from.length)];
}

/** At least one. */
function chosen(roll: Roll, from: readonly string[]): readonly string[] {
  const some = from.filter(() => roll() < 0.4);
  return some.length > 0 ? some : from.slice(0, 1);
}
