/** `npm run req H4`: the tests that prove a requirement, then the code and pages that carry it. */
import { filesOf, linesMatching } from './lib/tree.ts';

const wanted = (process.argv[2] ?? '').toUpperCase();

if (!/^[HBMOC]\d+$/.test(wanted)) {
  console.error('Name a requirement: npm run req H4');
  process.exitCode = 2;
} else {
  const files = filesOf('src', 'test', 'docs', 'bench', 'ARCHITECTURE.md').filter((file) => /\.(ts|md)$/.test(file));
  const tests = files.filter((file) => file.endsWith('.test.ts') || file.startsWith('test/'));
  const found =
    print('Tests', tests) +
    print(
      'Code and pages',
      files.filter((file) => !tests.includes(file)),
    );
  process.exitCode = found === 0 ? 1 : 0;
}

function print(title: string, files: readonly string[]): number {
  const places = files.flatMap((file) =>
    linesMatching(file, new RegExp(`\\b${wanted}\\b`)).map(
      ({ line, text }) => `  ${file}:${line}  ${text.slice(0, 120)}`,
    ),
  );
  console.log(`${title}: ${places.length === 0 ? 'none' : ''}`);
  for (const place of places) console.log(place);
  return places.length;
}
