import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  explainSettings,
  formatComplaints,
  isDatabase,
  type Loaded,
  listensBeyondLoopback,
  loadSettings,
  notBuiltLine,
  tlsSource,
} from '../index.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/config');
const ENV = { HOLDFAST_OPERATOR_PASSWORD: 'open sesame' };

type Environment = Readonly<Record<string, string | undefined>>;

function load(name: string, env: Environment = ENV) {
  return loadSettings({ config: name, env, cwd: FIXTURES });
}

function good(loading: ReturnType<typeof loadSettings>): Loaded {
  assert('settings' in loading, 'mistakes' in loading ? formatComplaints(loading.mistakes) : '');
  return loading;
}

function withFile(text: string, use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
  try {
    writeFileSync(join(folder, 'holdfast.yaml'), text);
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const name of readdirSync(FIXTURES).filter((file) => file.endsWith('.expected'))) {
  const file = name.replace('.expected', '.yaml');
  test(`contract: everything wrong with ${file} is told in one run, with place and remedy`, () => {
    const loading = load(file);
    const found = formatComplaints('mistakes' in loading ? loading.mistakes : loading.warnings);
    assert.equal(`${found}\n`, readFileSync(join(FIXTURES, name), 'utf8'));
  });
}

test('contract: the documented file is accepted as it stands, and is what the defaults are', () => {
  const { settings, warnings } = good(load('contract.yaml'));
  assert.deepEqual(warnings, []);
  assert.equal(settings.retry.delayNotice, 4 * 3_600_000);
  assert.equal(settings.limits.messageBytes, 50_000_000);
  assert.equal(settings.secrets.key.file, join(FIXTURES, 'data/secrets.key'));
  assert.deepEqual(settings.operators, [{ address: 'root@example.test', password: 'open sesame' }]);
  assert.deepEqual(
    settings.routes.map(({ port }) => port),
    [25, 2626],
  );
  const defaults = good(loadSettings({ env: {}, cwd: join(FIXTURES, 'nowhere') })).settings;
  const { retry, limits, retention, listen, roles, trust, dns, auth, tls } = settings;
  const { retry: r, limits: l, retention: n, listen: i, roles: o, trust: t, dns: d, auth: a, tls: s } = defaults;
  assert.deepEqual([retry, limits, retention, listen, roles, trust, dns, auth, tls], [r, l, n, i, o, t, d, a, s]);
});

test('design 5: without a file no mail leaves, everything is on loopback, and the data is in ./data', () => {
  const { settings, found } = good(loadSettings({ env: {}, cwd: tmpdir() }));
  assert.equal(found.by, './data');
  assert.equal(settings.outbound, false);
  assert.equal(settings.data, join(tmpdir(), 'data'));
  assert.equal(settings.secrets.key.file, join(tmpdir(), 'data', 'secrets.key'));
  assert(Object.values(settings.listen).every((list) => !listensBeyondLoopback(list)));
  assert.deepEqual(tlsSource(settings), { kind: 'selfSigned' });
});

test('contract: environment overrides scalars and lists, and its mistakes are told of the variable', () => {
  const env = {
    ...ENV,
    HOLDFAST_RETRY_DELAY_NOTICE: '2h',
    HOLDFAST_LISTEN_SMTP: '127.0.0.1:25, [::1]:25',
    HOLDFAST_LISTEN_POP3: '',
    HOLDFAST_LIMITS_RECIPIENTS: '500',
    HOLDFAST_ROLES: 'gate+deliver,janitor',
  };
  const { settings, sources } = good(load('contract.yaml', env));
  assert.equal(settings.retry.delayNotice, 2 * 3_600_000);
  assert.deepEqual(settings.listen.smtp, [
    { kind: 'address', host: '127.0.0.1', port: 25 },
    { kind: 'address', host: '::1', port: 25 },
  ]);
  assert.equal(settings.limits.recipients, 500);
  assert.deepEqual(settings.listen.pop3, []);
  assert.deepEqual(settings.roles, [['gate', 'deliver'], ['janitor']]);
  assert.equal(sources.get('retry.delayNotice')?.origin, 'environment');
  const bad = load('contract.yaml', { ...ENV, HOLDFAST_RETRY_FIRST: 'soon', HOLDFAST_RETRY_FRIST: '1s' });
  assert('mistakes' in bad);
  assert.equal(
    formatComplaints(bad.mistakes),
    [
      'environment: warning: HOLDFAST_RETRY_FRIST overrides nothing. — did you mean HOLDFAST_RETRY_FIRST?',
      'environment HOLDFAST_RETRY_FIRST: mistake: retry.first: "soon" is no duration. — write a number and its unit, such as 90s, 15m, 4h or 5d',
    ].join('\n'),
  );
});

test('contract: --config, --data, HOLDFAST_CONFIG, ./holdfast.yaml and ./data are asked in this order', () => {
  withFile('hostname: here.example.test\n', (folder) => {
    const env = { HOLDFAST_CONFIG: join(FIXTURES, 'contract.yaml'), ...ENV };
    const by = (options: { config?: string; data?: string; env?: Environment; cwd?: string }) => {
      const loaded = good(loadSettings({ env: {}, cwd: folder, ...options }));
      return `${loaded.found.by} ${loaded.settings.hostname}`;
    };
    assert.equal(by({ config: join(FIXTURES, 'contract.yaml'), data: 'x', env }), '--config mx.example.test');
    assert.match(by({ data: join(folder, 'sub'), env }), /^--data /);
    assert.equal(by({ env }), 'HOLDFAST_CONFIG mx.example.test');
    assert.equal(by({}), './holdfast.yaml here.example.test');
    assert.match(by({ cwd: join(folder, 'sub') }), /^\.\/data /);
  });
});

test('contract: --data overrides the folder, reads the holdfast.yaml inside it, and says which one it passes over', () => {
  withFile('hostname: here.example.test\n', (folder) => {
    const inside = good(loadSettings({ data: '.', env: {}, cwd: folder }));
    assert.equal(inside.settings.hostname, 'here.example.test');
    assert.equal(inside.settings.data, folder);
    const outside = good(loadSettings({ data: 'data', env: {}, cwd: folder }));
    assert.match(formatComplaints(outside.warnings), /holdfast\.yaml is not read, because --data was given/);
  });
});

test('contract: a file that is named and missing is a mistake, not a reason to run on defaults', () => {
  const loading = load('not-there.yaml');
  assert('mistakes' in loading);
  assert.match(formatComplaints(loading.mistakes), /not-there\.yaml: mistake: There is no such file/);
});

test('contract: a secret may stand in a file beside the configuration', () => {
  withFile('operators: [{ address: a@example.test, password: { file: secret.txt } }]\n', (folder) => {
    const missing = loadSettings({ env: {}, cwd: folder });
    assert('mistakes' in missing);
    assert.match(
      formatComplaints(missing.mistakes),
      /:1:50: mistake: Cannot read the secret in secret\.txt: there is no such file/,
    );
    writeFileSync(join(folder, 'secret.txt'), 'open sesame\n');
    const loaded = good(loadSettings({ env: {}, cwd: folder }));
    assert.equal(loaded.settings.operators[0]?.password, 'open sesame');
    assert.doesNotMatch(JSON.stringify(explainSettings(loaded)), /open sesame/);
  });
});

test('design 5: explain shows every setting with value, origin and reason, and no secret', () => {
  withFile('operators: [{ address: a@example.test, password: hunter22 }]\nretry: { first: 30s }\n', (folder) => {
    const loaded = good(loadSettings({ env: { HOLDFAST_HOSTNAME: 'mx.example.test' }, cwd: folder }));
    const all = explainSettings(loaded);
    assert(all.length > 40);
    assert(
      all.every(({ about, reason }) => about.endsWith('.') && reason.endsWith('.')),
      'each has its sentences',
    );
    assert.doesNotMatch(JSON.stringify(all), /hunter22/);
    const [first] = explainSettings(loaded, 'retry.first');
    assert.equal(
      `${first?.value} ${first?.from} ${first?.default} ${first?.environment}`,
      '30s file 60s HOLDFAST_RETRY_FIRST',
    );
    assert.equal(explainSettings(loaded, 'retry').length, 5);
    assert.equal(explainSettings(loaded, 'hostname')[0]?.from, 'environment');
  });
});

test('design 3: roles and listeners that come later are accepted and named once', () => {
  const line = notBuiltLine(good(load('contract.yaml'))) ?? '';
  assert.match(line, /left out: listeners sieve/);
  assert.doesNotMatch(line, /\bsmtp\b|\bimap|gate|mail|inspect|janitor|\bweb|listeners [^;]*http/);
});

test('contract: a store is a database or a folder beside the file, alone or as one of several cells', () => {
  withFile('store: postgres://holdfast:secret@db1:5432,db2:5432/mail?sslmode=require\n', (folder) => {
    const { settings } = good(loadSettings({ env: {}, cwd: folder }));
    assert.equal(settings.store, 'postgres://holdfast:secret@db1:5432,db2:5432/mail?sslmode=require');
    assert.equal(isDatabase(settings.store), true);
    assert.doesNotMatch(JSON.stringify(explainSettings(good(loadSettings({ env: {}, cwd: folder })))), /secret@/);
  });
  withFile('cells: { east: { store: ./east }, west: { store: postgres://db/west } }\n', (folder) => {
    const { settings } = good(loadSettings({ env: {}, cwd: folder }));
    assert.deepEqual(settings.cells, {
      east: { store: join(folder, 'east'), blobs: null },
      west: { store: 'postgres://db/west', blobs: null },
    });
  });
  for (const wrong of ['mysql://db/mail', 'postgres://', '" "']) {
    withFile(`store: ${wrong}\n`, (folder) => {
      const loading = loadSettings({ env: {}, cwd: folder });
      assert.ok('mistakes' in loading, wrong);
      assert.match(formatComplaints(loading.mistakes), /postgres:\/\/USER@HOST\/DATABASE/);
    });
  }
});

test('design 3: roles may be grouped in any way, as long as there is one that this release runs', () => {
  for (const roles of ['[gate, deliver, janitor]', '[[gate, janitor], deliver]', '[janitor]', '[deliver]', '[inspect]'])
    withFile(`roles: ${roles}\n`, (folder) => good(loadSettings({ env: {}, cwd: folder })));
  withFile('roles: []\n', (folder) => {
    const loading = loadSettings({ env: {}, cwd: folder });
    assert.ok('mistakes' in loading);
    assert.match(
      formatComplaints(loading.mistakes),
      /Nothing would run.*name at least one of gate, inspect, deliver, mail, web, janitor/,
    );
  });
});
