/** A foreign server's mail to Holdfast: as to an MX, and signed in to its submission port. */
import { type CellName, type Column, insist, type Result, runColumn, type Trial, YES } from './cells.ts';
import { type ContentKind, carries, contentOf, names } from './contents.ts';
import { codes, type Handed, hand, type Parcel } from './hand.ts';
import { type House, isReport, type Place, statusIn, until } from './house.ts';
import type { KeptMail } from './keeper.ts';
import type { ForeignServer } from './peer.ts';
import type { Tap } from './tap.ts';

const RECIPIENTS = 120;
const FLUSH_MS = 2_000;

interface Way {
  readonly house: House;
  readonly place: Place;
  readonly server: ForeignServer;
  readonly direction: 'mx' | 'submission';
  /** Who gets the usual mail. */
  readonly to: string;
  /** A domain whose every user gets mail by this way. */
  readonly domain: string;
}

/** All cells of one direction. */
export function fromServer(
  house: House,
  place: Place,
  server: ForeignServer,
  direction: 'mx' | 'submission',
): Promise<Column> {
  const domain = direction === 'mx' ? 'acme.test' : 'plain.world.test';
  const way = { house, place, server, direction, domain, to: `bob@${domain}` };
  return runColumn({ ...common(way), ...(direction === 'mx' ? onlyMx(way) : onlySubmission(way)) });
}

function common(way: Way): Partial<Record<CellName, Trial>> {
  return {
    plain: () => whole(way, 'plain'),
    dots: () => whole(way, 'dots'),
    eightBit: () => whole(way, 'eightBit', { mailWords: 'BODY=8BITMIME' }),
    longLine: () => whole(way, 'longLine'),
    large: () => whole(way, 'large'),
    utf8: () => utf8(way),
    dsnKept: () => dsnKept(way),
    size: () => tooLarge(way),
    many: () => many(way),
    bareLf: () => unfit(way, 'bareLf'),
    nul: () => unfit(way, 'nul'),
  };
}

function onlyMx(way: Way): Partial<Record<CellName, Trial>> {
  return {
    pipelining: () => pipelining(way),
    chunking: () => chunking(way),
    reuse: () => reuse(way),
    startTls: () => secured(way, 'startTls', 'bob@tls.acme.test', /with (?:UTF8S|E)SMTPS /),
    requireTls: async () => ({ mark: 'not offered', why: way.server.name }),
    bounce: () => bounce(way),
    nullSender: () => nullSender(way),
    later: () => later(way),
  };
}

function onlySubmission(way: Way): Partial<Record<CellName, Trial>> {
  const signedIn = /with (?:UTF8S|E)SMTPSA /;
  return {
    startTls: () => secured(way, 'startTls', way.to, signedIn),
    authPlain: () => secured(way, 'authPlain', way.to, signedIn),
    authLogin: async () => {
      // It takes the first mechanism that it knows.
      if (way.server.name === 'opensmtpd') return { mark: 'not used', why: 'opensmtpd' };
      return secured(way, 'authLogin', 'bob@login.world.test', signedIn);
    },
  };
}

/** What it is called, and what Holdfast shall know its sender as. */
function tokenOf({ server, direction }: Way, cell: string): string {
  return `${server.name}-${direction}-${cell}`;
}

function give(way: Way, cell: string, content: Buffer, parcel: Partial<Parcel> = {}): Promise<Handed> {
  // Reports to this domain come home, so that a mail that is given up is known too.
  const sender = `${tokenOf(way, cell)}@back.test`;
  return hand(way.place.surroundings.ports.plain, { sender, recipients: [way.to], content, ...parcel });
}

async function whole(way: Way, kind: ContentKind, parcel: Partial<Parcel> = {}): Promise<Result> {
  const token = tokenOf(way, kind);
  const content = contentOf(token, kind);
  await deliver(way, kind, content, parcel);
  return YES;
}

/** Hands it over, waits, and compares octets. */
async function deliver(way: Way, cell: string, content: Buffer, parcel: Partial<Parcel> = {}): Promise<KeptMail> {
  const { name } = way.server;
  const { taken, reply } = await give(way, cell, content, parcel);
  insist(taken, `refused by ${name} (${codes(reply)})`);
  const token = tokenOf(way, cell);
  const mail = await way.house.outcome(token);
  insist(mail !== null, 'did not arrive');
  insist(!isReport(mail), `given up: ${statusIn(mail)}`);
  insist(carries(mail.content, content, 'CRLF'), `changed by ${name}`);
  return mail;
}

async function utf8(way: Way): Promise<Result> {
  const content = contentOf(tokenOf(way, 'utf8'), 'plain', { utf8: true });
  const to = way.direction === 'mx' ? '用户@例え.test' : `用户@${way.domain}`;
  const sender = '差出人@back.test';
  const { offered } = await give(way, 'utf8-look', contentOf('look', 'plain'), { recipients: [way.to] });
  if (!offered.includes('SMTPUTF8')) return { mark: 'not offered', why: way.server.name };
  const mail = await deliver(way, 'utf8', content, { sender, recipients: [to], mailWords: 'SMTPUTF8' });
  insist(mail.sender === sender, 'the sender changed');
  insist(
    mail.recipients.some(({ address }) => address === to),
    'the recipient changed',
  );
  insist(mail.mailWords.includes('SMTPUTF8'), 'SMTPUTF8 was lost');
  return YES;
}

async function pipelining(way: Way): Promise<Result> {
  await deliver(way, 'pipelining', contentOf(tokenOf(way, 'pipelining'), 'plain'));
  const pieces = tapped(way.place.in, tokenOf(way, 'pipelining')).flatMap(({ said }) => said);
  return pieces.some((piece) => /^MAIL FROM:.*\r\nRCPT TO:/m.test(piece))
    ? YES
    : { mark: 'not used', why: way.server.name };
}

async function chunking(way: Way): Promise<Result> {
  await deliver(way, 'chunking', contentOf(tokenOf(way, 'chunking'), 'plain'));
  const pieces = tapped(way.place.in, tokenOf(way, 'chunking')).flatMap(({ said }) => said);
  return pieces.some((piece) => /^BDAT \d+/m.test(piece)) ? YES : { mark: 'not used', why: way.server.name };
}

/** A burst: a server that keeps connections at all has fewer of them than mails. */
async function reuse(way: Way): Promise<Result> {
  const cells = Array.from({ length: 20 }, (_, i) => `reuse-${i}`);
  await Promise.all(cells.map((cell) => deliver(way, cell, contentOf(tokenOf(way, cell), 'plain'))));
  const used = new Set(cells.flatMap((cell) => tapped(way.place.in, tokenOf(way, cell))));
  return used.size < cells.length ? YES : { mark: 'not used', why: way.server.name };
}

function tapped(tap: Tap, token: string) {
  return tap.carrying(`<${token}@`);
}

async function secured(way: Way, cell: CellName, to: string, protocol: RegExp): Promise<Result> {
  const mail = await deliver(way, cell, contentOf(tokenOf(way, cell), 'plain'), { recipients: [to] });
  insist(protocol.test(mail.content.toString('latin1', 0, 2000)), 'Received does not say so');
  return YES;
}

async function dsnKept(way: Way): Promise<Result> {
  const token = tokenOf(way, 'dsnKept');
  const mail = await deliver(way, 'dsnKept', contentOf(token, 'plain'), {
    mailWords: `RET=HDRS ENVID=${token}`,
    rcptWords: 'NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first@origin.test',
  });
  const { mailWords, recipients } = mail;
  const lost = [
    ['RET', /RET=HDRS/i.test(mailWords)],
    ['ENVID', mailWords.includes(`ENVID=${token}`)],
    ['NOTIFY', /NOTIFY=SUCCESS,FAILURE/i.test(recipients[0]?.words ?? '')],
    ['ORCPT', /ORCPT=rfc822;first@origin\.test/i.test(recipients[0]?.words ?? '')],
  ].flatMap(([word, kept]) => (kept === true ? [] : [String(word)]));
  insist(lost.length === 0, `${way.server.name} passes on no ${lost.join(', ')}`);
  return YES;
}

/** Whoever of the two says no, the sender hears of it. */
async function bounce(way: Way): Promise<Result> {
  const token = tokenOf(way, 'bounce');
  const { taken } = await give(way, 'bounce', contentOf(token, 'plain'), {
    recipients: ['nobody@acme.test'],
  });
  insist(taken, 'not taken');
  const report = await way.house.arrival(token, 'report');
  insist(report !== null, 'no report came');
  insist(report.content.includes('550') && report.content.includes('5.1.1'), 'the report lacks our reply');
  return YES;
}

async function tooLarge(way: Way): Promise<Result> {
  const token = tokenOf(way, 'size');
  // RFC 3461 §4.3: or some servers send all of it back, and their report is too large as well (known-faults.ts).
  const { taken } = await give(way, 'size', contentOf(token, 'oversize'), { mailWords: 'RET=HDRS' });
  insist(taken, 'not taken');
  const lost = new RegExp(`from=<> to=<${token}@.*result="PermFail"`);
  const report = await until(() => way.house.find(token, 'report') ?? (lost.test(way.server.log()) && 'lost'));
  insist(report !== 'lost', `the report of ${way.server.name} holds the whole mail, and is too large itself`);
  insist(report !== null, 'no report came');
  insist(!way.house.keeper.mails.some((mail) => mail.sender === `${token}@back.test`), 'it arrived');
  return YES;
}

async function many(way: Way): Promise<Result> {
  const token = tokenOf(way, 'many');
  const wanted = Array.from({ length: RECIPIENTS }, (_, i) => `r${i + 1}@${way.domain}`);
  const { taken, reply } = await give(way, 'many', contentOf(token, 'plain'), { recipients: wanted });
  insist(taken, `refused by ${way.server.name} (${codes(reply)})`);
  const got = (): string[] =>
    way.house.keeper.mails
      .filter(({ content }) => names(content, token))
      .flatMap(({ recipients }) => recipients.map(({ address }) => address));
  await flushing(
    way,
    'many',
    until(() => got().length >= RECIPIENTS),
  );
  insist(new Set(got()).size === RECIPIENTS, `${new Set(got()).size} of ${RECIPIENTS} arrived`);
  insist(got().length === RECIPIENTS, 'some arrived twice');
  return YES;
}

async function nullSender(way: Way): Promise<Result> {
  const mail = await deliver(way, 'nullSender', contentOf(tokenOf(way, 'nullSender'), 'plain'), { sender: null });
  insist(mail.sender === '', 'it has a sender');
  return YES;
}

/** A relay that may send one mail in ten minutes, until its operator lets it. */
async function later(way: Way): Promise<Result> {
  const { slow } = way.place;
  const send = (cell: string): Promise<Handed> =>
    give(way, cell, contentOf(tokenOf(way, cell), 'plain'), {
      recipients: ['bob@slow.world.test'],
    });
  await send('later-1');
  insist((await way.house.arrival(tokenOf(way, 'later-1'))) !== null, 'the first did not arrive');
  await send('later-2');
  const deferred = (): boolean => slow.connections.some(({ heard }) => /^450 4\.7\.1/m.test(heard));
  await until(deferred);
  insist(deferred(), 'Holdfast did not say 450');
  await way.house.relax(way.server.name);
  const mail = await flushing(way, 'later-2', way.house.arrival(tokenOf(way, 'later-2')));
  insist(mail !== null, 'it was not tried again');
  return YES;
}

/** Waits, and lets go what the server has put off meanwhile. */
async function flushing<T>(way: Way, cell: string, awaited: Promise<T>): Promise<T> {
  const sender = `${tokenOf(way, cell)}@back.test`;
  const flush = (): Promise<void> => way.server.flush(sender).catch(() => undefined);
  const timer = setInterval(() => void flush(), FLUSH_MS);
  return awaited.finally(() => clearInterval(timer));
}

/** What no content may hold: cleaned by the server, or refused by one of the two. Never a second mail. */
async function unfit(way: Way, kind: 'bareLf' | 'nul'): Promise<Result> {
  const token = tokenOf(way, kind);
  const content = contentOf(token, kind);
  // RFC 3461 §4.3: what is wrong with the mail shall not be wrong with the report about it.
  const { taken, reply } = await give(way, kind, content, { mailWords: 'RET=HDRS' });
  if (!taken) return { mark: 'yes', why: `refused by ${way.server.name} (${codes(reply)})` };
  const mail = await way.house.outcome(token);
  insist(!way.house.keeper.mails.some(({ sender }) => sender.startsWith('smuggled')), 'a smuggled mail arrived');
  insist(mail !== null, 'neither the mail nor a report arrived');
  if (isReport(mail))
    return { mark: 'yes', why: `refused by holdfast (${statusIn(mail)}), reported by ${way.server.name}` };
  insist(!carries(mail.content, content, 'CRLF'), 'it arrived as it was');
  return { mark: 'yes', why: `cleaned by ${way.server.name}` };
}
