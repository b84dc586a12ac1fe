import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Log } from '#/ports/index.ts';
import { NotTaken, type Submission, submit } from './submit.ts';
import { openTls } from './tls.ts';

const log: Log = { info: () => {}, warn: () => {}, error: () => {}, child: () => log };
let folder: string;
let context: SecureContext;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-submit-'));
  const clock = { now: Date.now, monotonic: () => performance.now(), sleep: async () => {} };
  const patient = { ...clock, sleep: (_ms: number, signal?: AbortSignal) => aborted(signal) };
  await using tls = await openTls(
    { kind: 'selfSigned', dir: folder, hostname: 'mx.acme.test' },
    { clock: patient, log },
  );
  context = tls.context('modern');
});
after(() => rm(folder, { recursive: true }));

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
}

const SILENCE = 'says nothing';

/** A server that answers each line by its first word, and remembers what it heard, before and behind STARTTLS. */
class ScriptedServer implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answers: Readonly<Record<string, string>>;

  private constructor(answers: Readonly<Record<string, string>>) {
    this.#answers = answers;
    this.#server = createServer((socket) => {
      this.#talk(socket);
      socket.write('220 mx.acme.test ESMTP\r\n');
    });
  }

  static async start(answers: Readonly<Record<string, string>>): Promise<ScriptedServer> {
    const server = new ScriptedServer(answers);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get submission(): Submission {
    return {
      host: '127.0.0.1',
      port: (this.#server.address() as AddressInfo).port,
      username: 'probe',
      password: 'secret',
      sender: 'try@acme.test',
      recipients: ['sink@acme.test'],
      content: Buffer.from('Subject: x\r\n\r\n.hidden\r\n'),
    };
  }

  #talk(socket: Socket): void {
    this.#sockets.add(socket);
    let text = '';
    let inBody = false;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        this.heard.push(line);
        const [word = ''] = line.split(' ');
        if (inBody && line !== '.') continue;
        const answer = this.#answers[inBody ? '.' : word] ?? '250 2.0.0 Ok';
        inBody = word === 'DATA' && answer.startsWith('354');
        if (answer !== SILENCE) socket.write(`${answer}\r\n`);
        if (word === 'STARTTLS' && answer.startsWith('220')) return this.#talkSecretly(socket);
      }
    });
  }

  #talkSecretly(socket: Socket): void {
    socket.removeAllListeners('data');
    this.#talk(new TLSSocket(socket, { isServer: true, secureContext: context }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const GOOD = {
  EHLO: '250-mx.acme.test\r\n250-STARTTLS\r\n250 AUTH PLAIN',
  STARTTLS: '220 2.0.0 Go ahead',
  AUTH: '235 2.7.0 Welcome',
  DATA: '354 Go ahead',
  '.': '250 2.0.0 Ok: queued as 01M6Z0V6K8Q3T9XA',
};

test('contract: try submits as a mail program does, and reads the queue ID from the answer', async () => {
  await using server = await ScriptedServer.start(GOOD);
  const { queueId, steps } = await submit(server.submission, AbortSignal.timeout(10_000));
  assert.equal(queueId, '01M6Z0V6K8Q3T9XA');
  assert.deepEqual(
    steps.map(({ name }) => name),
    ['connect', 'STARTTLS', 'AUTH', 'MAIL', 'DATA'],
  );
  assert.deepEqual(server.heard.slice(0, 11), [
    'EHLO localhost',
    'STARTTLS',
    'EHLO localhost',
    `AUTH PLAIN ${Buffer.from('\0probe\0secret').toString('base64')}`,
    'MAIL FROM:<try@acme.test>',
    'RCPT TO:<sink@acme.test>',
    'DATA',
    'Subject: x',
    '',
    '..hidden',
    '.',
  ]);
});

test('contract: a password is never said without TLS', async () => {
  await using server = await ScriptedServer.start({ ...GOOD, EHLO: '250-mx.acme.test\r\n250 AUTH PLAIN' });
  await assert.rejects(submit(server.submission, AbortSignal.timeout(10_000)), /offers no STARTTLS/);
  assert.ok(!server.heard.some((line) => line.startsWith('AUTH')));
});

test('contract: a refusal is told with the server’s own words, whatever the step', async () => {
  const refusals = {
    STARTTLS: '454 4.7.0 Not now',
    AUTH: '535 5.7.8 Wrong',
    RCPT: '550 5.1.1 Nobody',
    '.': '451 4.3.0 Later',
  };
  for (const [word, answer] of Object.entries(refusals)) {
    await using server = await ScriptedServer.start({ ...GOOD, [word]: answer });
    await assert.rejects(submit(server.submission, AbortSignal.timeout(10_000)), (error) => {
      return error instanceof NotTaken && error.message.includes(`"${answer}"`);
    });
  }
});

test('B3: a server that says nothing is given up when the signal says so', async () => {
  for (const word of ['STARTTLS', 'MAIL']) {
    await using server = await ScriptedServer.start({ ...GOOD, [word]: SILENCE });
    const stop = new AbortController();
    const submitted = submit(server.submission, stop.signal);
    while (!server.heard.some((line) => line.startsWith(word))) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await assert.rejects(submitted);
  }
});
