import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { GateFixture, textOf } from '#/testkit/index.ts';

const run = promisify(execFile);
const auth = { user: 'alice@acme.test', pass: 'secret' };

for (const [kind, secure] of [
  ['submission', false],
  ['submissions', true],
] as const) {
  test(`M1: nodemailer signs in and sends by ${kind}`, async () => {
    await using gate = await GateFixture.start({ kinds: [kind] });
    const transport = createTransport({
      host: '127.0.0.1',
      port: gate.port(kind),
      secure,
      requireTLS: true,
      auth,
      tls: { rejectUnauthorized: false },
      pool: true,
    });
    for (const subject of ['first', 'Überraschung 驚き']) {
      const sent = await transport.sendMail({
        from: auth.user,
        to: ['friend@world.test', 'bob@acme.test'],
        subject,
        text: `.a dot\n..two\n${'long '.repeat(1000)}`,
        dsn: { id: 'e-1', return: 'headers', notify: ['failure'], recipient: 'alice@acme.test' },
      });
      assert.match(sent.response, /^250 2\.0\.0 Ok: queued as [0-9A-Z]{16}$/);
      assert.deepEqual(sent.rejected, []);
    }
    transport.close();
    const [first, second] = gate.intake.mails;
    assert.equal(first?.needs.ret, 'hdrs');
    assert.deepEqual(first.recipients[0]?.notify, { success: false, failure: true, delay: false });
    assert.equal(second?.facts.subject, 'Überraschung 驚き');
    assert.match(textOf(first), /\r\n\.a dot\r\n\.\.two\r\n/);
  });
}

test('M1: nodemailer hears a refusal of one recipient and still sends to the other', async () => {
  await using gate = await GateFixture.start();
  const transport = createTransport({ host: '127.0.0.1', port: gate.port(), ignoreTLS: true });
  const to = ['bob@acme.test', 'nobody@acme.test'];
  const sent = await transport.sendMail({ from: 'x@world.test', to, subject: 's', text: 't' });
  assert.deepEqual(sent.rejected, ['nobody@acme.test']);
  assert.equal(gate.intake.mails[0]?.recipients.length, 1);
});

const curlIsHere = await run('curl', ['--version']).then(
  ({ stdout }) => stdout.includes('smtps'),
  () => false,
);

test('M1: curl signs in over STARTTLS and over TLS', { skip: !curlIsHere && 'no curl with SMTP' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-curl-'));
  try {
    await using gate = await GateFixture.start({ kinds: ['submission', 'submissions'] });
    const file = join(folder, 'mail.eml');
    await writeFile(file, 'From: alice@acme.test\r\nSubject: by curl\r\n\r\n.x\r\nwithout an end of line');
    for (const url of [
      `smtp://127.0.0.1:${gate.port('submission')}`,
      `smtps://127.0.0.1:${gate.port('submissions')}`,
    ]) {
      const envelope = ['--mail-from', auth.user, '--mail-rcpt', 'friend@world.test', '--upload-file', file];
      await run('curl', ['-sS', '--ssl-reqd', '-k', '--user', `${auth.user}:${auth.pass}`, url, ...envelope], {
        timeout: 15_000,
      });
    }
    for (const mail of gate.intake.mails) assert.match(textOf(mail), /\r\n\r\n\.x\r\nwithout an end of line\r\n$/);
    assert.equal(gate.intake.mails.length, 2);
  } finally {
    await rm(folder, { recursive: true });
  }
});
