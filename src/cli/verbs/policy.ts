import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { MailAddress, Tenant } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { showHistory, undoChange } from '../policy-changes.ts';
import { rehearse } from '../policy-rehearsal.ts';
import { formatTable, harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';

/** A mail of many attachments is read in seconds; a bomb has its own bounds. */
const TRIAL_MS = 120_000;

export const policy: Verb = {
  usage: [
    'policy test FILE.eml --tenant ID [--from ADDRESS] [--to ADDRESS …] [--json]',
    'policy test FILE.yaml --since 7d [--tenant ID] [--prune] [--json]',
    'policy history [--tenant ID] [--json]',
    'policy undo [VERSION] --tenant ID [--json]',
  ],
  about:
    'test says what the rules of a tenant would do with a mail in a file, for each recipient, and what each rule says and why. Nothing is kept, sent or changed. Sender and recipients are those of the header unless they are given; aliases and groups are not expanded, and nobody counts as written to before. With --since it says what a draft of rules, in a file that apply takes, would have done to the mail of the last days, beside what the rules of now would, from what was kept of it (retention.facts); what was not asked of that mail then is told as a number, never guessed. history lists who changed the rules, when, and what. undo takes the newest change back, as a change of its own; with VERSION it is refused where another one is the newest by now.',
  flags: {
    tenant: { kind: 'text', value: 'ID', help: 'whose rules' },
    from: { kind: 'text', value: 'ADDRESS', help: 'who sends it' },
    to: { kind: 'texts', value: 'ADDRESS', help: 'whom it goes to' },
    since: { kind: 'text', value: '7d', help: 'test: a draft of rules on the mail of so long' },
    prune: { kind: 'yes', help: 'with --since: rules that the file does not name are left out' },
  },
  examples: [
    'holdfast policy test offer.eml --tenant acme',
    'holdfast policy test offer.eml --tenant acme --to taro@example.test',
    'holdfast policy test acme.yaml --since 7d',
    'holdfast policy history --tenant acme',
    'holdfast policy undo --tenant acme',
  ],
  run: async (order) => {
    const [act, word, ...more] = order.flags.words;
    if (act === 'history' && word === undefined) return showHistory(order);
    if (act === 'undo' && more.length === 0) return undoChange(word, order);
    if (act === 'test' && word !== undefined && more.length === 0) return tryOut(word, order);
    throw usage('Say: holdfast policy test FILE, or policy history, or policy undo --tenant ID.');
  },
};

/** A mail on the rules of now, or a draft of rules on past mail. */
function tryOut(file: string, order: Order): Promise<ExitCode> {
  const since = order.flags.text('since');
  if (since !== null) return rehearse(file, since, order);
  if (order.flags.is('prune') || /\.ya?ml$/i.test(file))
    throw usage('A draft of rules is tried on past mail: add --since 7d.');
  return test(file, order);
}

async function test(file: string, order: Order): Promise<ExitCode> {
  const { flags, world, terminal, calendar, json, answer } = order;
  const { tryRules } = await import('#/inspect/index.ts');
  const { settings } = await order.settings();
  const request = {
    content: await contentOf(resolve(world.cwd, file)),
    tenant: await tenantOf(order),
    installation: settings.policies,
    sender: flags.text('from') === null ? null : addressOf(flags.text('from') ?? ''),
    recipients: flags.texts('to').map(addressOf),
  };
  const trial = await tryRules(request, within(TRIAL_MS, world.signal));
  if (trial.recipients.length === 0) throw usage('The mail names no recipient. Add --to ADDRESS.');
  if (json) {
    answer(trial);
    return EXIT.done;
  }
  for (const { part, why, detail } of trial.unread)
    terminal.print(harmless(`Not read: ${part === '' ? 'the mail' : part} (${why}): ${detail}`));
  const columns = [{ title: 'RULE' }, { title: 'SAYS' }, { title: 'WHY', least: 20 }];
  for (const { address, direction, verdict, rules } of trial.recipients) {
    terminal.print(
      `\n${harmless(address)} (${direction}): ${verdict.kind}. ${harmless(verdict.reason[calendar.language])}`,
    );
    for (const { kind } of verdict.changes) terminal.print(`  change: ${kind}`);
    const rows = rules.map((one) => [
      one.rule,
      one.counted ? one.says : `(${one.says})`,
      one.causes.map((cause) => cause[calendar.language]).join(', '),
    ]);
    if (rows.length > 0) terminal.print(formatTable(columns, rows, terminal));
  }
  return EXIT.done;
}

async function contentOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Refusal(EXIT.usage, `${path} can't be read (${why}).`);
  }
}

async function tenantOf(order: Order): Promise<Tenant> {
  const id = order.flags.text('tenant');
  if (id === null) throw usage('Name the tenant: --tenant ID');
  const { tenantsOf } = await import('#/config/index.ts');
  await using server = await order.operations('reads');
  const { document } = await server.call<{ document: unknown }>('resources.export', { tenant: id });
  const [tenant] = tenantsOf(document, { smtpBeyondLoopback: false, cells: null, inspects: 'here', hooks: [] });
  if (tenant === undefined) throw new Refusal(EXIT.no, `There is no tenant ${id}.`);
  return tenant;
}

function addressOf(text: string): MailAddress {
  const address = parseMailAddress(text);
  if (address === null) throw usage(`'${text}' is no address: write it as name@domain.`);
  return address;
}
