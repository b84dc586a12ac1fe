/** `npm run rfc 5321 4.5.3`: where the code and the tests meet an RFC; without a section, all of it. */
import { citations } from './checks/citations.ts';
import { textOf } from './lib/tree.ts';

const [rfc = '', section = ''] = process.argv.slice(2).map((word) => word.replace(/^(RFC|§)/i, ''));
const row = textOf('docs/rfc/index.tsv')
  .split('\n')
  .find((line) => line.split('\t')[0] === rfc);

if (rfc === '') {
  console.error('Name an RFC and, if you like, a section of it: npm run rfc 5321 4.5.3');
  process.exitCode = 2;
} else {
  if (row !== undefined) console.log(row.split('\t').join(' · '));
  const places = citations('src', 'test', 'docs', 'bench').filter((one) => one.rfc === rfc && isInside(one.sections));
  for (const { file, line, text } of places) console.log(`${file}:${line}  ${text}`);
  if (places.length === 0) console.log(`Nothing cites RFC ${rfc}${section === '' ? '' : ` §${section}`}.`);
  process.exitCode = places.length === 0 ? 1 : 0;
}

function isInside(sections: readonly string[]): boolean {
  return section === '' || sections.some((one) => one === section || one.startsWith(`${section}.`));
}
