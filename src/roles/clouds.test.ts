/** A shared cloud as it is: one certificate, two companies behind it, mail that is written anew on its way, and a rule that sends some of it here twice. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type ArrivedMail, type Claim, cloudDestination, type Domain, isBeforeInspection } from '#/model/index.ts';
import { Routes } from '#/outbound/index.ts';
import {
  claimOf,
  directoryOf,
  GateFixture,
  makeAuthority,
  type PeerTls,
  ScriptedServer,
  startBench,
  type TenantSketch,
  tenantOf,
  testCertificate,
  textOf,
} from '#/testkit/index.ts';

const IDS = ['acme', 'beta'] as const;
type Id = (typeof IDS)[number];
const SECRETS: Readonly<Record<Id, string>> = {
  acme: 'acmes-secret-0123456789abcd',
  beta: 'betas-secret-0123456789abcd',
};
const SKETCHES: readonly TenantSketch[] = IDS.map((id) => ({
  id,
  domains: [`${id}.test`],
  relays: [
    {
      name: `${id}-365`,
      kind: 'microsoft365',
      senders: [`*@${id}.test`],
      returnsTo: hostOf(id),
      connectorSecret: { kind: 'sha256', hex: createHash('sha256').update(SECRETS[id]).digest('hex'), scram: null },
    },
  ],
}));
const DIRECTORY = directoryOf(SKETCHES.map(tenantOf));

let gate: GateFixture;
let trusted: string;
let shared: PeerTls;
let tlsOf: (host: string) => Promise<{ readonly cert: string; readonly key: string }>;

before(async () => {
  const authority = await makeAuthority();
  trusted = authority.cert;
  shared = await authority.issue(['mail.protection.outlook.com']);
  tlsOf = (host) => authority.issue([host]);
  gate = await GateFixture.start({ tenants: SKETCHES, tls: () => testCertificate({ authority: trusted }) });
});

after(() => gate[Symbol.asyncDispose]());

function hostOf(id: Id): string {
  return `${id}-test.mail.protection.outlook.com`;
}

/** What the cloud sends here: the reply, and the mail as custody would get it. */
async function sends(
  content: readonly string[],
  { as, from = as }: { as: Id; from?: Id },
): Promise<readonly [string, ArrivedMail | undefined]> {
  using connected = await gate.greet();
  await connected.startsTls(shared);
  await connected.asks('EHLO outbound.protection.outlook.com', '250');
  await connected.asks(`MAIL FROM:<ann@${from}.test>`, '250');
  const answer = await connected.asks('RCPT TO:<friend@world.test>', /^[25]/);
  if (!answer.startsWith('250')) return [answer, undefined];
  await connected.asks('DATA', '354');
  const before = gate.intake.mails.length;
  connected.says(`X-Holdfast-Connector: ${SECRETS[as]}`, ...content, '.');
  return [await connected.hears(/^\d/), gate.intake.mails[before]];
}

/** What arrives at the cloud of a mail that was accepted. */
async function goesBack(mail: ArrivedMail, id: Id): Promise<string> {
  const tls = await tlsOf(hostOf(id));
  await using server = await ScriptedServer.start({ tls });
  await using bench = startBench({
    directory: DIRECTORY,
    resolver: { addresses: async () => ['127.0.0.1'] },
    limits: { mxPort: server.port },
    authorities: [trusted],
  });
  const { recipients: _, body, ...kept } = mail;
  const destination = cloudDestination(hostOf(id) as Domain);
  const claim: Claim = claimOf({ mail: kept, body, to: mail.recipients.map(({ address }) => address), destination });
  bench.work.offer(destination, [claim]);
  await bench.work.until({ settled: 1 });
  assert.deepEqual(bench.work.kinds(), ['delivered']);
  return server.mails[0]?.content ?? '';
}

/** As a cloud writes it on its way: fields added and folded, the body in another transfer encoding. */
function writtenAnew(content: string): readonly string[] {
  const at = content.indexOf('\r\n\r\n');
  const fields = content.slice(0, at).replace(/; t=/, ';\r\n\tt=').split('\r\n');
  const body = content.slice(at + 4);
  const isEncoded = fields.some((line) => line.startsWith('Content-Transfer-Encoding'));
  const added = ['X-MS-Exchange-Organization-SCL: -1', ...fields];
  if (isEncoded) return [...added, '', ...body.split('\r\n')];
  const encoded = Buffer.from(body, 'latin1').toString('base64').replace(/.{76}/g, '$&\r\n');
  return [...added, 'Content-Transfer-Encoding: base64', '', ...encoded.split('\r\n')];
}

function stampsIn(text: string): readonly string[] {
  return text.match(/^X-Holdfast-Stamp: v=1; hop=\d+/gm) ?? [];
}

const LETTER = [
  'From: <ann@acme.test>',
  'Message-ID: <1@acme.test>',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'The offer that you asked for, 12 pieces.',
];

test('design 6: mail of two companies behind one certificate is each its own, and one’s secret lends nobody the other’s name', async () => {
  for (const id of IDS) {
    const [reply, mail] = await sends(LETTER, { as: id });
    assert.match(reply, /^250/);
    assert.equal(mail?.tenant, id);
  }
  const [borrowed, none] = await sends(LETTER, { as: 'beta', from: 'acme' });
  assert.match(borrowed, /^550 5\.7\.1 You may not send as/);
  assert.equal(none, undefined);
});

test('design 6: mail that comes round again is counted each time, inspected each time, and refused at last', async () => {
  let content: readonly string[] = LETTER;
  for (const hop of [1, 2, 3]) {
    const [reply, mail] = await sends(content, { as: 'acme' });
    assert.match(reply, /^250/);
    assert.ok(mail !== undefined);
    assert.deepEqual(stampsIn(textOf(mail)), hop === 1 ? [] : [`X-Holdfast-Stamp: v=1; hop=${hop - 1}`]);
    assert.ok(isInspected(mail), 'a stamp leads nobody around the rules');
    const arrived = await goesBack(mail, 'acme');
    assert.equal(stampsIn(arrived)[0], `X-Holdfast-Stamp: v=1; hop=${hop}`);
    assert.doesNotMatch(arrived, /X-Holdfast-Connector/);
    content = writtenAnew(arrived);
  }
  const [reply] = await sends(content, { as: 'acme' });
  assert.match(reply, /^554 5\.4\.6 The message goes round/);
});

test('design 6: a stamp of another company, or of another mail, is taken off', async () => {
  const [, mail] = await sends(LETTER, { as: 'acme' });
  assert.ok(mail !== undefined);
  const stamped = writtenAnew(await goesBack(mail, 'acme'));
  const stamp = stamped.filter(
    (_, i) => stamped[i]?.startsWith('X-Holdfast-Stamp') === true || stamped[i]?.startsWith('\tt=') === true,
  );
  const [, theirs] = await sends(stamped, { as: 'beta' });
  assert.deepEqual(stampsIn(textOf(theirs ?? assert.fail())), []);
  const [, other] = await sends([...stamp, ...LETTER.slice(0, -1), 'Quite another letter.'], { as: 'acme' });
  assert.deepEqual(stampsIn(textOf(other ?? assert.fail())), []);
});

/** Whether it would wait for inspection where rules concern it. */
function isInspected({ identity, recipients, tenant }: ArrivedMail): boolean {
  const settings = { outbound: 'on', mailboxes: true, routes: [] } as const;
  const routes = new Routes(settings, { current: () => DIRECTORY }, { concerns: () => true });
  return recipients.every(({ address, direction }) => {
    const { destination } = routes.enter({ address, direction }, tenant, 'mail', identity);
    return isBeforeInspection(destination);
  });
}
