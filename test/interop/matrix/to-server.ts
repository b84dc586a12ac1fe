/** Holdfast's mail to a foreign server, by the routes of the configuration. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CellName, type Column, insist, type Result, runColumn, type Trial, YES } from './cells.ts';
import { type ContentKind, carries, contentOf, names } from './contents.ts';
import { codes, type Handed, hand, type Parcel, speaksTls } from './hand.ts';
import { type House, OWN_NETWORK, type Place, statusIn, until } from './house.ts';
import type { ForeignServer } from './peer.ts';

const RECIPIENTS = 100;
const WAIT_MS = 240_000;

interface Way {
  readonly house: House;
  readonly place: Place;
  readonly server: ForeignServer;
  /** The server's own domain. */
  readonly domain: string;
}

/** All cells of this direction. The two that wait for the server's recovery come last. */
export async function toServer(house: House, place: Place, server: ForeignServer): Promise<Column> {
  const way = { house, place, server, domain: `${server.name}.test` };
  const first = await runColumn(trials(way));
  const last = await runColumn(moods(way));
  return new Map([...first].map(([name, result]) => [name, result.mark === '–' ? (last.get(name) ?? result) : result]));
}

function trials(way: Way): Partial<Record<CellName, Trial>> {
  const { domain } = way;
  return {
    plain: () => whole(way, 'plain'),
    dots: () => whole(way, 'dots'),
    eightBit: () => whole(way, 'eightBit', { mailWords: 'BODY=8BITMIME' }),
    longLine: () => whole(way, 'longLine'),
    large: () => whole(way, 'large'),
    utf8: () => utf8(way),
    utf8Refused: () =>
      refused(way, 'utf8Refused', { recipients: [`用户@old.${domain}`], mailWords: 'SMTPUTF8' }, '5.6.7'),
    pipelining: () => pipelining(way),
    chunking: async () => ({ mark: 'not used', why: 'holdfast' }),
    reuse: () => reuse(way),
    startTls: () => secured(way, 'startTls', `keep@tls.${domain}`, /\(using TLS|with esmtps|\(TLSv/),
    authPlain: () =>
      secured(way, 'authPlain', `keep@auth.${domain}`, /Authenticated sender: holdfast|esmtpsa|auth=yes/),
    authLogin: async () => ({ mark: 'not used', why: 'holdfast' }),
    requireTls: () => requireTls(way),
    dsnKept: () => dsnKept(way),
    dsnSuccess: () => dsnSuccess(way),
    bounce: () => refused(way, 'bounce', { recipients: [`nobody@${domain}`] }, '550'),
    size: () => refused(way, 'size', { recipients: [`keep@old.${domain}`] }, '5.3.4', 'medium'),
    many: () => many(way),
    nullSender: () => nullSender(way),
    bareLf: () => unfit(way, 'bareLf'),
    nul: () => unfit(way, 'nul'),
  };
}

/** Both wait until the server has said no once; then it recovers, for both. */
function moods(way: Way): Partial<Record<CellName, Trial>> {
  const met = new Set<string>();
  const trial = async (cell: CellName, name: string, word: RegExp): Promise<Result> => {
    const { taken } = await give(way, cell, contentOf(tokenOf(way, cell), 'plain'), {
      recipients: [`${name}@${way.domain}`],
    });
    insist(taken, 'not taken');
    const said = (): boolean => way.place.out.connections.some(({ heard }) => word.test(heard));
    await until(said);
    insist(said(), 'the server did not say it');
    met.add(cell);
    await until(() => met.size === 2);
    await way.server.recover();
    await arrived(way, tokenOf(way, cell));
    return YES;
  };
  return {
    later: () => trial('later', 'later', /^451 4\.7\.1/m),
    dismissed: () => trial('dismissed', 'busy', /^421 4\.3\.2/m),
  };
}

function tokenOf({ server }: Way, cell: string): string {
  return `${server.name}-out-${cell}`;
}

/** Reports to this domain come to the keeper. */
function give(way: Way, cell: string, content: Buffer, parcel: Partial<Parcel> = {}, tls = false): Promise<Handed> {
  const sender = `${tokenOf(way, cell)}@back.test`;
  const whole = { sender, recipients: [`keep@${way.domain}`], content, ...parcel };
  return hand(way.house.holdfast.ports.smtp, whole, { localAddress: OWN_NETWORK, tls });
}

async function whole(way: Way, kind: ContentKind, parcel: Partial<Parcel> = {}): Promise<Result> {
  await deliver(way, kind, contentOf(tokenOf(way, kind), kind), parcel);
  return YES;
}

/** Hands it over, waits, and compares octets. */
async function deliver(way: Way, cell: string, content: Buffer, parcel: Partial<Parcel> = {}): Promise<Buffer> {
  const { taken, reply } = await give(way, cell, content, parcel);
  insist(taken, `refused by holdfast (${codes(reply)})`);
  const kept = await arrived(way, tokenOf(way, cell));
  insist(carries(kept, content, 'LF'), `changed by ${way.server.name}`);
  return kept;
}

/** The mail as the server keeps it; a report about it in its place is a `no`. */
async function arrived(way: Way, token: string): Promise<Buffer> {
  const kept = (): Buffer | undefined => way.server.kept().find((content) => names(content, token));
  const report = () => way.house.keeper.mails.find(({ content }) => names(content, token));
  await until(() => kept() !== undefined || report() !== undefined);
  const given = report();
  insist(kept() !== undefined || given === undefined, `given up: ${given === undefined ? '' : statusIn(given)}`);
  const found = kept();
  insist(found !== undefined, 'did not arrive');
  return found;
}

async function utf8(way: Way): Promise<Result> {
  const content = contentOf(tokenOf(way, 'utf8'), 'plain', { utf8: true });
  const parcel = { recipients: [`用户@例え.${way.domain}`], mailWords: 'SMTPUTF8' };
  const look = await hand(way.place.surroundings.ports.plain, { sender: null, recipients: [], content });
  if (look.offered.includes('SMTPUTF8')) {
    await deliver(way, 'utf8', content, parcel);
    return YES;
  }
  await refused(way, 'utf8', parcel, '5.6.7');
  return { mark: 'not offered', why: way.server.name };
}

/** The sender gets a report of ours that holds `status`, and the server has nothing. */
async function refused(
  way: Way,
  cell: CellName,
  parcel: Partial<Parcel>,
  status: string,
  kind: ContentKind = 'plain',
): Promise<Result> {
  const token = tokenOf(way, cell);
  const content = contentOf(token, kind, { utf8: parcel.mailWords === 'SMTPUTF8' });
  const { taken, reply } = await give(way, cell, content, parcel);
  insist(taken, `refused by holdfast (${codes(reply)})`);
  const report = await way.house.arrival(token, 'report');
  insist(report !== null, 'no report came');
  const text = report.content.toString('latin1');
  insist(/^Action: failed/m.test(text) && text.includes(status), 'the report does not say why');
  insist(!way.server.kept().some((kept) => names(kept, token)), 'it arrived');
  return YES;
}

async function pipelining(way: Way): Promise<Result> {
  await deliver(way, 'pipelining', contentOf(tokenOf(way, 'pipelining'), 'plain'));
  const pieces = connectionsOf(way, 'pipelining').flatMap(({ said }) => said);
  if (pieces.some((piece) => /^MAIL FROM:.*\r\nRCPT TO:.*\r\nDATA/m.test(piece))) return YES;
  const heard = connectionsOf(way, 'pipelining').map((connection) => connection.heard);
  insist(!heard.some((text) => /^250.PIPELINING/m.test(text)), 'it was offered and not used');
  return { mark: 'not offered', why: way.server.name };
}

/** So many at once that not each can have a connection of its own. */
async function reuse(way: Way): Promise<Result> {
  const cells = Array.from({ length: 30 }, (_, i) => `reuse-${i}`);
  await Promise.all(cells.map((cell) => give(way, cell, contentOf(tokenOf(way, cell), 'plain'))));
  await Promise.all(cells.map((cell) => arrived(way, tokenOf(way, cell))));
  const used = new Set(cells.flatMap((cell) => connectionsOf(way, cell)));
  insist(used.size < cells.length, 'a connection for each mail');
  return YES;
}

function connectionsOf(way: Way, cell: string) {
  return way.place.out.carrying(`MAIL FROM:<${tokenOf(way, cell)}@`);
}

async function secured(way: Way, cell: CellName, to: string, trace: RegExp): Promise<Result> {
  const works = await speaksTls(way.place.surroundings.ports.tls);
  insist(works, `${way.server.name} offers STARTTLS and fails in the handshake, with every client`);
  const kept = await deliver(way, cell, contentOf(tokenOf(way, cell), 'plain'), { recipients: [to] });
  const text = kept.toString('latin1');
  insist(trace.test(text.slice(0, text.indexOf('\nX-Cell:'))), 'its Received does not say so');
  return YES;
}

/** RFC 8689 §4.2.1: a mail that demands it goes to no server that does not announce it. */
async function requireTls(way: Way): Promise<Result> {
  const token = tokenOf(way, 'requireTls');
  const parcel = { recipients: [`keep@tls.${way.domain}`], mailWords: 'REQUIRETLS' };
  const { taken, reply } = await give(way, 'requireTls', contentOf(token, 'plain'), parcel, true);
  insist(taken, `refused by holdfast (${codes(reply)})`);
  const id = /queued as (\S+)/.exec(reply)?.[1] ?? '';
  const ended = await tracedEnd(way.house, id);
  insist(!way.server.kept().some((kept) => names(kept, token)), 'it went without');
  insist(ended.includes('5.7.30'), `it ended otherwise: ${ended}`);
  return { mark: 'not offered', why: way.server.name };
}

async function tracedEnd({ holdfast }: House, id: string): Promise<string> {
  type Traced = readonly {
    readonly recipients: readonly { readonly state: string; readonly lastReply: string | null }[];
  }[];
  for (const end = performance.now() + WAIT_MS; performance.now() < end; await sleep(1000)) {
    const [mail] = await holdfast.json<Traced>('trace', id);
    const [recipient] = mail?.recipients ?? [];
    if (recipient?.state === 'bounced' || recipient?.state === 'delivered')
      return `${recipient.state} ${recipient.lastReply ?? ''}`;
  }
  return 'never';
}

async function dsnKept(way: Way): Promise<Result> {
  const token = tokenOf(way, 'dsnKept');
  const content = contentOf(token, 'plain');
  await deliver(way, 'dsnKept', content, {
    mailWords: `RET=HDRS ENVID=${token}`,
    rcptWords: 'NOTIFY=FAILURE ORCPT=rfc822;first@origin.test',
  });
  const said = connectionsOf(way, 'dsnKept').flatMap((connection) => connection.said.join('').split('\r\n'));
  const mail = said.find((line) => line.startsWith(`MAIL FROM:<${token}@`)) ?? '';
  insist(mail.includes('RET=HDRS') && mail.includes(`ENVID=${token}`), 'MAIL lost them');
  insist(
    said.some((line) => /^RCPT TO:.* NOTIFY=FAILURE ORCPT=rfc822;first@origin\.test$/.test(line)),
    'RCPT lost them',
  );
  return YES;
}

async function dsnSuccess(way: Way): Promise<Result> {
  const token = tokenOf(way, 'dsnSuccess');
  const words = { mailWords: `RET=HDRS ENVID=${token}`, rcptWords: 'NOTIFY=SUCCESS' };
  await deliver(way, 'dsnSuccess', contentOf(token, 'plain'), words);
  const report = await way.house.arrival(token, 'report');
  insist(report !== null, 'no report came');
  insist(/^Action: (?:delivered|relayed)/im.test(report.content.toString('latin1')), 'the report says something else');
  return YES;
}

async function many(way: Way): Promise<Result> {
  const token = tokenOf(way, 'many');
  const recipients = Array.from({ length: RECIPIENTS }, (_, i) => `r${i + 1}@${way.domain}`);
  const { taken, reply } = await give(way, 'many', contentOf(token, 'plain'), { recipients });
  insist(taken, `refused by holdfast (${codes(reply)})`);
  const copies = (): number => way.server.kept().filter((content) => names(content, token)).length;
  await until(() => copies() >= RECIPIENTS);
  insist(copies() === RECIPIENTS, `${copies()} of ${RECIPIENTS} arrived`);
  return YES;
}

async function nullSender(way: Way): Promise<Result> {
  const token = tokenOf(way, 'nullSender');
  await deliver(way, 'nullSender', contentOf(token, 'plain'), { sender: null });
  const [connection] = way.place.out.carrying(`X-Cell: ${token}`);
  insist(connection?.said.join('').includes('MAIL FROM:<>') === true, 'it has a sender');
  return YES;
}

/** What no content may hold never gets past our door, whoever the next hop is. */
async function unfit(way: Way, kind: 'bareLf' | 'nul'): Promise<Result> {
  const { taken, reply } = await give(way, kind, contentOf(tokenOf(way, kind), kind));
  insist(!taken, 'taken');
  return { mark: 'yes', why: `refused by holdfast at its door (${codes(reply)})` };
}
