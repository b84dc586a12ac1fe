/** Subscribing as a browser and a mail program do it, over the operations and a book in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailServices } from '#/announce/index.ts';
import { SubscriberTokens, subscriberOperations } from '#/incident/index.ts';
import { type ArrivedMail, within } from '#/model/index.ts';
import { type OperationsElsewhere, Refusal, type SubscriberWish } from '#/ports/index.ts';
import { openMemoryIncidents } from '#/store/memory/index.ts';
import { FakeClock, FakeDirectorySource, FakeLog, FakeMeter, unaskedWeb } from '#/testkit/index.ts';
import { makeApp } from '../app.ts';

async function bench() {
  const clock = new FakeClock(Date.UTC(2026, 10, 30, 12));
  const book = openMemoryIncidents();
  const tokens = new SubscriberTokens(() => Buffer.alloc(32, 7));
  const asked: { readonly wish: SubscriberWish; readonly token: string }[] = [];
  const operations = subscriberOperations({
    ...{ subscribers: book, tokens, clock },
    mails: {
      asking: (wish, token) => {
        asked.push({ wish, token });
        return {} as ArrivedMail;
      },
    },
    accept: async () => {},
  });
  const elsewhere: OperationsElsewhere = {
    described: () => Promise.reject(new TypeError('Nobody asks.')),
    call: async (name, input, by, call) => {
      const found = operations.find((one) => one.name === name);
      const read = found?.input.safeParse(input);
      if (found === undefined || read?.success !== true) throw new Refusal(2, 'not understood');
      return found.output.parse(await found.handle(read.data, { by, call }));
    },
  };
  const directory = new FakeDirectorySource([]);
  const app = await makeApp({
    ...unaskedWeb(directory),
    ...{ directory, clock, log: new FakeLog(), services: {} as MailServices, operations: elsewhere },
    requests: new FakeMeter().counter('holdfast_web_requests_total'),
  });
  const post = (url: string, payload: string) =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  return { app, book, asked, clock, tokens, post };
}

const soon = () => within(30_000);
const active = async ({ book }: Awaited<ReturnType<typeof bench>>) =>
  (await book.subscribers({ after: '', all: false }, 10, soon())).map(({ address }) => address);

test('B8: an address is asked by mail, confirmed by a button, and ended by one click of a mail program (RFC 8058)', async () => {
  const one = await bench();
  const form = await one.app.inject('/status/subscribe?component=delivery&lang=ja');
  assert.match(form.body, /<html lang="ja">[\s\S]*name="component" value="delivery" checked> <bdi>配送</);
  assert.match(
    (await one.post('/status/subscribe', 'address=taro@example.test&component=delivery')).body,
    /a mail is on its way/,
  );
  const [{ token, wish } = { token: '', wish: null }] = one.asked;
  assert.deepEqual(wish?.components, ['delivery']);
  const shown = await one.app.inject(`/status/s/${token}`);
  assert.match(shown.body, /<button>Confirm<\/button>/);
  assert.deepEqual(await active(one), [], 'a scanner that follows links confirms nothing');
  assert.match((await one.post(`/status/s/${token}`, '')).body, /You will be told/);
  assert.deepEqual(await active(one), ['taro@example.test']);
  const end = one.tokens.make(wish?.id ?? '', 'unsubscribe');
  await one.app.inject(`/status/s/${end}`);
  assert.deepEqual(await active(one), ['taro@example.test']);
  assert.equal((await one.post(`/status/s/${end}`, 'List-Unsubscribe=One-Click')).statusCode, 200);
  assert.deepEqual(await active(one), []);
});

test('B8: whether somebody is subscribed is told to nobody, and nobody is mailed twice a day', async () => {
  const one = await bench();
  const first = await one.post('/status/subscribe', 'address=taro@example.test');
  const again = await one.post('/status/subscribe', 'address=TARO@example.test');
  assert.equal(again.body, first.body);
  assert.equal(one.asked.length, 1);
  await one.post(`/status/s/${one.asked[0]?.token}`, '');
  assert.equal((await one.post('/status/subscribe', 'address=taro@example.test')).body, first.body);
  assert.equal(one.asked.length, 1);
});

test('B8: a flood from one client is slowed, and one from many is refused', async () => {
  const one = await bench();
  const status = [];
  for (let i = 0; i < 8; i++)
    status.push((await one.post('/status/subscribe', `address=a${i}@example.test`)).statusCode);
  assert.deepEqual(status, [200, 200, 200, 200, 200, 429, 429, 429]);
  for (let i = 0; i < 70; i++) {
    await one.clock.advance(60_000, 60_000);
    one.clock.jump(-60_000);
    await one.post('/status/subscribe', `address=b${i}@example.test`);
  }
  assert.ok(one.asked.length <= 60, String(one.asked.length));
});

test('design 6: what is no address, no https webhook or no link of ours is refused, and never shown as markup', async () => {
  const one = await bench();
  for (const form of [
    'address=no',
    'address=a@b.test%0d%0aBcc:x@y.test',
    'address=a@b.test&webhook=http://example.test/',
    'address=a@b.test&webhook=https://u:p@example.test/',
    'address=a@b.test&component=<script>',
  ]) {
    one.clock.jump(0);
    await one.clock.advance(60_000, 60_000);
    const answer = await one.post('/status/subscribe', form);
    assert.equal(answer.statusCode, 400, form);
    assert.doesNotMatch(answer.body, /<script>/);
  }
  await one.clock.advance(60_000, 60_000);
  const again = await one.post('/status/subscribe', 'address=taro%22%3E%3Cb%3E&webhook=https%3A%2F%2Fexample.test%2Fh');
  assert.match(again.body, /name="address"[^>]* value="taro&[^"<>]*"/, 'what was written is still there');
  assert.match(again.body, /value="https:\/\/example\.test\/h"/);
  const id = '00000000-0000-4000-8000-000000000001';
  for (const token of ['x', `${id}.${'a'.repeat(27)}`, `${id}.`, '%3Cscript%3E', 'a'.repeat(400)]) {
    const answer = await one.app.inject(`/status/s/${token}`);
    assert.equal(answer.statusCode, 404, token);
  }
  assert.equal(one.asked.length, 0);
});
