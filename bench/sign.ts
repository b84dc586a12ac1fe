/**
 * Signatures a second: HTML mail of about 4 KiB that answers to another one, as Outlook writes it, with and without Ed25519 DKIM behind it.
 *
 * `npm run bench -- sign [--seconds N]`. Each of two threads decides, fills in, places and writes the mail anew each time, as a relay does: once where it is
 * decided, and once where it leaves.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { BodyHash, prepareSignature } from '#/codec/dkim/index.ts';
import { readHeaders } from '#/codec/mime/index.ts';
import type { MailAddress, TenantId } from '#/model/index.ts';
import { policyDirectory } from '#/policy/index.ts';
import { chooseSignatures, readLetter, readSignatures, renderSignature, signMail } from '#/signature/index.ts';
import { shapedLetters } from '../test/support/letters.ts';
import { keep, table } from './lib/report.ts';

const THREADS = 2;
const MAIL_BYTES = 4_096;
const ACME = 'acme' as TenantId;
const ALICE = 'alice@acme.test' as MailAddress;
const RULES = readSignatures([
  { name: 'board', when: { senders: 'ceo@acme.test' }, text: 'x' },
  { name: 'banner', continue: true, place: 'end', when: { until: '2027-01-01' }, html: '<p>Our winter offers</p>' },
  {
    name: 'standard',
    when: { recipients: 'external' },
    html: '<p><b>{{ displayName }}</b><br>{{ jobTitle | upcase }}<br>Tel: {{ phone }}<br>Fax: {{ fax }}</p>',
    text: '{{ displayName }}\n{{ jobTitle }}\nTel: {{ phone }}\nFax: {{ fax }}',
  },
]);
const VALUES = { displayName: 'Alice Archer', jobTitle: 'Buyer', phone: '+81 3 0000 0000' };

const DIRECTORY = policyDirectory({ domains: [], users: [], groups: [] });

interface Task {
  readonly withDkim: boolean;
  readonly seconds: number;
}

if (isMainThread) await main();
else parentPort?.postMessage(signFor(workerData));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '5' }, quiet: { type: 'boolean', default: false } },
  });
  const seconds = Number(values.seconds);
  const rows: string[][] = [];
  for (const withDkim of [false, true]) {
    const counts = await Promise.all(Array.from({ length: THREADS }, () => countOf({ withDkim, seconds })));
    const rate = counts.reduce((sum, count) => sum + count, 0) / seconds;
    rows.push([withDkim ? 'signature and DKIM (Ed25519)' : 'signature', `${rate.toFixed(0)}/s`]);
  }
  const text = `### Signatures\n\n${table([`HTML mail of ${MAIL_BYTES} octets, two threads`, 'mails'], rows)}`;
  process.stdout.write(`${text}\n`);
  if (!values.quiet) keep('sign', text);
}

function countOf(task: Task): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  new Worker(new URL(import.meta.url), { workerData: task }).once('message', resolve).once('error', reject);
  return promise;
}

function signFor({ withDkim, seconds }: Task): number {
  const { privateKey } = generateKeyPairSync('ed25519');
  const mail = letter();
  const once = (): void => {
    const chunks = signed(mail);
    if (withDkim) dkim(Buffer.concat(chunks), privateKey);
  };
  for (let i = 0; i < 200; i++) once();
  const end = performance.now() + seconds * 1000;
  let count = 0;
  for (; performance.now() < end; count++) once();
  return count;
}

/** Of the size that is asked for. */
function letter(): Buffer {
  const source =
    shapedLetters()
      .find(({ name }) => name === 'outlook-desktop-en')
      ?.source.toString('latin1') ?? '';
  const words = '<p class=3DMsoNormal>Some words of a letter, as people write them.</p>=20\r\n';
  const more = Math.ceil(Math.max(0, MAIL_BYTES - source.length) / words.length);
  return Buffer.from(source.replace(/(?=<p class=3DMsoNormal>OLD-WORDS)/, words.repeat(more)), 'latin1');
}

function signed(mail: Buffer): readonly Buffer[] {
  const read = readLetter(mail);
  const facts = { tenant: ACME, identity: { kind: 'user', tenant: ACME, name: ALICE }, sender: ALICE } as const;
  const asked = { facts, subject: 'Re: Plans', isReply: true, newest: read.newest, day: '2026-12-01' };
  const recipient = { address: 'bob@example.test' as MailAddress, direction: 'outbound' } as const;
  const { rules } = chooseSignatures({ ...asked, attributes: VALUES, directory: DIRECTORY }, recipient, RULES);
  const signatures = rules.map((rule) => renderSignature(rule, VALUES, null));
  // Tried where it is decided, made where it leaves.
  read.sign(signatures);
  const made = signMail(mail, signatures);
  if (made.kind !== 'signed') throw new Error(made.why.en);
  return made.chunks;
}

function dkim(mail: Buffer, key: KeyObject): void {
  const section = readHeaders([mail]);
  const body = new BodyHash('relaxed');
  body.push(mail.subarray(section.bytes));
  const { hash } = body.end();
  const asked = { algorithm: 'ed25519-sha256', domain: 'acme.test', selector: 'one', at: 1 } as const;
  const unsigned = prepareSignature(section, hash, asked);
  unsigned.finish(sign(unsigned.digest, unsigned.octets, key));
}
