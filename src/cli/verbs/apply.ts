import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { suggestion } from '#/codec/forms/index.ts';
import { type Complaint, formatComplaints, NAMED_LISTS, type PreparedFile, prepareResources } from '#/config/index.ts';
import { Refusal } from '#/ports/index.ts';
import { EXIT } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import type { Operations } from '../reach.ts';
import { harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';

interface Applied {
  readonly lines: readonly string[];
  readonly version: number;
  readonly warnings: readonly Complaint[];
  readonly generated: readonly { readonly owner: string; readonly password: string }[];
}

/** A file of resources is text that people write; the operation's own bound is beyond it. */
const FILE_BYTES_MAX = 32 * 1024 * 1024;
/** Passwords are hashed slowly on purpose: a file of ten thousand new users takes its minutes. */
const APPLY_MS = 30 * 60_000;

export const apply: Verb = {
  usage: ['apply -f FILE… [--dry-run] [--prune KIND…] [--set-passwords] [--json]'],
  about:
    'Creates and changes what the files declare. Each file is applied whole or not at all, and applying it again changes nothing. What a file does not name stays, unless its kind is given to --prune. Passwords are set at creation only, unless --set-passwords is given.',
  flags: {
    file: { kind: 'texts', short: 'f', value: 'FILE', help: 'the file, - for standard input; may be given again' },
    'dry-run': { kind: 'yes', help: 'only show what would change' },
    prune: {
      kind: 'texts',
      value: 'KIND',
      help: `remove what is absent of this kind: ${Object.keys(NAMED_LISTS).join(', ')}`,
    },
    'set-passwords': { kind: 'yes', help: 'reset the passwords that the file names' },
  },
  examples: [
    'holdfast apply -f acme.yaml --dry-run',
    'holdfast apply -f acme.yaml -f beta.yaml',
    'holdfast export | holdfast apply -f -',
  ],
  run: async (order) => {
    const prune = pruned(order.flags.texts('prune'));
    const files = await prepare(order);
    await using server = await order.operations('creates');
    const done: { file: string; applied: Applied }[] = [];
    for (const file of files) {
      const applied = await applyOne(file, prune, done.length, server, order);
      done.push({ file: file.file, applied });
      if (!order.json) show(file.file, applied, order);
    }
    if (order.json)
      order.answer(
        forPrograms(
          done.map(({ applied }) => applied),
          order.flags.is('dry-run'),
        ),
      );
    return EXIT.done;
  },
};

// All files are read before the first is applied, so that a slip in the last one stops them all.
async function prepare({ flags, world }: Order): Promise<PreparedFile[]> {
  const names = [...flags.texts('file'), ...flags.words];
  if (names.length === 0) throw usage('Name the file to apply: holdfast apply -f FILE, or -f - for standard input.');
  if (names.filter((name) => name === '-').length > 1) throw usage('Standard input can be read once only.');
  const files: PreparedFile[] = [];
  const mistakes: Complaint[] = [];
  for (const name of names) {
    const text = name === '-' ? await world.readInput(FILE_BYTES_MAX) : await readText(name, world.cwd);
    const path = name === '-' ? '-' : resolve(world.cwd, name);
    const read = prepareResources(path, text, { env: world.env, cwd: world.cwd });
    if ('mistakes' in read) mistakes.push(...read.mistakes);
    else files.push(name === '-' ? read.prepared : { ...read.prepared, file: name });
  }
  if (mistakes.length > 0) throw usage(`Nothing was changed.\n${formatComplaints(mistakes)}`);
  return files;
}

async function readText(name: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, name), 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code;
    throw usage(why === 'ENOENT' ? `There is no file ${name}.` : `${name} can't be read (${why}).`);
  }
}

async function applyOne(
  { file, document, places }: PreparedFile,
  prune: readonly string[],
  before: number,
  server: Operations,
  { flags, terminal }: Order,
): Promise<Applied> {
  const input = { file, document, places, prune, setPasswords: flags.is('set-passwords'), dryRun: flags.is('dry-run') };
  const onProgress = (value: unknown): void => terminal.progress(`${file}: ${String(value)}`);
  try {
    return await server.call<Applied>('resources.apply', input, { deadlineMs: APPLY_MS, onProgress });
  } catch (error) {
    if (error instanceof Refusal && before > 0) {
      const stays = before === 1 ? 'The file before it stays applied.' : `The ${before} files before it stay applied.`;
      throw new Refusal(error.exit, `${error.message}\n${stays}`);
    }
    throw error;
  }
}

function show(file: string, { lines, version, warnings, generated }: Applied, { flags, terminal }: Order): void {
  for (const line of lines) terminal.print(terminal.paint(toneOf(line), harmless(line)));
  if (generated.length > 0) {
    terminal.print('\nNew passwords, shown this once:');
    for (const { owner, password } of generated) terminal.print(`  ${owner}  ${password}`);
    terminal.print('');
  }
  if (warnings.length > 0) terminal.note(terminal.paint('warn', formatComplaints(warnings)));
  terminal.print(outcome(file, lines.length, version, flags.is('dry-run')));
}

function outcome(file: string, changes: number, version: number, dryRun: boolean): string {
  if (changes === 0) return `${file}: nothing to change.`;
  const count = `${formatCount(changes)} ${changes === 1 ? 'change' : 'changes'}`;
  return dryRun
    ? `${file}: ${count} would be made. Nothing was changed.`
    : `${file}: ${count} applied (version ${version}).`;
}

function toneOf(line: string): 'ok' | 'bad' | 'plain' {
  if (line.startsWith('+')) return 'ok';
  return line.startsWith('-') ? 'bad' : 'plain';
}

function pruned(given: readonly string[]): string[] {
  const kinds = given.flatMap((value) => value.split(',')).map((kind) => kind.trim());
  const known = Object.keys(NAMED_LISTS);
  for (const kind of kinds) {
    if (!known.includes(kind)) throw usage(`--prune knows no '${kind}': ${suggestion(kind, known)}`);
  }
  return kinds;
}

function forPrograms(all: readonly Applied[], dryRun: boolean): object {
  return {
    dryRun,
    version: all.at(-1)?.version ?? 0,
    lines: all.flatMap(({ lines }) => lines),
    warnings: all.flatMap(({ warnings }) => warnings),
    generated: all.flatMap(({ generated }) => generated),
  };
}
