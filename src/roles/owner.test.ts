import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const OWNER = new URL('./owner.ts', import.meta.url).href;
const NOBODY = 65_534;

/** What a process that begins as root makes in a folder of `uid`. */
function madeIn(folder: string, uid: number): number {
  chownSync(folder, uid, uid);
  const file = join(folder, 'made');
  const script = `import { writeFileSync } from 'node:fs'; import { actAsOwner } from '${OWNER}'; actAsOwner('${folder}/data'); writeFileSync('${file}', '');`;
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]);
  return statSync(file).uid;
}

test('H3: what root makes in the data directory of another account belongs to that account', (t: TestContext) => {
  if (process.geteuid?.() !== 0) return t.skip('only root can act as somebody else');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-owner-'));
  try {
    chmodSync(folder, 0o700);
    assert.equal(madeIn(folder, NOBODY), NOBODY);
    rmSync(join(folder, 'made'));
    assert.equal(madeIn(folder, 0), 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
