import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Domain } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { parseHosts } from './hosts-file.ts';
import { createResolver, RESOLVER_DEFAULTS } from './index.ts';

const TYPES = { A: 1, PTR: 12, MX: 15, AAAA: 28 } as const;
type Zone = Record<string, readonly string[] | 'NXDOMAIN' | 'SERVFAIL' | 'silence'>;

// Answers what the zone says: keys are `NAME TYPE`; a name without the asked type has no data.
async function dnsServer(zone: Zone): Promise<{ server: string; asked: string[]; close: () => void }> {
  const socket: Socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    const { name, type } = questionOf(query);
    asked.push(`${name} ${type}`);
    const answer = zone[`${name} ${type}`] ?? zone[name] ?? [];
    if (answer !== 'silence') socket.send(responseTo(query, type, answer), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, asked, close: () => socket.close() };
}

function questionOf(query: Buffer): { name: string; type: string } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const number = query.readUInt16BE(at + 1);
  return { name: labels.join('.'), type: Object.entries(TYPES).find(([, code]) => code === number)?.[0] ?? '?' };
}

function responseTo(query: Buffer, type: string, answer: readonly string[] | 'NXDOMAIN' | 'SERVFAIL'): Buffer {
  const records = typeof answer === 'string' ? [] : answer;
  const code = answer === 'NXDOMAIN' ? 3 : answer === 'SERVFAIL' ? 2 : 0;
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records.map((text) => record(type, text))]);
}

function record(type: string, text: string): Buffer {
  const data = dataOf(type, text);
  const head = Buffer.from([0xc0, 12, 0, TYPES[type as keyof typeof TYPES], 0, 1, 0, 0, 0, 60, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(type: string, text: string): Buffer {
  if (type === 'A') return Buffer.from(text.split('.').map(Number));
  if (type === 'AAAA') return Buffer.from(text.replaceAll(':', ''), 'hex');
  if (type === 'PTR') return encodeName(text);
  const [preference, host = ''] = text.split(' ');
  const number = Buffer.alloc(2);
  number.writeUInt16BE(Number(preference));
  return Buffer.concat([number, encodeName(host)]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]), Buffer.of(0)]);
}

async function withResolver(
  zone: Zone,
  use: (resolver: ReturnType<typeof createResolver>, asked: string[], clock: { now: number }) => Promise<void>,
  random = Math.random,
): Promise<void> {
  const dns = await dnsServer(zone);
  const clock = { now: 0 };
  const settings = { ...RESOLVER_DEFAULTS, servers: [dns.server], tryMs: 500, tries: 1 };
  using resolver = createResolver(settings, { clock: { monotonic: () => clock.now }, random });
  try {
    await use(resolver, dns.asked, clock);
  } finally {
    dns.close();
  }
}

const domain = (text: string): Domain => text as Domain;

test('RFC 5321 §5.1: MX hosts come in order of preference, equal ones by lot', async () => {
  const lots = [0.9, 0.1, 0.5];
  const zone = { 'a.test MX': ['20 Late.a.test', '10 one.a.test', '10 two.a.test'] };
  await withResolver(
    zone,
    async (resolver) => {
      const answer = await resolver.mx(domain('a.test'), within(2_000));
      assert.deepEqual(answer, {
        kind: 'hosts',
        hosts: [
          { preference: 10, host: 'one.a.test' },
          { preference: 10, host: 'two.a.test' },
          { preference: 20, host: 'late.a.test' },
        ],
      });
    },
    () => lots.shift() ?? 0,
  );
});

test('RFC 7505 §3: a null MX, a name without MX and a name that is not there are three answers', async () => {
  const zone: Zone = { 'null.test MX': ['0 .'], 'gone.test': 'NXDOMAIN', 'mixed.test MX': ['0 .', '5 mx.mixed.test'] };
  await withResolver(zone, async (resolver) => {
    assert.deepEqual(await resolver.mx(domain('null.test'), within(2_000)), { kind: 'null-mx' });
    assert.deepEqual(await resolver.mx(domain('plain.test'), within(2_000)), { kind: 'none' });
    assert.deepEqual(await resolver.mx(domain('gone.test'), within(2_000)), { kind: 'no-such-domain' });
    assert.equal((await resolver.mx(domain('mixed.test'), within(2_000))).kind, 'hosts');
    assert.deepEqual(await resolver.mx(domain('[192.0.2.1]'), within(2_000)), { kind: 'none' });
  });
});

test('B3: a resolver that fails or is silent is a fault, at the deadline at the latest', async () => {
  await withResolver({ 'fails.test': 'SERVFAIL', 'silent.test': 'silence' }, async (resolver) => {
    await assert.rejects(resolver.mx(domain('fails.test'), within(2_000)), { code: 'dns.unavailable' });
    await assert.rejects(resolver.mx(domain('silent.test'), within(50)), { code: 'dns.unavailable' });
    await assert.rejects(resolver.addresses('fails.test', within(2_000)), { code: 'dns.unavailable' });
    await assert.rejects(resolver.mx(domain('b.test'), within(2_000, AbortSignal.abort())), {
      code: 'dns.unavailable',
    });
  });
});

test('RFC 5321 §5.1: a host has the addresses of both families, IPv6 first; half an answer is an answer', async () => {
  const zone: Zone = {
    'both.test A': ['192.0.2.1'],
    'both.test AAAA': ['2001:0db8:0000:0000:0000:0000:0000:0001'],
    'half.test A': ['192.0.2.2'],
    'half.test AAAA': 'SERVFAIL',
  };
  await withResolver(zone, async (resolver) => {
    assert.deepEqual(await resolver.addresses('both.test', within(2_000)), ['2001:db8::1', '192.0.2.1']);
    assert.deepEqual(await resolver.addresses('half.test', within(2_000)), ['192.0.2.2']);
    assert.deepEqual(await resolver.addresses('none.test', within(2_000)), []);
    assert.deepEqual(await resolver.addresses('[IPv6:2001:DB8::5]', within(2_000)), ['2001:db8::5']);
    assert.deepEqual(await resolver.addresses('192.0.2.9', within(2_000)), ['192.0.2.9']);
  });
});

test('RFC 5891: a name in UTF-8 is asked for by its A-labels', async () => {
  await withResolver({ 'xn--r8jz45g.test MX': ['10 mx.test'] }, async (resolver, asked) => {
    assert.equal((await resolver.mx(domain('例え.test'), within(2_000))).kind, 'hosts');
    assert.deepEqual(asked, ['xn--r8jz45g.test MX']);
  });
});

test('M1: the name of an address counts only when it leads back to it', async () => {
  const zone: Zone = {
    '1.2.0.192.in-addr.arpa PTR': ['honest.test'],
    'honest.test A': ['192.0.2.1'],
    '2.2.0.192.in-addr.arpa PTR': ['liar.test'],
    'liar.test A': ['192.0.2.77'],
  };
  await withResolver(zone, async (resolver) => {
    assert.equal(await resolver.reverse('::ffff:192.0.2.1', within(2_000)), 'honest.test');
    assert.equal(await resolver.reverse('192.0.2.2', within(2_000)), null);
    assert.equal(await resolver.reverse('192.0.2.3', within(2_000)), null);
  });
});

test('O6: equal questions are asked once, until the answer is too old', async () => {
  await withResolver({ 'a.test MX': ['10 mx.a.test'] }, async (resolver, asked, clock) => {
    const ask = () => resolver.mx(domain('a.test'), within(2_000));
    await Promise.all([ask(), ask(), ask()]);
    await ask();
    assert.equal(asked.length, 1);
    clock.now += 61_000;
    await ask();
    assert.equal(asked.length, 2);
  });
});

test('house: a hosts file is read with comments, capitals and several names a line', () => {
  const names = parseHosts('127.0.0.1 localhost Relay # mine\n# 1.1.1.1 no\n::1\trelay\nnonsense relay\n');
  assert.deepEqual(names.get('relay'), ['::1', '127.0.0.1']);
  assert.deepEqual([...names.keys()], ['localhost', 'relay']);
});
