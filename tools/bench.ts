/** `npm run bench -- NAME [ARGS…]`: runs bench/NAME.ts; without a name, lists what there is. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesOf, home, textOf } from './lib/tree.ts';

const [name, ...rest] = process.argv.slice(2);
const there = filesOf('bench').flatMap((file) => /^bench\/([\w-]+)\.ts$/.exec(file)?.[1] ?? []);

if (name !== undefined && there.includes(name)) {
  const file = join(home, 'bench', `${name}.ts`);
  process.argv.splice(1, process.argv.length, file, ...rest);
  await import(pathToFileURL(file).href);
} else {
  if (name !== undefined) console.error(`There is no benchmark ${name}.`);
  for (const one of there) console.log(`npm run bench -- ${one.padEnd(12)} ${purposeOf(one)}`);
  process.exitCode = name === undefined ? 0 : 2;
}

function purposeOf(one: string): string {
  return /\/\*\*?\s*\*?\s*(.+?)(?:\*\/|\n)/.exec(textOf(`bench/${one}.ts`))?.[1]?.trim() ?? '';
}
