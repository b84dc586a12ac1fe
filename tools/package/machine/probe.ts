/**
 * Runs inside the machine that boot.sh boots, by the Node of the package: what an operator does with the installed package, from the first
 * start to the purge. Says each step; the first that fails ends it with exit code 1. It imports nothing of the checkout.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

const PATIENCE_MS = 30_000;
const SETTINGS = '/etc/holdfast/holdfast.yaml';
const DATA = '/var/lib/holdfast';
const PACKAGE = process.argv[2] ?? readdirSync('/probe').find((name) => name.endsWith('.deb')) ?? '';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users: [{ address: bob@acme.test, password: "battery staple" }]
    relays: [{ name: scanner, kind: device, username: scanner, password: "paper jam", senders: [scanner@acme.test] }]
`;

/** Of the mail that everything after it must find again. */
let id = '';

const steps: readonly (readonly [string, () => Promise<void> | void])[] = [
  ['the service is ready after boot, by socket activation', ready],
  ['its processes have no user but holdfast, no capability, no new privileges, and a filter of system calls', closed],
  ['the ports 25, 587 and 465 greet', () => everyPortGreets()],
  ['root applies tenants to the running service', applyTenants],
  ['who may not read the settings hears what to do', strangers],
  ['a device signs in and submits; the trace knows the mail', submitAndTrace],
  ['a restart refuses nobody: who connects meanwhile is greeted', () => whileConnecting(() => system('restart'))],
  ['a killed service comes back by itself', () => whileConnecting(killAndWait)],
  ['root works on the store of the stopped service, and it starts again', offline],
  ['a mistake in the settings is told, and once mended the service comes back by itself', mistake],
  ['an upgrade keeps settings and mail, and refuses nobody', () => whileConnecting(upgrade)],
  ['the books balance', () => assert.match(holdfast('audit'), /books balance/)],
  ['removal stops it and leaves settings and mail', remove],
  ['a purge leaves the mail', purge],
];

for (const [title, step] of steps) {
  try {
    await step();
    console.log(`ok    ${title}`);
  } catch (error) {
    console.log(`FAIL  ${title}\n${error instanceof Error ? error.stack : String(error)}\n${journal()}`);
    process.exit(1);
  }
}

function run(program: string, ...words: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
}

function holdfast(...words: readonly string[]): string {
  return run('/usr/bin/holdfast', ...words);
}

function system(...words: readonly string[]): void {
  run('systemctl', words[0] ?? '', ...words.slice(1), 'holdfast.service');
}

function journal(): string {
  return spawnSync('journalctl', ['--no-pager', '-n', '40', '-u', 'holdfast*'], { encoding: 'utf8' }).stdout;
}

async function eventually(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await ask())) {
    assert.ok(performance.now() < until, `never came true: ${what}`);
    await sleep(100);
  }
}

async function isReady(): Promise<boolean> {
  const answer = await fetch('http://127.0.0.1:2081/readyz').catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

async function ready(): Promise<void> {
  await eventually('/readyz answers 200', isReady);
}

function mainPid(): number {
  return Number(run('systemctl', 'show', '--value', '--property=MainPID', 'holdfast.service').trim());
}

function closed(): void {
  const pids = readFileSync('/sys/fs/cgroup/system.slice/holdfast.service/cgroup.procs', 'utf8').trim().split('\n');
  assert.ok(pids.length >= 3, `steward and roles: ${pids.join(' ')}`);
  const uid = run('id', '-u', 'holdfast').trim();
  for (const pid of pids) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const value = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1];
    assert.deepEqual(
      [value('Uid'), value('CapEff'), value('CapBnd'), value('NoNewPrivs'), value('Seccomp')],
      [uid, '0000000000000000', '0000000000000000', '1', '2'],
    );
  }
}

async function greeted(port: number, secured = false): Promise<string> {
  const socket: Socket = secured
    ? connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
    : connect({ host: '127.0.0.1', port });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  socket.once('error', reject);
  socket.once('close', () => reject(new Error(`port ${port}: closed without a word`)));
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`port ${port}: no greeting in time`)));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

async function everyPortGreets(): Promise<void> {
  for (const port of [25, 587, 465]) assert.match(await greeted(port, port === 465), /^220 /);
  assert.match(await greetedOverIpv6(), /^220 /);
}

async function greetedOverIpv6(): Promise<string> {
  if (!existsSync('/proc/net/if_inet6')) return '220 no IPv6 here';
  const socket = connect({ host: '::1', port: 25 });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  socket.once('error', reject);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

function applyTenants(): void {
  writeFileSync('/probe/acme.yaml', RESOURCES, { mode: 0o600 });
  holdfast('apply', '-f', '/probe/acme.yaml');
}

function strangers(): void {
  const as = (...words: readonly string[]) =>
    spawnSync('setpriv', ['--reuid=nobody', '--regid=nogroup', '--clear-groups', '/usr/bin/holdfast', ...words], {
      encoding: 'utf8',
    });
  const audit = as('audit');
  assert.deepEqual([audit.status, /use sudo/.test(audit.stderr)], [2, true], audit.stderr);
  assert.equal(as('version').status, 0);
  assert.equal(as('help', 'trace').status, 0);
}

async function submitAndTrace(): Promise<void> {
  const socket = connectTls({ host: '127.0.0.1', port: 465, rejectUnauthorized: false });
  const lines = [
    'EHLO scanner.acme.test',
    `AUTH PLAIN ${Buffer.from('\0scanner\0paper jam').toString('base64')}`,
    'MAIL FROM:<scanner@acme.test>',
    'RCPT TO:<somebody@example.com>',
    'DATA',
    'From: scanner@acme.test\r\nSubject: a page\r\n\r\ntext\r\n.',
    'QUIT',
  ];
  let heard = '';
  for await (const chunk of socket) {
    heard += String(chunk);
    if (/^\d{3} .*\r\n$/m.test(heard.slice(heard.lastIndexOf('\n', heard.length - 2) + 1)) && lines.length > 0)
      socket.write(`${lines.shift()}\r\n`);
  }
  id = /queued as (\S+)/.exec(heard)?.[1] ?? '';
  assert.notEqual(id, '', heard);
  traced();
}

function traced(): void {
  const [mail] = JSON.parse(holdfast('trace', id, '--json')) as [{ recipients: { state: string; reason: string }[] }];
  assert.deepEqual(
    mail.recipients.map(({ state, reason }) => [state, reason]),
    [['held', 'outbound off']],
  );
}

/** A peer connects again and again while `act` runs: each time it must be greeted. A role that ends says 421 to whom it has. */
async function whileConnecting(act: () => Promise<void> | void): Promise<void> {
  let going = true;
  let greetings = 0;
  const peer = (async () => {
    while (going) {
      assert.match(await greeted(25), /^(220|421) /);
      greetings++;
      await sleep(20);
    }
  })();
  // What the peer meets is looked at below; until then nothing watches it.
  peer.catch(() => {});
  await inBackground(act);
  await ready();
  going = false;
  await peer;
  assert.ok(greetings > 0);
  traced();
}

// systemctl and dpkg are waited for without stopping the peer's loop.
async function inBackground(act: () => Promise<void> | void): Promise<void> {
  await sleep(100);
  await act();
}

async function killAndWait(): Promise<void> {
  const before = mainPid();
  process.kill(before, 'SIGKILL');
  await eventually('another process serves', () => mainPid() !== before && mainPid() !== 0);
}

async function offline(): Promise<void> {
  system('stop');
  assert.match(holdfast('audit'), /books balance/);
  writeFileSync('/probe/acme.yaml', RESOURCES.replace('name: Acme\n', 'name: Acme KK\n'));
  assert.match(holdfast('apply', '-f', '/probe/acme.yaml'), /Acme|acme|change/i);
  const owner = statSync(DATA).uid;
  for (const name of readdirSync(DATA))
    assert.equal(statSync(`${DATA}/${name}`).uid, owner, `${name} is not holdfast's`);
  system('start');
  await ready();
  traced();
}

async function mistake(): Promise<void> {
  const good = readFileSync(SETTINGS, 'utf8');
  appendFileSync(SETTINGS, 'hostnam: mx.acme.test\n');
  run('systemctl', '--no-block', 'restart', 'holdfast.service');
  await eventually('the mistake is in the journal', () => /hostnam\b/.test(journal()));
  writeFileSync(SETTINGS, `${good}hostname: mx.acme.test\n`);
  await ready();
}

async function upgrade(): Promise<void> {
  const before = mainPid();
  run('dpkg', '--install', `/probe/${PACKAGE}`);
  await eventually('the new release runs', () => mainPid() !== before && mainPid() !== 0);
  assert.match(readFileSync(SETTINGS, 'utf8'), /^hostname: mx\.acme\.test$/m);
}

async function remove(): Promise<void> {
  run('dpkg', '--remove', 'holdfast');
  await assert.rejects(greeted(25), { code: 'ECONNREFUSED' });
  assert.ok(existsSync(SETTINGS) && existsSync(`${DATA}/custody.db`) && existsSync(`${DATA}/secrets.key`));
}

function purge(): void {
  run('dpkg', '--purge', 'holdfast');
  assert.deepEqual([existsSync('/etc/holdfast'), existsSync(`${DATA}/custody.db`)], [false, true]);
}
