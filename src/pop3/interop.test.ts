import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Pop3Fixture } from '#/testkit/index.ts';

const run = promisify(execFile);
const ALICE = 'alice@acme.test';
const MAIL = 'Subject: hello\r\n\r\n.dot\r\n..two dots\r\n.\r\nlast\r\n';
const ODD = 'Subject: odd\r\n\r\nbare\n.\nline ends\r\n';

async function here(program: string, word: string): Promise<boolean> {
  try {
    return (await run(program, ['--version'])).stdout.includes(word);
  } catch {
    return false;
  }
}

const skipCurl = (await here('curl', 'pop3s')) ? false : 'no curl with POP3';
const skipPython = (await here('python3', 'Python 3')) ? false : 'no python3';

/** `how`: words before the URL. */
async function curl(pop3: Pop3Fixture, path: string, ...how: string[]): Promise<string> {
  const words = ['-sS', '-k', '--max-time', '20', '--user', `${ALICE}:secret`, ...how];
  const { stdout } = await run('curl', [...words, `pop3://127.0.0.1:${pop3.port('pop3')}/${path}`, '--ssl-reqd'], {
    encoding: 'latin1',
  });
  return stdout;
}

for (const [way, how] of [
  ['AUTH PLAIN', ['--login-options', 'AUTH=PLAIN']],
  ['AUTH PLAIN with its first answer', ['--login-options', 'AUTH=PLAIN', '--sasl-ir']],
] as const) {
  test(`O1: curl signs in with ${way} behind STLS, lists, reads and deletes`, { skip: skipCurl }, async () => {
    await using pop3 = await Pop3Fixture.start();
    pop3.maildrops.put(ALICE, MAIL, 'A: b\r\n\r\nsecond');
    assert.equal(await curl(pop3, '', ...how), `1 ${MAIL.length}\r\n2 14\r\n`);
    assert.equal(await curl(pop3, '1', ...how), MAIL);
    assert.equal(await curl(pop3, '2', ...how), 'A: b\r\n\r\nsecond\r\n');
    assert.equal(await curl(pop3, '', '-X', 'UIDL', ...how), '1 u1\r\n2 u2\r\n');
    await curl(pop3, '1', '-X', 'DELE', '-I', ...how);
    assert.deepEqual(pop3.maildrops.uids(ALICE), [2]);
  });
}

test('RFC 8314 §3.3: curl reads over TLS from the first octet', { skip: skipCurl }, async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, MAIL);
  const url = `pop3s://127.0.0.1:${pop3.port('pop3s')}/1`;
  const { stdout } = await run('curl', ['-sS', '-k', '--max-time', '20', '--user', `${ALICE}:secret`, url]);
  assert.equal(stdout, MAIL);
});

test('RFC 2595 §2.3: curl that would send its password in the clear is refused', { skip: skipCurl }, async () => {
  await using pop3 = await Pop3Fixture.start();
  const url = `pop3://127.0.0.1:${pop3.port('pop3')}/`;
  await assert.rejects(run('curl', ['-sS', '--max-time', '20', '--user', `${ALICE}:secret`, url]));
  assert.deepEqual(pop3.signIn.attempts, []);
});

const POPLIB = `
import json, poplib, ssl, sys
port, secured, user = int(sys.argv[1]), sys.argv[2] == "pop3s", sys.argv[3]
context = ssl._create_unverified_context()
if secured:
    box = poplib.POP3_SSL("127.0.0.1", port, timeout=20, context=context)
else:
    box = poplib.POP3("127.0.0.1", port, timeout=20)
    assert "STLS" in box.capa()
    box.stls(context=context)
box.utf8()
box.user(user)
try:
    box.pass_("wrong")
except poplib.error_proto as refused:
    wrong = str(refused)
box.user(user)
box.pass_("secret")
told = {
    "wrong": wrong,
    "stat": box.stat(),
    "uidl": [line.decode() for line in box.uidl()[1]],
    "lines": [[line.decode("latin-1") for line in box.retr(n)[1]] for n in (1, 2)],
    "top": [line.decode() for line in box.top(1, 1)[1]],
}
box.dele(1)
told["quit"] = box.quit().decode()
print(json.dumps(told))
`;

for (const kind of ['pop3', 'pop3s'] as const) {
  test(`O1: Python’s poplib does a whole session by ${kind}`, { skip: skipPython }, async () => {
    await using pop3 = await Pop3Fixture.start();
    pop3.maildrops.put(ALICE, MAIL, ODD);
    const { stdout } = await run('python3', ['-c', POPLIB, String(pop3.port(kind)), kind, ALICE]);
    assert.deepEqual(JSON.parse(stdout), {
      wrong: "b'-ERR [AUTH] Wrong user name or password'",
      stat: [2, MAIL.length + ODD.length],
      uidl: ['1 u1', '2 u2'],
      lines: [
        ['Subject: hello', '', '.dot', '..two dots', '.', 'last'],
        // It takes LF for a line end, and sees no end of the message where there is none.
        ['Subject: odd', '', 'bare', '.', 'line ends'],
      ],
      top: ['Subject: hello', '', '.dot'],
      quit: '+OK 1 message deleted; goodbye',
    });
    assert.deepEqual(pop3.maildrops.uids(ALICE), [2]);
  });
}
