/**
 * DKIM signatures a second, beside what the cryptography alone does (`crypto.sign` in as many threads).
 *
 * `npm run bench -- dkim [--seconds N] [--body BYTES]`. Each of two threads signs mails of one size in turn, reading the header section and hashing
 * the body anew each time, as a relay does.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { BodyHash, type DkimAlgorithm, prepareSignature } from '#/codec/dkim/index.ts';
import { readHeaders } from '#/codec/mime/index.ts';
import { keep, table } from './lib/report.ts';

const THREADS = 2;
const RAW = Buffer.alloc(32);
const HEAD = [
  'Received: from a.acme.test (a.acme.test [192.0.2.1])\r\n\tby mx.acme.test (Holdfast) with ESMTPS id 0123456789ABCDEF\r\n\tfor <bob@world.test>; Tue, 1 Dec 2026 00:00:00 +0000',
  'From: Alice <alice@acme.test>',
  'To: Bob <bob@world.test>',
  'Subject: The figures of the month',
  'Date: Tue, 1 Dec 2026 00:00:00 +0000',
  'Message-ID: <1@acme.test>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
];

interface Task {
  readonly kind: 'ours' | 'raw';
  readonly algorithm: DkimAlgorithm;
  readonly bodyBytes: number;
  readonly seconds: number;
}

if (isMainThread) await main();
else parentPort?.postMessage(signFor(workerData));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      body: { type: 'string', default: '4096' },
      quiet: { type: 'boolean', default: false },
    },
  });
  const [seconds, bodyBytes] = [Number(values.seconds), Number(values.body)];
  const rows: string[][] = [];
  for (const algorithm of ['ed25519-sha256', 'rsa-sha256'] as const) {
    const ours = await rate({ kind: 'ours', algorithm, bodyBytes, seconds });
    const raw = await rate({ kind: 'raw', algorithm, bodyBytes, seconds });
    const name = algorithm === 'rsa-sha256' ? 'RSA-2048' : 'Ed25519';
    rows.push([
      `${name}, body of ${bodyBytes} octets`,
      `${ours.toFixed(0)}/s`,
      `${raw.toFixed(0)}/s`,
      `${(ours / raw).toFixed(2)} ×`,
    ]);
  }
  const text = `### DKIM\n\n${table(['signing', 'whole', 'the key alone', 'ratio'], rows)}`;
  process.stdout.write(`${text}\n`);
  if (!values.quiet) keep('dkim', text);
}

async function rate(task: Task): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: THREADS }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      new Worker(new URL(import.meta.url), { workerData: task }).once('message', resolve).once('error', reject);
      return promise;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0) / task.seconds;
}

function signFor({ kind, algorithm, bodyBytes, seconds }: Task): number {
  const { privateKey } =
    algorithm === 'rsa-sha256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const line = 'Some words of a letter, as people write them to each other.\r\n';
  const mail = Buffer.from(`${HEAD.join('\r\n')}\r\n\r\n${line.repeat(Math.ceil(bodyBytes / line.length))}`);
  const once = kind === 'ours' ? () => signMail(mail, algorithm, privateKey) : () => signRaw(algorithm, privateKey);
  for (let i = 0; i < 200; i++) once();
  const end = performance.now() + seconds * 1000;
  let count = 0;
  for (; performance.now() < end; count++) once();
  return count;
}

function signMail(mail: Buffer, algorithm: DkimAlgorithm, key: KeyObject): void {
  const section = readHeaders([mail]);
  const body = new BodyHash('relaxed');
  body.push(mail.subarray(section.bytes));
  const unsigned = prepareSignature(section, body.end().hash, {
    algorithm,
    domain: 'acme.test',
    selector: 'one',
    at: 1,
  });
  unsigned.finish(sign(unsigned.digest, unsigned.octets, key));
}

function signRaw(algorithm: DkimAlgorithm, key: KeyObject): void {
  sign(algorithm === 'rsa-sha256' ? 'sha256' : null, RAW, key);
}
