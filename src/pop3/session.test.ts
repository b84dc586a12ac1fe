import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pop3Fixture } from '#/testkit/index.ts';

const ALICE = 'alice@acme.test';
const HELLO = 'Subject: hello\r\n\r\none\r\n.two\r\n..three\r\nfour\r\n';

test('RFC 1939 §10: a whole session: sign in, count, list, read, delete, and the rest is there next time', async () => {
  await using pop3 = await Pop3Fixture.start();
  pop3.maildrops.put(ALICE, HELLO, 'A: b\r\n\r\nsecond\r\n');
  {
    using peer = await pop3.connect();
    await peer.startsTls();
    await peer.asks(`USER ${ALICE}`, '+OK');
    await peer.asks('PASS secret', '+OK Signed in; 2 messages, 60 octets');
    await peer.asks('STAT', '+OK 2 60');
    assert.equal(await peer.gets('LIST'), '1 44\r\n2 16\r\n');
    assert.equal(await peer.gets('UIDL'), '1 u1\r\n2 u2\r\n');
    assert.equal(await peer.gets('RETR 1'), HELLO);
    await peer.asks('DELE 1', '+OK');
    await peer.asks('STAT', '+OK 1 16');
    assert.equal(await peer.gets('LIST'), '2 16\r\n');
    await peer.asks('QUIT', '+OK 1 message deleted');
    await peer.hearsTheEnd();
  }
  using again = await pop3.signedIn();
  assert.equal(await again.gets('UIDL'), '1 u2\r\n');
});
