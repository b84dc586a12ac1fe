/**
 * The command line: one file per verb, and the frame around them. A command is read strictly, finds its installation, asks the running
 * server (or its store) by operations, and answers: for people by default, for programs with `--json`. The last line says the outcome.
 *
 * No state outlives a command. What must never happen: an answer on standard output that is half of one and exits 0; a short list that
 * looks whole; a wait without an end; an act on many mails that nobody meant. Carries the contract's "Command line" and
 * "Replies that programs read" (H3, H4, H5 as people meet them).
 */
import { EXIT, type ExitCode } from './exit-codes.ts';
import { print, tell } from './failure.ts';
import { type Flags, parseFlags, usage } from './flags.ts';
import { languageOf } from './page/words.ts';
import type { ListedVerb, Order, World } from './verb.ts';
import { LATER, VERBS } from './verbs.ts';

export { EXIT, type ExitCode } from './exit-codes.ts';
export { openTerminal, type Terminal } from './terminal.ts';
export type { World } from './verb.ts';

/** Runs one command, `args` beginning with the verb, and says how it ended. Never throws. */
export async function runCommand(args: readonly string[], world: World): Promise<ExitCode> {
  try {
    const [name = 'help', ...rest] = spelledOut(args);
    const verb = await (await find(name)).load();
    const flags = await parseFlags(rest, verb.flags);
    if (flags.is('help')) return await runHelp(name, world);
    return await verb.run(orderOf(flags, world));
  } catch (error) {
    const told = tell(error);
    print(told, world.terminal);
    return told.exit;
  }
}

// `holdfast --version` and `holdfast --help` are what people type first.
function spelledOut(args: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  if (first === '--version' || first === '-v' || first === '-V') return ['version', ...rest];
  if (first === '--help' || first === '-h') return ['help', ...rest];
  return args;
}

async function find(name: string): Promise<ListedVerb> {
  const found = VERBS.find((verb) => verb.name === name);
  if (found !== undefined) return found;
  if (LATER.includes(name)) throw usage(`'holdfast ${name}' comes with a later release.`);
  if (name.startsWith('-'))
    throw usage(`The verb comes first: holdfast VERB ${name} …. "holdfast help" lists the verbs.`);
  const { suggest } = await import('#/codec/forms/index.ts');
  const near = suggest(
    name,
    VERBS.map((verb) => verb.name),
  );
  throw usage(
    `Unknown verb '${name}'. ${near === null ? '' : `Did you mean '${near}'? `}"holdfast help" lists the verbs.`,
  );
}

async function runHelp(name: string, world: World): Promise<ExitCode> {
  const { formatHelp } = await import('./verbs/help.ts');
  world.terminal.print(await formatHelp(name, VERBS, world.terminal));
  return EXIT.done;
}

function orderOf(flags: Flags, world: World): Order {
  const asked = flags.text('lang');
  if (asked !== null && asked !== 'en' && asked !== 'ja') throw usage(`--lang is en or ja, not '${asked}'.`);
  const order: Order = {
    flags,
    world,
    terminal: world.terminal,
    verbs: VERBS,
    json: flags.is('json'),
    calendar: { language: languageOf(asked, world.env), zone: world.zone, now: world.now() },
    settings: () => loadOf(flags, world),
    operations: async (stopped, socket) => {
      const { settings } = await order.settings();
      return world.reach({ settings, by: world.by, stopped, signal: world.signal, ...(socket && { socket }) });
    },
    answer: (value) => world.terminal.print(JSON.stringify(value)),
  };
  return order;
}

async function loadOf(flags: Flags, { env, cwd }: World): ReturnType<Order['settings']> {
  const { formatComplaints, loadSettings } = await import('#/config/index.ts');
  const loading = loadSettings({
    config: flags.text('config') ?? undefined,
    data: flags.text('data') ?? undefined,
    env,
    cwd,
  });
  if ('mistakes' in loading) throw usage(`The configuration can't be used.\n${formatComplaints(loading.mistakes)}`);
  return loading;
}
