import { setTimeout as pause } from 'node:timers/promises';
import { formatDate } from '#/codec/mime/index.ts';
import { isLive } from '#/model/index.ts';
import { NotTaken, type Submitted, submit } from '#/net/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { formatTimeLine } from '../page/time-line.ts';
import { formatTrace } from '../page/trace-page.ts';
import { whereabouts } from '../page/whereabouts.ts';
import type { Operations } from '../reach.ts';
import type { TracedMail } from '../shapes.ts';
import type { Order, Verb } from '../verb.ts';
import { formatSpan } from '../when.ts';

/** What the server lends for one try, for a minute: an identity of the probe tenant, and where to submit. */
interface Loan {
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly sender: string;
  readonly recipient: string;
}

const SUBMIT_MS = 30_000;
const ARRIVE_MS = 30_000;
const LOOK_AGAIN_MS = 100;

export const tryOut: Verb = {
  usage: ['try [--json]'],
  about:
    'Sends one mail as a mail program would (STARTTLS, AUTH, submission), to a sink inside the server, and shows its way and where the time went. It belongs to no tenant of yours and no mail leaves the machine. Exits 1 where it did not arrive.',
  flags: {},
  examples: ['holdfast try'],
  run: async (order) => {
    if (order.flags.words.length > 0) throw usage('try takes no words: it sends to a sink inside the server.');
    await using server = await order.operations('refuses');
    const loan = await server.call<Loan>('try.begin', {});
    return await tryWith(loan, server, order);
  },
};

async function tryWith(loan: Loan, server: Operations, order: Order): Promise<ExitCode> {
  const { terminal, world } = order;
  terminal.progress(`Submitting to ${loan.host}:${loan.port} …`);
  const submitted = await submitTo(loan, order);
  if (submitted === null) return EXIT.no;
  terminal.progress(`Accepted as ${submitted.queueId}; following it …`);
  const mail = await follow(submitted.queueId, server, world.signal);
  if (mail === null) {
    terminal.note(`The server took the mail as ${submitted.queueId}, but its trace does not show it yet.`);
    return EXIT.no;
  }
  const arrived = mail.recipients.every(({ state }) => state === 'delivered');
  if (order.json) order.answer({ arrived, id: mail.id, steps: submitted.steps, trace: mail });
  else show(mail, submitted, arrived, order);
  return arrived ? EXIT.done : EXIT.no;
}

async function submitTo(loan: Loan, { terminal, world, json, answer }: Order): Promise<Submitted | null> {
  try {
    const signal = AbortSignal.any([world.signal, AbortSignal.timeout(SUBMIT_MS)]);
    return await submit({ ...loan, recipients: [loan.recipient], content: contentOf(loan, world.now()) }, signal);
  } catch (error) {
    if (world.signal.aborted) throw error;
    const said = error instanceof NotTaken ? error.message : `It could not be submitted: ${messageOf(error)}.`;
    if (json) answer({ arrived: false, id: null, steps: [], trace: null });
    terminal.note(`${said} Look at "holdfast config check" and at the log of the server.`);
    return null;
  }
}

function contentOf({ sender, recipient }: Loan, now: number): Buffer {
  const lines = [
    `From: <${sender}>`,
    `To: <${recipient}>`,
    'Subject: Holdfast tries itself',
    `Date: ${formatDate(now)}`,
    `Message-ID: <try.${now}.${process.pid}@${sender.slice(sender.lastIndexOf('@') + 1)}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'One mail through everything, sent by "holdfast try".',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

// What is found last is shown, even where it has not ended: then the page says what it waits for.
async function follow(id: string, server: Operations, signal: AbortSignal): Promise<TracedMail | null> {
  const until = performance.now() + ARRIVE_MS;
  let found: TracedMail | null = null;
  while (performance.now() < until) {
    const [mail] = await server.call<TracedMail[]>('trace.find', { query: id, limit: 1 });
    found = mail ?? found;
    if (found !== null && !found.recipients.some(({ state }) => isLive(state))) return found;
    await pause(LOOK_AGAIN_MS, undefined, { signal });
  }
  return found;
}

function show(mail: TracedMail, { steps }: Submitted, arrived: boolean, order: Order): void {
  const { terminal, calendar: given, world } = order;
  const calendar = { ...given, now: world.now() };
  const span = (ms: number): string => formatSpan(ms, calendar.language);
  if (!arrived) {
    terminal.print(formatTrace(mail, calendar, terminal));
    terminal.print(`\n${terminal.paint('bad', 'It did not arrive.')}`);
    return;
  }
  const all = mail.recipients.map((recipient) => whereabouts(mail, recipient, calendar.now));
  const submitMs = steps.reduce((sum, { ms }) => sum + ms, 0);
  const custodyMs = Math.max(0, ...all.map(({ afterMs }) => afterMs));
  terminal.print(terminal.paint('ok', `✓ ${mail.id} went through everything.`));
  terminal.print(`\n${formatTimeLine(mail, all, calendar, terminal)}\n`);
  terminal.print(
    `  ${terminal.paint('quiet', 'submission')}  ${steps.map(({ name, ms }) => `${name} ${span(ms)}`).join(' · ')}`,
  );
  terminal.print(`  ${terminal.paint('quiet', 'custody')}     ${span(custodyMs)} from acceptance to the end`);
  terminal.print(`\nIt arrived ${span(submitMs + custodyMs)} after the first connection.`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
