/** The names that a part asks to be saved under; programs differ in which one they take, so all of them count. */
import { type Part, parameterOf } from '#/codec/mime/index.ts';
import { readParameter } from './words.ts';

/** The one that most programs take first: RFC 2183 §2.3 before the older `name`, RFC 2231 before its plain form. */
export function namesOf(part: Part): string[] {
  const lists = [
    [part.disposition?.parameters ?? [], 'filename'],
    [part.parameters, 'name'],
    // Some mailers write the one where the other belongs.
    [part.disposition?.parameters ?? [], 'name'],
    [part.parameters, 'filename'],
  ] as const;
  const names: string[] = [];
  for (const [parameters, key] of lists) {
    const marked = parameterOf(parameters, key);
    if (marked !== null) names.push(readParameter(marked));
    for (const [name, value] of parameters) if (name === key) names.push(readParameter(value));
  }
  return [...new Set(names.map((name) => name.trim()))].filter((name) => name !== '');
}
