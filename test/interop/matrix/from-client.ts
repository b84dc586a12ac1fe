/** A mail program's submissions to Holdfast. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CellName, type Column, insist, type Result, runColumn, type Trial, YES } from './cells.ts';
import type { Client, Errand } from './clients.ts';
import { type ContentKind, carries, contentOf } from './contents.ts';
import { type House, RELAY } from './house.ts';
import type { KeptMail } from './keeper.ts';

const RECIPIENTS = 100;

interface Way {
  readonly house: House;
  readonly client: Client;
}

/** All cells. What a program does not do by itself (pipelining, BDAT, reports) is nothing to try. */
export function fromClient(house: House, client: Client): Promise<Column> {
  const way = { house, client };
  const trials: Partial<Record<CellName, Trial>> = {
    plain: () => whole(way, 'plain'),
    dots: () => whole(way, 'dots'),
    eightBit: () => whole(way, 'eightBit'),
    longLine: () => whole(way, 'longLine'),
    large: () => whole(way, 'large'),
    utf8: () => utf8(way),
    startTls: () => secured(way, 'startTls', 'PLAIN'),
    authPlain: () => secured(way, 'authPlain', 'PLAIN'),
    authLogin: () => secured(way, 'authLogin', 'LOGIN'),
    dsnKept: () => dsnKept(way),
    size: () => tooLarge(way),
    many: () => many(way),
    nullSender: () => nullSender(way),
    bareLf: () => unfit(way, 'bareLf'),
    nul: () => unfit(way, 'nul'),
  };
  return runColumn(trials);
}

function tokenOf({ client }: Way, cell: string): string {
  return `${client.name}-${cell}`;
}

/** Null when it was taken, else what the program said. */
async function give(way: Way, cell: string, content: Buffer, errand: Partial<Errand> = {}): Promise<string | null> {
  const { house, client } = way;
  const token = tokenOf(way, cell);
  const file = join(house.folder, token);
  await writeFile(file, content);
  const usual = { ...RELAY, port: house.holdfast.ports.submission, mechanism: 'PLAIN' as const, file };
  const envelope = { from: `${token}@back.test`, to: ['bob@plain.world.test'] };
  try {
    await client.submit({ ...usual, ...envelope, ...errand });
    return null;
  } catch (error) {
    const { stdout = '', stderr = '', message = '' } = error as { stdout?: string; stderr?: string; message?: string };
    return `${message}\n${stdout}\n${stderr}`;
  }
}

async function deliver(way: Way, cell: string, content: Buffer, errand: Partial<Errand> = {}): Promise<KeptMail> {
  const said = await give(way, cell, content, errand);
  insist(said === null, `refused (${codesIn(said ?? '')})`);
  const mail = await way.house.arrival(tokenOf(way, cell));
  insist(mail !== null, 'did not arrive');
  insist(carries(mail.content, sentBy(way.client, content), 'CRLF'), `changed by ${way.client.name}`);
  return mail;
}

/** swaks puts an empty line behind the content of a file (known-faults.ts). */
function sentBy({ name }: Client, content: Buffer): Buffer {
  return name === 'swaks' ? Buffer.concat([content, Buffer.from('\r\n')]) : content;
}

async function whole(way: Way, kind: ContentKind): Promise<Result> {
  await deliver(way, kind, contentOf(tokenOf(way, kind), kind));
  return YES;
}

async function utf8(way: Way): Promise<Result> {
  if (way.client.lacks.includes('utf8')) return { mark: 'not offered', why: way.client.name };
  const content = contentOf(tokenOf(way, 'utf8'), 'plain', { utf8: true });
  const to = '用户@plain.world.test';
  const mail = await deliver(way, 'utf8', content, { from: '差出人@back.test', to: [to], utf8: true });
  insist(mail.recipients[0]?.address === to && mail.sender === '差出人@back.test', 'an address changed');
  return YES;
}

async function secured(way: Way, cell: CellName, mechanism: 'PLAIN' | 'LOGIN'): Promise<Result> {
  const mail = await deliver(way, cell, contentOf(tokenOf(way, cell), 'plain'), { mechanism });
  insist(/with ESMTPSA /.test(mail.content.toString('latin1', 0, 2000)), 'Received does not say so');
  return YES;
}

async function dsnKept(way: Way): Promise<Result> {
  if (way.client.lacks.includes('dsn')) return { mark: 'not offered', why: way.client.name };
  const token = tokenOf(way, 'dsnKept');
  const { mailWords, recipients } = await deliver(way, 'dsnKept', contentOf(token, 'plain'), { envid: token });
  insist(mailWords.includes('RET=HDRS') && mailWords.includes(`ENVID=${token}`), 'MAIL lost them');
  insist(recipients[0]?.words.includes('NOTIFY=SUCCESS,FAILURE') === true, 'RCPT lost them');
  return YES;
}

/** The program hears why. */
async function tooLarge(way: Way): Promise<Result> {
  const said = await give(way, 'size', contentOf(tokenOf(way, 'size'), 'oversize'));
  insist(said !== null, 'it was taken');
  insist(/552/.test(said), 'the program does not say why');
  return YES;
}

async function many(way: Way): Promise<Result> {
  const to = Array.from({ length: RECIPIENTS }, (_, i) => `r${i + 1}@plain.world.test`);
  const { recipients } = await deliver(way, 'many', contentOf(tokenOf(way, 'many'), 'plain'), { to });
  insist(new Set(recipients.map(({ address }) => address)).size === RECIPIENTS, `${recipients.length} arrived`);
  return YES;
}

async function nullSender(way: Way): Promise<Result> {
  if (way.client.lacks.includes('nullSender')) return { mark: 'not offered', why: way.client.name };
  const mail = await deliver(way, 'nullSender', contentOf(tokenOf(way, 'nullSender'), 'plain'), { from: null });
  insist(mail.sender === '', 'it has a sender');
  return YES;
}

async function unfit(way: Way, kind: 'bareLf' | 'nul'): Promise<Result> {
  const token = tokenOf(way, kind);
  const content = contentOf(token, kind);
  const said = await give(way, kind, content);
  if (said !== null) return { mark: 'yes', why: `refused by holdfast (${codesIn(said)})` };
  const mail = await way.house.arrival(token);
  insist(!way.house.keeper.mails.some(({ sender }) => sender.startsWith('smuggled')), 'a smuggled mail arrived');
  insist(mail !== null, 'did not arrive');
  insist(!carries(mail.content, content, 'CRLF'), 'it arrived as it was');
  return { mark: 'yes', why: `cleaned by ${way.client.name}` };
}

/** The codes of the refusal in what a program said, where it tells them. */
function codesIn(said: string): string {
  return (
    /\b([45]\d\d)[ -]+(\d\.\d+\.\d+)/.exec(said)?.slice(1).join(' ') ?? /\b[45]\d\d\b/.exec(said)?.[0] ?? 'no code told'
  );
}
