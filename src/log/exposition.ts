/** One page of figures from the pages of several processes. */

/** What one process says, with the labels that tell it from the others, such as `role`. */
export interface ExpositionPart {
  readonly labels: Readonly<Record<string, string>>;
  readonly text: string;
}

type Family = { readonly head: string[]; readonly samples: string[] };

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$/;
const SUFFIX = /_(?:bucket|sum|count)$/;

/** All samples by family: the head of each family once, every sample with the labels of its process. Lines that are no sample are left out. */
export function mergeExposition(parts: readonly ExpositionPart[]): string {
  const families = new Map<string, Family>();
  for (const { labels, text } of parts) {
    const own = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    for (const line of text.split('\n')) addLine(families, line, own);
  }
  return [...families.values()].map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`).join('');
}

function addLine(families: Map<string, Family>, line: string, own: readonly string[]): void {
  const [, word, named = ''] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
  if (word !== undefined) {
    const { head } = familyOf(families, named);
    if (!head.some((known) => known.startsWith(`# ${word} `))) head.push(line);
    return;
  }
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (name === '') return;
  const family =
    families.get(name) ?? familyOf(families, families.has(name.replace(SUFFIX, '')) ? name.replace(SUFFIX, '') : name);
  family.samples.push(`${name}{${[...own, ...(labels === '' ? [] : [labels])].join(',')}} ${value}`);
}

function familyOf(families: Map<string, Family>, name: string): Family {
  return families.getOrInsertComputed(name, () => ({ head: [], samples: [] }));
}
