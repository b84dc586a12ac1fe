/** Letters past the queue, to a scripted smarthost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArrivedMail, type MailAddress, within } from '#/model/index.ts';
import { createDialer } from '#/net/index.ts';
import { type Script, ScriptedServer } from '#/testkit/index.ts';
import { type DirectHop, DirectWay } from './direct.ts';
import { OUTBOUND_LIMITS } from './settings.ts';

const TO = 'it@acme.test' as MailAddress;
const content = Buffer.from('Subject: Late\r\n\r\n.hidden\r\n');
const letter = {
  sender: null,
  size: content.length,
  needs: { eightBit: false, smtpUtf8: false, requireTls: false, ret: null, envid: null },
  body: { kind: 'memory', chunks: [content], size: content.length },
} as unknown as ArrivedMail;

async function pair(script: Script, hop: Partial<DirectHop> = {}) {
  const server = await ScriptedServer.start(script);
  const way = new DirectWay(
    { host: 'relay.test', port: server.port, tls: 'none', credentials: null, ...hop },
    {
      dialer: createDialer({ allow: [], authorities: [] }),
      resolver: { addresses: async () => ['127.0.0.1'] } as never,
      hostname: 'mx.example.test',
      limits: OUTBOUND_LIMITS,
    },
  );
  const send = (to: string = TO, ms = 30_000) => way.send(letter, to as MailAddress, within(ms));
  return { server, send, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('H8: a letter goes to the smarthost as it is, with a null reverse-path', async () => {
  await using it = await pair({});
  await it.send();
  const [mail] = it.server.mails;
  assert.deepEqual([mail?.sender, mail?.recipients], ['', [TO]]);
  assert.equal(mail?.content, content.toString());
});

test('H8: an address that is refused says nothing of the next one', async () => {
  await using it = await pair({
    answer: (step, line) => (step === 'rcpt' && /old@/.test(line) ? '550 5.1.1 no' : null),
  });
  await assert.rejects(it.send('old@acme.test'), /relay\.test answered "550 .*no"/);
  await it.send();
  assert.equal(it.server.mails.length, 1);
});

test('B3: a smarthost that hangs is given up in time, and spared the letters behind', async () => {
  await using it = await pair({ answer: (step) => (step === 'data' ? 'hang' : null) });
  await assert.rejects(it.send(TO, 200), /relay\.test took too long/);
  await assert.rejects(it.send(), /tried again in a minute/);
  assert.equal(it.server.sessions.length, 1);
});

test('design 6: with a password nothing is said before TLS has proved who the smarthost is', async () => {
  const credentials = { username: 'notices', password: 'correct horse' };
  await using clear = await pair({ credentials }, { tls: 'require', credentials });
  await assert.rejects(clear.send(), /does not offer TLS/);
  assert.ok(!clear.server.sessions.some(({ lines }) => lines.some((line) => line.startsWith('AUTH'))));
});
