/** The shared words are explained: each type exported from src/model has a line in its README. */
import type { Finding } from '../lib/tree.ts';
import { linesMatching, sourcesOf, textOf } from '../lib/tree.ts';

const GLOSSARY = 'src/model/README.md';
const EXPORTED = /^export (?:abstract )?(?:type|interface|class) (\w+)/;

/** Exported types of the model that the glossary does not name, and names in it that the model lost. */
export function checkGlossary(): Finding[] {
  const explained = new Set([...textOf(GLOSSARY).matchAll(/`(\w+)`/g)].map((match) => match[1]));
  return sourcesOf('src/model')
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => linesMatching(file, EXPORTED).map(({ line, text }) => ({ file, line, text })))
    .map(({ file, line, text }) => ({ file, line, name: EXPORTED.exec(text)?.[1] ?? '' }))
    .filter(({ name }) => !explained.has(name))
    .map(({ file, line, name }) => ({ file, line, sentence: `\`${name}\` has no line in ${GLOSSARY}` }));
}
