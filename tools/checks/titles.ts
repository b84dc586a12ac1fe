/** A test's title leads with what it proves, so that `npm run req` and `npm run rfc` find it. */
import type { Finding } from '../lib/tree.ts';
import { lineAt, sourcesOf, textOf } from '../lib/tree.ts';

/** `H4`, `RFC 5321 §4.1.1.3`, `contract`, `design 5`, `house` (our own tools), several with commas between. */
const LEAD = 'H\\d+|B\\d+|M\\d+|O\\d+|C\\d+|RFC \\d+(?: §[\\dA-Z.]+(?:–[\\d.]+)?)?|contract|design \\d+|house';
const TITLE = new RegExp(`^(?:${LEAD})(?:(?:,? | and )(?:${LEAD}|§[\\dA-Z.]+))*: \\S`);
const CALL = /^[ \t]*(?:await )?(?:test|it)(?:\.(?:only|skip|todo))?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gm;
const ONLY = /^[ \t]*(?:await )?(?:test|it|describe|suite)\.(?:only|todo)\(/gm;

/** Whether a title leads with what it proves. */
export function leadsWell(title: string): boolean {
  return TITLE.test(title);
}

/** Titles that lead with nothing, and tests that would keep all others from running. */
export function checkTitles(): Finding[] {
  return sourcesOf('src', 'test', 'tools', 'bench')
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => [...untitled(file), ...lonely(file)]);
}

function untitled(file: string): Finding[] {
  const text = textOf(file);
  if (leadsByDescribe(text)) return [];
  return [...text.matchAll(CALL)]
    .filter(([, , title = '']) => !leadsWell(title) && !title.startsWith('${'))
    .map((match) => ({
      file,
      line: lineAt(text, match.index),
      sentence: `the title "${(match[2] ?? '').slice(0, 50)}" must lead with a requirement or RFC section, as "H4: …"`,
    }));
}

// Tests in a describe() that leads are found by it.
function leadsByDescribe(text: string): boolean {
  const groups = [...text.matchAll(/^(?:describe|suite)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/gm)];
  return groups.length > 0 && groups.every(([, , title = '']) => leadsWell(title));
}

function lonely(file: string): Finding[] {
  const text = textOf(file);
  return [...text.matchAll(ONLY)].map((match) => ({
    file,
    line: lineAt(text, match.index),
    sentence: 'no .only and no .todo in what is kept',
  }));
}
