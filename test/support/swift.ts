/**
 * A real S3 server on the loopback: OpenStack Swift with its S3 door (`swift-server.py`). Its data lies in a folder that goes when it is
 * disposed; it can be killed, started again with what it has, and stopped in the middle of things.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsV4Signer } from 'aws4fetch';
import { findPeer, type Peer } from './peers.ts';

const SCRIPT = join(import.meta.dirname, 'swift-server.py');
const PYTHON = '/usr/bin/python3';
const START_DEADLINE_MS = 30_000;
const ANSWER_DEADLINE_MS = 10_000;
const KEY = 'holdfast:blobs';
const SECRET = 'sesame';
export const SWIFT_REGION = 'local';

/** Starts one with an empty bucket `mail`, or says why there can be none here. */
export async function startSwift(): Promise<Swift | { missing: string }> {
  const peer = await findPeer('swift');
  if ('missing' in peer) return peer;
  const own = join(peer.unpackedIn ?? '', PYTHON);
  if (!existsSync(own) && !existsSync(PYTHON)) return { missing: 'swift needs python3, which is not installed' };
  const swift = new Swift(peer, existsSync(own) ? own : PYTHON, await mkdtemp(join(tmpdir(), 'holdfast-swift-')));
  try {
    await swift.start();
    await swift.makeBucket('mail');
    return swift;
  } catch (error) {
    await swift[Symbol.asyncDispose]();
    throw error;
  }
}

/** A server; its port stays the same for its life. */
export class Swift implements AsyncDisposable {
  readonly credentials = { accessKeyId: KEY, secretAccessKey: SECRET, sessionToken: null } as const;
  readonly #peer: Peer;
  readonly #python: string;
  readonly #folder: string;
  #process: ChildProcess | null = null;
  port = 0;

  /** Use `startSwift`. */
  constructor(peer: Peer, python: string, folder: string) {
    this.#peer = peer;
    this.#python = python;
    this.#folder = folder;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What `blobs:` says. */
  url(prefix = ''): string {
    return `s3://mail/${prefix}?endpoint=${this.origin}&region=${SWIFT_REGION}`;
  }

  /** Environment of a server that uses it. */
  get env(): NodeJS.ProcessEnv {
    return { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET };
  }

  /** Starts it, on the port and with the data that it had. */
  async start(): Promise<void> {
    const modules = join(this.#peer.unpackedIn ?? '', 'usr/lib/python3/dist-packages');
    const env = { ...this.#peer.env, PYTHONPATH: modules, PYTHONDONTWRITEBYTECODE: '1' };
    const args = ['-W', 'ignore', SCRIPT, this.#folder, KEY, SECRET, String(this.port)];
    const child = spawn(this.#python, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process = child;
    this.port = await portOf(child);
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** It accepts connections and answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async makeBucket(name: string): Promise<void> {
    await this.#ask('PUT', `/${name}`);
  }

  /** Names of the objects in `mail` that begin so, up to 1,000. */
  async list(prefix: string): Promise<string[]> {
    const text = await this.#ask('GET', `/mail?list-type=2&prefix=${encodeURIComponent(prefix)}`);
    return [...text.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, name = '']) => name);
  }

  /** Names of what was begun in parts and has not ended. */
  async uploads(prefix: string): Promise<string[]> {
    const text = await this.#ask('GET', `/mail?uploads=&prefix=${encodeURIComponent(prefix)}`);
    return [...text.toString().matchAll(/<Upload>.*?<Key>([^<]*)<\/Key>/gs)].map(([, name = '']) => name);
  }

  /** An object of `mail` as it lies there. */
  read(name: string): Promise<Buffer> {
    return this.#ask('GET', `/mail/${name}`);
  }

  async write(name: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#ask('PUT', `/mail/${name}`, content);
  }

  async #ask(method: string, path: string, body: Uint8Array<ArrayBuffer> | null = null): Promise<Buffer> {
    const { accessKeyId, secretAccessKey } = this.credentials;
    const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const url = this.origin + path;
    const settings = { method, url, headers, accessKeyId, secretAccessKey, service: 's3', region: SWIFT_REGION };
    const signed = await new AwsV4Signer(settings).sign();
    const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
    const answer = await fetch(signed.url, { method, headers: signed.headers, body, signal });
    const said = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said.toString()}`);
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_096);
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const overdue = setTimeout(() => reject(new Error(`swift does not start: ${said}`)), START_DEADLINE_MS);
  child.once('exit', (code) => reject(new Error(`swift ended with ${code}: ${said}`)));
  child.stdout?.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
  try {
    return await promise;
  } finally {
    clearTimeout(overdue);
  }
}
