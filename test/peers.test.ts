/** The foreign programs that other tests rely on do what we think they do. A missing one is skipped by its name. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { orSkip } from './support/or-skip.ts';
import { findPeer } from './support/peers.ts';
import { startPostfix } from './support/postfix.ts';
import { runSmtpSource, startSmtpSink } from './support/smtp-sink.ts';

const start = promisify(execFile);

test('house: curl and gcc can be run', async (t) => {
  for (const name of ['curl', 'gcc'] as const) {
    const peer = orSkip(t, await findPeer(name));
    if (peer === undefined) continue;
    const { stdout } = await start(peer.path(name), ['--version'], { env: peer.env, timeout: 10_000 });
    assert.match(stdout, new RegExp(name));
  }
});

test('house: Postfix keeps the mail of its domain that swaks sends, and refuses other domains', async (t) => {
  const swaks = orSkip(t, await findPeer('swaks'));
  if (swaks === undefined) return;
  await using postfix = orSkip(t, await startPostfix({ acceptFor: ['partner.test'] }));
  if (postfix === undefined) return;
  const send = (to: string, text: string): Promise<unknown> =>
    start(
      swaks.path('swaks'),
      [
        '--server',
        '127.0.0.1',
        '--port',
        String(postfix.port),
        '--from',
        'alice@acme.test',
        '--to',
        to,
        '--body',
        text,
      ],
      { env: swaks.env, timeout: 20_000 },
    );
  await send('bob@partner.test', 'carried to the end');
  const [mail = ''] = await postfix.waitForMessages(1);
  assert.match(mail, /^Delivered-To: bob@partner\.test$/m);
  assert.match(mail, /^carried to the end$/m);
  await assert.rejects(send('bob@elsewhere.test', 'x'), (error: { stdout?: string }) =>
    / 554 5\.7\.1 /.test(error.stdout ?? ''),
  );
  assert.equal(postfix.messages().length, 1);
});

test('house: smtp-source sends through a relaying Postfix into smtp-sink', async (t) => {
  await using sink = orSkip(t, await startSmtpSink());
  if (sink === undefined) return;
  await using postfix = orSkip(t, await startPostfix({ relayTo: sink.port }));
  if (postfix === undefined) return;
  const load = { port: postfix.port, messages: 20, connections: 2, from: 'alice@acme.test', to: 'bob@partner.test' };
  await runSmtpSource({ ...load, keepOpen: true }, 30_000);
  while ((postfix.log().match(/status=sent/g) ?? []).length < 20) await new Promise((done) => setTimeout(done, 50));
});
