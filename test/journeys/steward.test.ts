/** The steward and its children as processes: stopped, killed, frozen, told to read new settings, and met by a second one. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SmtpPeer } from '#/testkit/index.ts';
import { freePort } from '../support/free-port.ts';
import { eventually, Holdfast, kill, pause } from '../support/holdfast.ts';
import { startSink } from '../support/sink.ts';
import { arrived, assertBalanced, pidOf, RESOURCES, runs, send, settingsFor, signIn } from '../support/steward-kit.ts';

/** How long the steward stands still in the test of that. */
const STOPPED_MS = process.env.HOLDFAST_LONG === '1' ? 600_000 : 0;
const HOME = fileURLToPath(new URL('../..', import.meta.url));
interface Readiness {
  readonly ready: boolean;
  readonly roles: readonly { readonly role: string; readonly ready: boolean; readonly reason: string }[];
}

async function readiness(holdfast: Holdfast): Promise<Readiness & { readonly status: number }> {
  const { status, text } = await holdfast.admin('/readyz', 15_000);
  return { status, ...(JSON.parse(text === '' ? '{"ready":false,"roles":[]}' : text) as Readiness) };
}

/** Processes whose environment has this text; none for those that have just ended. */
async function processesWith(text: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(name) || Number(name) === process.pid) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (environment.includes(text)) found.push(await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => name));
  }
  return found;
}

test('contract: the roles stand as they are grouped, and /metrics has figures of all processes; SIGTERM ends all of it with exit 0', async () => {
  await using holdfast = await Holdfast.start({
    mailboxes: true,
    web: true,
    settings: 'roles: [[gate, deliver], inspect, mail, web, janitor]',
  });
  const children = await holdfast.pids();
  assert.deepEqual([...children.keys()].sort(), ['gate+deliver', 'inspect', 'janitor', 'mail', 'web']);
  for (const [role, pid] of [...children, ['steward', holdfast.pid] as const]) {
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    assert.ok(title.startsWith(`holdfast ${role}`), `${role} is called ${title}`);
  }
  assert.doesNotMatch(holdfast.output, /Not in this release yet[^\n]*roles/);
  const { text } = await holdfast.admin('/metrics');
  for (const name of ['steward', 'gate+deliver', 'inspect', 'janitor', 'mail'])
    assert.match(text, new RegExp(`holdfast_log_dropped_lines\\{process="${name.replace('+', '\\+')}"\\} 0`));
  assert.equal((await holdfast.admin('/livez')).status, 200);
  assert.equal(await holdfast.stop(), 0);
  assert.deepEqual(await processesWith(`HOLDFAST_TEST=${holdfast.folder}\0`), []);
});

test('M6: /readyz is 503 and names the role that does not answer, and is 200 again when it does', async () => {
  await using holdfast = await Holdfast.start();
  const janitor = await pidOf(holdfast, 'janitor');
  process.kill(janitor, 'SIGSTOP');
  await eventually('not ready', async () => (await readiness(holdfast)).status === 503);
  const missing = await readiness(holdfast);
  process.kill(janitor, 'SIGCONT');
  assert.deepEqual(
    missing.roles.filter(({ ready }) => !ready).map(({ role, reason }) => [role, reason !== '']),
    [['janitor', true]],
  );
  assert.equal((await holdfast.admin('/readyz?role=gate')).status, 200);
  await holdfast.ready();
});

test('B4: a killed gate is started again; who connects meanwhile is served, and mail under way is not lost', async () => {
  await using sink = await startSink();
  await sink.down();
  await using holdfast = await Holdfast.start({ settings: settingsFor(sink), resources: RESOURCES });
  const before = [await send(holdfast.ports.smtp), await send(holdfast.ports.smtp)];
  const pid = await pidOf(holdfast, 'gate+deliver');
  assert.ok(kill(pid));
  const meanwhile = await Promise.all(Array.from({ length: 8 }, () => send(holdfast.ports.smtp)));
  assert.notEqual(await pidOf(holdfast, 'gate+deliver'), pid);
  await sink.up();
  for (const id of [...before, ...meanwhile]) await arrived(sink, id);
  assert.equal(await holdfast.metric('holdfast_steward_restarts', 'child="gate+deliver"'), 1);
  await assertBalanced(holdfast, { accepted: 10, delivered: 10 });
  for (const [mail, times] of sink.taken) assert.equal(times, 1, `${mail} came ${times} times`);
});

test('B4: when the steward is killed its children leave by themselves, and a new start takes over with all mail', async () => {
  await using sink = await startSink();
  await sink.down();
  await using holdfast = await Holdfast.start({ settings: settingsFor(sink), resources: RESOURCES });
  const waits = await send(holdfast.ports.smtp);
  await holdfast.killSteward();
  await holdfast.launch();
  assert.equal((await holdfast.pids()).size, 2, 'the new ones alone');
  const fresh = await send(holdfast.ports.smtp);
  await sink.up();
  for (const id of [waits, fresh]) await arrived(sink, id);
  await assertBalanced(holdfast, { accepted: 2, delivered: 2 });
  await holdfast.killSteward();
  await eventually('no child is left', async () => (await holdfast.pids()).size === 0);
});

test('B4: a steward that is stopped stops no mail and no sign-in; nobody answers for it, and afterwards it goes on', async (t) => {
  await using sink = await startSink();
  await using holdfast = await Holdfast.start({ settings: settingsFor(sink), resources: RESOURCES });
  process.kill(holdfast.pid, 'SIGSTOP');
  const until = performance.now() + STOPPED_MS;
  let mails = 0;
  while (mails < 20 || performance.now() < until) {
    await arrived(sink, await send(holdfast.ports.smtp));
    if (++mails % 20 === 1) await signIn(holdfast.ports.submission);
  }
  t.diagnostic(`${mails} mails while it stood still`);
  assert.equal((await holdfast.admin('/readyz', 1_000)).status, 0);
  assert.equal((await holdfast.cli('trace', 'a@acme.test')).code, 0, 'the command line does not need it');
  const before = await holdfast.pids();
  process.kill(holdfast.pid, 'SIGCONT');
  await holdfast.ready();
  await arrived(sink, await send(holdfast.ports.smtp));
  assert.deepEqual(await holdfast.pids(), before, 'it takes nobody for stuck');
  assert.equal(await holdfast.stop(), 0);
});

test('contract: SIGHUP with mistakes keeps the settings that run, and says so; with good ones they change', async () => {
  await using sink = await startSink();
  await using holdfast = await Holdfast.start({ settings: 'outbound: off', resources: RESOURCES });
  const pid = await pidOf(holdfast, 'gate+deliver');
  await holdfast.configure('outbond: on\nretry: { first: 60 }');
  holdfast.reload();
  await eventually('the mistakes are told', () => holdfast.output.includes('steward.settings-refused'));
  assert.match(holdfast.output, /outbond[\s\S]*retry\.first/);
  await send(holdfast.ports.smtp);
  assert.equal(await pidOf(holdfast, 'gate+deliver'), pid);
  await holdfast.configure(settingsFor(sink));
  holdfast.reload();
  await eventually('a new process has taken over', () => !runs(pid));
  await holdfast.ready();
  await arrived(sink, await send(holdfast.ports.smtp));
  await assertBalanced(holdfast, { accepted: 2, delivered: 1, held: 1 });
});

test('design 4: a second server on the same data directory says so and ends with 4; the first one goes on', async () => {
  await using holdfast = await Holdfast.start();
  const ports = { HOLDFAST_LISTEN_SMTP: '127.0.0.1:0', HOLDFAST_LISTEN_SUBMISSION: '127.0.0.1:0' };
  for (const env of [{}, { ...ports, HOLDFAST_LISTEN_ADMIN: '127.0.0.1:0' }]) {
    const second = serve(['--config', holdfast.config], env);
    const [code] = (await once(second.child, 'close')) as [number | null];
    assert.equal(code, 4, second.said());
    assert.match(second.said(), /holds|another|already|use/i);
  }
  assert.equal((await holdfast.admin('/readyz')).status, 200);
});

test('design 3: --dev runs all roles in one process, and ends cleanly', async () => {
  await using sink = await startSink();
  const options = { settings: settingsFor(sink), resources: RESOURCES, args: ['--dev'] };
  await using holdfast = await Holdfast.start(options);
  assert.deepEqual([...(await holdfast.pids()).keys()], []);
  assert.ok((await readFile(`/proc/${holdfast.pid}/cmdline`, 'utf8')).startsWith('holdfast dev'));
  await arrived(sink, await send(holdfast.ports.smtp));
  assert.ok((await holdfast.metric('holdfast_queue_accepted_messages_total')) >= 1);
  await assertBalanced(holdfast, { accepted: 1, delivered: 1 });
  assert.equal(await holdfast.stop(), 0);
});

test('design 5: npm start serves a demo that takes mail by the printed credentials, and SIGTERM ends all of it with 0', async () => {
  const demo = await startDemo('npm', ['start']);
  await using _ = demo;
  const password = /^ +scanner +(\S+)$/m.exec(demo.said())?.[1] ?? '';
  assert.match(demo.said(), /Send your first mail[\s\S]*swaks --server/);
  assert.match(demo.said(), /Outbound is off/);
  using peer = await SmtpPeer.connect(demo.submission);
  await peer.hears('220');
  await peer.asks('EHLO scanner', '250');
  await peer.startsTls();
  await peer.asks('EHLO scanner', '250');
  await peer.asks(`AUTH PLAIN ${Buffer.from(`\0scanner\0${password}`).toString('base64')}`, '235');
  await peer.asks('MAIL FROM:<scanner@demo.test>', '250');
  await peer.asks('RCPT TO:<somebody@example.com>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('Subject: Hello from the scanner\r\n\r\ntext\r\n.', '250 2.0.0 Ok: queued as');
  const tree = await processesWith(demo.mark);
  assert.ok(
    tree.some((title) => title.startsWith('holdfast steward')),
    tree.join(' | '),
  );
  assert.equal(await demo.stop(), 0);
  await eventually('nothing is left', async () => (await processesWith(demo.mark)).length === 0);
});

test('contract: npx holdfast in a checkout runs the pinned Node, whatever Node npx has', async () => {
  const { child, said } = start('npx', ['--no-install', 'holdfast', 'version', '--json'], { PATH: withoutPinned() });
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, said());
  assert.match(said(), /26\./);
});

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
}

function start(program: string, words: readonly string[], env: NodeJS.ProcessEnv): Started {
  const inherited = { ...process.env, HOLDFAST_ROLE: '', npm_lifecycle_event: undefined };
  const child = spawn(program, [...words], {
    cwd: HOME,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => text };
}

function serve(words: readonly string[], env: NodeJS.ProcessEnv): Started {
  return start(process.execPath, [join(HOME, 'bin', 'holdfast.js'), 'serve', ...words], env);
}

/** The path as a person's shell has it, where the pinned Node comes first in ours. */
function withoutPinned(): string {
  const pinned = dirname(process.execPath);
  const ours = (folder: string) => folder === pinned || folder.includes('node_modules');
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !ours(folder))
    .join(delimiter);
}

interface DemoRun extends AsyncDisposable {
  readonly submission: number;
  /** In the environment of each of its processes. */
  readonly mark: string;
  readonly said: () => string;
  stop(): Promise<number | null>;
}

/** Ready when it has said its greeting. */
async function startDemo(program: string, words: readonly string[]): Promise<DemoRun> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
  const submission = await freePort();
  const any = '127.0.0.1:0';
  const env = {
    PATH: withoutPinned(),
    HOLDFAST_TEST: folder,
    HOLDFAST_DATA: join(folder, 'data'),
    HOLDFAST_LISTEN_SMTP: any,
    HOLDFAST_LISTEN_SUBMISSION: `127.0.0.1:${submission}`,
    HOLDFAST_LISTEN_SUBMISSIONS: any,
    HOLDFAST_LISTEN_LMTP: any,
    HOLDFAST_LISTEN_ADMIN: any,
  };
  const { child, said } = start(program, words, env);
  const ended = once(child, 'exit');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<number | null> => {
    if (!isOver()) child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
    await ended;
    clearTimeout(late);
    return child.exitCode;
  };
  await eventually(`${program} ${words.join(' ')} serves`, () => isOver() || said().includes('Outbound is off'));
  assert.ok(!isOver(), said());
  return {
    submission,
    mark: `HOLDFAST_TEST=${folder}\0`,
    said,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await pause(0);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
