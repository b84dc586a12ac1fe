/** What contacts read about a redelivery campaign, in both languages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CampaignId, MailAddress, MailId } from '#/model/index.ts';
import type { Campaign, CampaignNews } from '#/ports/index.ts';
import { FakeDirectorySource, FakeRouting, tenantOf } from '#/testkit/index.ts';
import { CampaignLetters } from './index.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
const ID = '1M7YZMHG0FSMBTGW';
const campaign: Campaign = {
  id: ID as CampaignId,
  title: 'Lost instructions',
  query: { from: NOON - HOUR, to: NOON },
  unlessChosen: 'send',
  perSecond: 50,
  note: null,
  by: 'cli:root',
  draftedAt: NOON,
  state: 'announced',
  plan: { closesAt: NOON + 24 * HOUR, freezesAt: NOON + 35 * HOUR, startsAt: NOON + 36 * HOUR },
  startedAt: null,
  releasedAt: null,
  completedAt: null,
  reportedAt: null,
};

async function read(language: 'en' | 'ja', news: CampaignNews, more: Partial<Campaign> = {}): Promise<string> {
  const tenant = { ...tenantOf({ id: 'acme', domains: ['acme.test'] }), language, timezone: 'Asia/Tokyo' };
  const directory = new FakeDirectorySource([tenant]);
  const reach = (address: MailAddress) => [{ address, direction: 'outbound' as const }];
  const letters = new CampaignLetters('mail.test', { directory, routing: new FakeRouting(['acme.test']), reach });
  const own = {
    ...{ tenant: tenant.id, messages: 2, recipients: { served: 1, 'served before': 1, refused: 3, left: 2 } },
    ...{ choice: null, chosenBy: null, chosenAt: null },
  };
  const to = 'it@ops.test' as MailAddress;
  const told = { id: ID as string as MailId, at: NOON + HOUR, to, news, campaign: { ...campaign, ...more }, own };
  const mail = letters.telling(told);
  assert.ok(mail !== null && mail.body.kind === 'memory');
  assert.equal(mail.id, ID);
  const text = Buffer.concat(mail.body.chunks).toString();
  const [, encoded = ''] = /text\/plain[\s\S]*?base64\r\n\r\n([\s\S]*?)\r\n--/.exec(text) ?? [];
  return encoded === '' ? text : Buffer.from(encoded, 'base64').toString();
}

test('H7, H8: a contact reads what did not arrive, until when they can choose, and from when it is sent', async () => {
  const text = (await read('en', 'announced')).replaceAll(/=\r\n|\r\n */g, ' ').replaceAll('=3D', '=');
  for (const words of ['2 messages', '7 recipients', 'unless you refuse it', ID, 'Choose until: Sun 22 Nov 21:00'])
    assert.ok(text.includes(words), `${words} is not in\n${text}`);
  const ordered = await read('en', 'announced', { unlessChosen: 'stop' });
  assert.match(ordered, /only if you order it/);
});

test('H7, H8: a contact reads what came of it, in the language of their tenant', async () => {
  const text = await read('ja', 'completed', { state: 'completed', completedAt: NOON + HOUR });
  for (const words of ['メール2通', '配信済み: 2', '停止: 3', '未配信: 2']) assert.ok(text.includes(words), text);
});
