import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import type { Resolver } from '#/ports/index.ts';
import { FakeRegistry } from '#/testkit/index.ts';
import { type ConnectParts, connectOperations } from './index.ts';

const HOST = 'mx.example.test';
const BACK = 'acme-test.mail.protection.outlook.com';

function relay(more: object = {}) {
  return { name: 'm365', kind: 'microsoft365', networks: [], wide: false, senders: [], disabled: false, ...more };
}

function parts(relays: readonly object[], more: Partial<ConnectParts> = {}): ConnectParts {
  const registry = new FakeRegistry();
  const tenant = { id: 'acme', name: 'Acme', language: 'en', timezone: 'UTC', contacts: [], resend: false };
  const lists = { domains: [{ name: 'acme.test' }], users: [], groups: [], policies: [], signatures: [], desks: [] };
  registry.snapshot = { ...registry.snapshot, resources: { tenants: [{ ...tenant, ...lists, relays }] } };
  const resolver: Resolver = {
    mx: async () => ({ kind: 'hosts', hosts: [{ preference: 10, host: 'acme-test.mail.protection.outlook.com' }] }),
    addresses: async () => ['203.0.113.5'],
    reverse: async () => null,
    texts: async () => ['x', 'v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all'],
  };
  return { registry, hostname: HOST, resolver, front: { selfSigned: false, takesPort25: true }, ...more };
}

interface Shown {
  readonly steps: readonly { readonly title: Wording; readonly text: Wording; readonly script: string | null }[];
}

interface Wording {
  readonly en: string;
  readonly ja: string;
}

interface Checked {
  readonly found: readonly { readonly state: string; readonly text: Wording }[];
}

async function ask<Answer>(name: string, given: ConnectParts, kind = 'microsoft365', tenant = 'acme'): Promise<Answer> {
  const one = connectOperations(given).find((candidate) => candidate.name === name);
  assert.ok(one);
  const input = one.input.parse({ tenant, kind });
  const context = { by: 'cli:test', call: within(5_000) };
  return one.output.parse(await one.handle(input, context)) as Answer;
}

function scriptsOf({ steps }: Shown): string {
  return steps.map(({ script }) => script ?? '').join('\n');
}

test('design 6: the script for Microsoft 365 has the names of this installation, the header, and no secret', async () => {
  const shown = await ask<Shown>('connect.show', parts([relay({ secret: { sha256: 'ab'.repeat(32) } })]));
  const script = scriptsOf(shown);
  assert.match(
    script,
    /New-OutboundConnector -Name "Holdfast m365 out".*\n.*-SmartHosts "mx\.example\.test".*DomainValidation/,
  );
  assert.match(script, /-SetHeaderName "X-Holdfast-Connector" -SetHeaderValue \$secret `\n/);
  assert.match(script, /-RouteMessageOutboundConnector "Holdfast m365 out"/);
  assert.match(script, /acme\.test\. TXT "v=spf1 a:mx\.example\.test include:spf\.protection\.outlook\.com -all"/);
  assert.doesNotMatch(script, /New-InboundConnector|Stamp|abab/);
  assert.doesNotMatch(script, / $/m, 'a blank behind the mark that continues a line ends the command');
});

test('design 6: where mail goes back, the rule leaves out what has a stamp, and takes off stamps that are not ours', async () => {
  const script = scriptsOf(await ask<Shown>('connect.show', parts([relay({ returnTo: BACK })])));
  assert.match(script, /New-InboundConnector -Name "Holdfast m365 in" -ConnectorType OnPremises/);
  assert.match(
    script,
    /-ExceptIfHeaderMatchesMessageHeader "X-Holdfast-Stamp" -ExceptIfHeaderMatchesPatterns "\^v=1;"/,
  );
  assert.match(script, /-RemoveHeader "X-Holdfast-Stamp" -ExceptIfSenderIpRanges \$ours/);
  assert.ok(script.indexOf('-RemoveHeader') < script.indexOf('-SetHeaderName'), 'first the stamps, then the rule');
  assert.match(script, /TXT "v=spf1 include:spf\.protection\.outlook\.com -all"/);
});

test('design 6: a name can’t break out of the script', async () => {
  const script = scriptsOf(await ask<Shown>('connect.show', parts([relay({ name: 'a"; $x = `b' })])));
  assert.match(script, /-Name "Holdfast a`"; `\$x = ``b out"/);
});

test('design 6: a tenant without the connector is told how to declare it; Google has its own steps; both languages are whole', async () => {
  for (const [kind, sentence] of [
    ['microsoft365', /kind: microsoft365, cloudTenant: /],
    ['google', /kind: google, networks: \[/],
  ] as const) {
    const { steps } = await ask<Shown>('connect.show', parts([]), kind);
    assert.match(steps[0]?.script ?? '', sentence);
    for (const { title, text } of steps) {
      assert.ok(title.en !== '' && text.en !== '');
      assert.match(title.ja === 'DNS' ? text.ja : title.ja, /[ぁ-んァ-ヶ一-龠]/);
    }
  }
  const google = await ask<Shown>(
    'connect.show',
    parts([relay({ kind: 'google', returnTo: 'smtp-relay.gmail.com' })]),
    'google',
  );
  assert.match(
    google.steps.map(({ text }) => text.en).join('\n'),
    /Content compliance.*X-Holdfast-Stamp[\s\S]*SMTP relay service/s,
  );
  await assert.rejects(ask('connect.show', parts([]), 'google', 'acmee'), /There is no tenant acmee: .*acme/);
});

test('design 6: the check says what has to be mended, and what DNS would not say', async () => {
  const states = async (given: ConnectParts, kind = 'microsoft365') =>
    (await ask<Checked>('connect.check', given, kind)).found.map(({ state }) => state);
  assert.deepEqual(await states(parts([relay({ returnTo: BACK })])), [
    'good',
    'good',
    'good',
    'good',
    'good',
    'good',
    'good',
  ]);
  const bare = { front: { selfSigned: true, takesPort25: false } };
  assert.deepEqual(await states(parts([], bare)), ['bad', 'bad', 'bad', 'good', 'good', 'good']);
  assert.equal((await states(parts([relay({ kind: 'google' })]), 'google'))[3], 'bad', 'no networks');
  assert.equal((await states(parts([relay({ disabled: true })])))[0], 'bad');
  const silent: Resolver = {
    mx: () => Promise.reject(new Error('no')),
    addresses: () => Promise.reject(new Error('no')),
    reverse: async () => null,
    texts: () => Promise.reject(new Error('no')),
  };
  assert.deepEqual((await states(parts([relay()], { resolver: silent }))).slice(3), ['unknown', 'unknown', 'unknown']);
  const here: Resolver = {
    mx: async () => ({ kind: 'hosts', hosts: [{ preference: 1, host: 'MX.example.test.' }] }),
    addresses: async () => [],
    reverse: async () => null,
    texts: async () => ['v=spf1 -all'],
  };
  const { found } = await ask<Checked>('connect.check', parts([relay({ returnTo: BACK })], { resolver: here }));
  assert.deepEqual(
    found.slice(3).map(({ state }) => state),
    ['bad', 'bad', 'bad', 'bad'],
  );
  assert.match(found.at(-2)?.text.en ?? '', /mail from outside reaches here only whom this server knows/);
});
