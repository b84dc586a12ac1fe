import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Wording } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { formatTable, harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';

interface Preview {
  readonly generation: string;
  readonly signatures: readonly {
    readonly rule: string;
    readonly html: string;
    readonly text: string;
    readonly images: readonly string[];
  }[];
}

interface Explanation {
  readonly generation: string;
  readonly untouched: Wording | null;
  readonly recipients: readonly {
    readonly address: string;
    readonly direction: string;
    readonly signatures: readonly string[];
    readonly rules: readonly { readonly rule: string; readonly holds: boolean; readonly why: Wording }[];
    readonly unchanged: Wording | null;
    readonly mail: string | null;
  }[];
}

export const signature: Verb = {
  usage: [
    'signature preview ADDRESS --tenant ID [--name NAME] [--html] [--json]',
    'signature explain FILE.eml --tenant ID [--from ADDRESS] [--to ADDRESS …] [--json]',
    'signature explain FILE.eml … [--save FILE]',
  ],
  about:
    'preview shows the signatures of a tenant filled in for one person, whichever mail they are for. explain says which ones a mail in a file would get, for each recipient, and what each rule says and why; with --save it writes the mail as it would leave for the first recipient. Sender and recipients are those of the header unless they are given. Nothing is sent, kept or changed.',
  flags: {
    tenant: { kind: 'text', value: 'ID', help: 'whose signatures' },
    name: { kind: 'text', value: 'NAME', help: 'preview: this signature alone' },
    html: { kind: 'yes', help: 'preview: HTML instead of plain text' },
    from: { kind: 'text', value: 'ADDRESS', help: 'explain: who sends it' },
    to: { kind: 'texts', value: 'ADDRESS', help: 'explain: whom it goes to' },
    save: { kind: 'text', value: 'FILE', help: 'explain: write the mail as it would leave' },
  },
  examples: [
    'holdfast signature preview alice@acme.test --tenant acme',
    'holdfast signature preview alice@acme.test --tenant acme --name standard --html > look.html',
    'holdfast signature explain offer.eml --tenant acme --to taro@example.test --save signed.eml',
  ],
  run: async (order) => {
    const [act, word, ...more] = order.flags.words;
    if (act === 'preview' && word !== undefined && more.length === 0) return preview(word, order);
    if (act === 'explain' && word !== undefined && more.length === 0) return explain(word, order);
    throw usage('Say: holdfast signature preview ADDRESS --tenant ID, or signature explain FILE.eml --tenant ID.');
  },
};

async function preview(address: string, order: Order): Promise<ExitCode> {
  const { flags, json, answer, terminal } = order;
  await using server = await order.operations('reads');
  const input = { tenant: tenantOf(order), address, name: flags.text('name') };
  const found = await server.call<Preview>('signature.preview', input);
  if (json) {
    answer(found);
    return EXIT.done;
  }
  for (const { rule, html, text, images } of found.signatures) {
    if (flags.is('html')) {
      terminal.print(`<!-- ${harmless(rule).replaceAll('--', '- -')} -->\n${harmlessLines(html)}`);
      continue;
    }
    const pictures = images.length === 0 ? '' : `, with ${images.join(', ')}`;
    terminal.print(`── ${harmless(rule)}${pictures}\n${harmlessLines(text)}\n`);
  }
  return EXIT.done;
}

async function explain(file: string, order: Order): Promise<ExitCode> {
  const { flags, world, json, answer, terminal, calendar } = order;
  const tenant = tenantOf(order);
  const mail = await contentOf(resolve(world.cwd, file));
  await using server = await order.operations('reads');
  const input = { tenant, mail: mail.toString('base64'), from: flags.text('from'), to: flags.texts('to') };
  const found = await server.call<Explanation>('signature.explain', input);
  const [first] = found.recipients;
  if (first === undefined) throw usage('The mail names no recipient. Add --to ADDRESS.');
  const save = flags.text('save');
  if (save !== null)
    await writeFile(resolve(world.cwd, save), first.mail === null ? mail : Buffer.from(first.mail, 'base64'));
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const { untouched } = found;
  if (untouched !== null)
    terminal.print(`It leaves as it is, whatever the rules say: ${untouched[calendar.language]}.`);
  const columns = [{ title: 'SIGNATURE' }, { title: 'SAYS' }, { title: 'WHY', least: 20 }];
  for (const { address, direction, signatures, rules, unchanged } of found.recipients) {
    const names = signatures.length === 0 ? 'no signature' : signatures.join(', ');
    terminal.print(`\n${harmless(address)} (${direction}): ${harmless(names)}`);
    if (unchanged !== null && untouched === null)
      terminal.print(`  It leaves as it is: ${harmless(unchanged[calendar.language])}.`);
    const rows = rules.map((one) => [one.rule, one.holds ? 'yes' : 'no', one.why[calendar.language]]);
    terminal.print(formatTable(columns, rows, terminal));
  }
  return EXIT.done;
}

function tenantOf({ flags }: Order): string {
  const id = flags.text('tenant');
  if (id === null) throw usage('Name the tenant: --tenant ID');
  return id;
}

/** Line ends stay; a terminal is told nothing else. */
function harmlessLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => harmless(line))
    .join('\n');
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Refusal(EXIT.usage, `${path} can't be read (${why}).`);
  }
}
