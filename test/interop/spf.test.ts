/** The verdicts of ours beside those of the public suite of RFC 7208. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { parseIp } from '#/model/index.ts';
import { checkSpf, type SpfDns } from '#/trust/index.ts';

type Row = 'TIMEOUT' | Readonly<Record<string, unknown>>;
interface Scenario {
  readonly description: string;
  readonly tests: Readonly<
    Record<
      string,
      {
        readonly helo: string;
        readonly host: string;
        readonly mailfrom: string;
        readonly result: string | readonly string[];
      }
    >
  >;
  readonly zonedata: Readonly<Record<string, readonly Row[]>>;
}

/** The suite's zone; records of the old type SPF stand for TXT where there are none, as its head says. */
function zoneOf({ zonedata }: Scenario): SpfDns {
  const zone = new Map(Object.entries(zonedata).map(([name, rows]) => [name.toLowerCase(), rows]));
  const values = (name: string, type: string, hops = 0): readonly unknown[] => {
    const rows = zone.get(name.replace(/\.$/, '').toLowerCase()) ?? [];
    const typed = (wanted: string) => rows.flatMap((row) => (row !== 'TIMEOUT' && wanted in row ? [row[wanted]] : []));
    const [alias] = typed('CNAME');
    if (typeof alias === 'string' && hops < 9) return values(alias, type, hops + 1);
    const own = typed(type);
    const found = (type === 'TXT' && own.length === 0 ? typed('SPF') : own).filter((value) => value !== 'NONE');
    if (found.length === 0 && rows.includes('TIMEOUT')) throw new Error('TIMEOUT');
    if (found.includes('TIMEOUT')) throw new Error('TIMEOUT');
    return found;
  };
  return {
    texts: async (name) => values(name, 'TXT').map((value) => (Array.isArray(value) ? value.join('') : String(value))),
    addresses: async (name, family) => values(name, family === 4 ? 'A' : 'AAAA').map(String),
    mx: async (name) =>
      values(name, 'MX')
        .map((value) => String((value as readonly unknown[])[1]))
        .filter((host) => host !== ''),
    names: async (ip) => values(reverseName(ip), 'PTR').map(String),
  };
}

function reverseName(text: string): string {
  const ip = parseIp(text);
  assert.ok(ip !== null);
  if (ip.family === 4) return `${text.split('.').reverse().join('.')}.in-addr.arpa`;
  return `${ip.value.toString(16).padStart(32, '0').split('').reverse().join('.')}.ip6.arpa`;
}

test('RFC 7208 §4: every case of the public suite has the verdict that the suite wants', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures/spf/rfc7208-tests.yml'), 'utf8');
  const scenarios = parseAllDocuments(text, { uniqueKeys: false }).map((one) => one.toJS() as Scenario | null);
  let cases = 0;
  const wrong: string[] = [];
  for (const scenario of scenarios) {
    if (scenario === null) continue;
    const dns = zoneOf(scenario);
    for (const [name, { helo, host, mailfrom, result }] of Object.entries(scenario.tests)) {
      cases += 1;
      const got = await checkSpf({ ip: host, helo, sender: mailfrom === '' ? null : mailfrom }, dns);
      if (![result].flat().includes(got))
        wrong.push(`${scenario.description}, ${name}: ${got}, not ${[result].flat().join(' or ')}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(cases > 150, String(cases));
});
