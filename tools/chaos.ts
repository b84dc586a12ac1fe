/** `npm run chaos [-- NAME…]`: the long forms of test/chaos, or of those whose file begins so: `inspect`, `kills`, `postgres`, `store-away`, `views`. */
import { basename } from 'node:path';
import { sourcesOf } from './lib/tree.ts';

const names = process.argv.slice(2);
const all = sourcesOf('test/chaos').filter((file) => file.endsWith('.test.ts'));
const unknown = names.filter((name) => !all.some((file) => basename(file).startsWith(name)));

if (unknown.length > 0) {
  console.error(
    `There is no chaos by the name ${unknown.join(', ')}. There is: ${all.map((file) => basename(file, '.test.ts')).join(', ')}.`,
  );
  process.exitCode = 2;
} else {
  const chosen = all.filter((file) => names.length === 0 || names.some((name) => basename(file).startsWith(name)));
  process.argv.splice(2, names.length, '--long', ...chosen);
  await import('./test.ts');
}
