/** The tables of the race as Markdown, for the terminal and for docs/benchmarks.md. */
import { type RatioLine, ratioTable } from '../lib/ratios.ts';
import { table } from '../lib/report.ts';
import type { CostLine } from './lines.ts';

/** All that a run has found. */
export interface Findings {
  readonly ratios: readonly RatioLine[];
  readonly costs: readonly CostLine[];
  /** Rows that could not run: their title and why. */
  readonly notRun: readonly { readonly work: string; readonly why: string }[];
  readonly notes: readonly string[];
}

/** How the figures were taken, for the sentence below the tables. */
export interface Circumstances {
  readonly rounds: number;
  readonly messages: number;
  readonly cores: number;
  readonly minutes: number;
}

/** Both tables and what must be known to read them. */
export function formatFindings(findings: Findings, circumstances: Circumstances): string {
  const { ratios, costs, notRun, notes } = findings;
  const parts = [
    '### The race',
    ratioTable(ratios),
    ...notRun.map(({ work, why }) => `Not run: ${work}. ${why.trim()}`),
    ...(costs.length === 0 ? [] : [costTable(costs)]),
    [...notes, ...flushNotes(costs), howTaken(circumstances)].join('\n\n'),
  ];
  return parts.join('\n\n');
}

function costTable(costs: readonly CostLine[]): string {
  const head = ['cost', 'peer, CPU ms', 'Holdfast, CPU ms', 'ratio', 'peer, MiB', 'Holdfast, MiB'];
  const rows = costs.map(({ work, peer, ours }) => [
    work,
    peer.cpuMs.toFixed(2),
    ours.cpuMs.toFixed(3),
    `1/${(peer.cpuMs / ours.cpuMs).toFixed(1)}`,
    peer.memoryMiB.toFixed(0),
    ours.memoryMiB.toFixed(0),
  ]);
  return table(head, rows);
}

function flushNotes(costs: readonly CostLine[]): string[] {
  return costs.flatMap(({ work, peer, ours }) =>
    peer.flushes === null || ours.flushes === null
      ? []
      : [`Flushes a message, counted: ${work}: peer ${peer.flushes.toFixed(2)}, Holdfast ${ours.flushes.toFixed(2)}.`],
  );
}

function howTaken({ rounds, messages, cores, minutes }: Circumstances): string {
  return `Taken in ${minutes.toFixed(0)} minutes: ${rounds} rounds of each row, the servers in turn, ${messages.toLocaleString('en')} messages of 4 KiB a round (fewer of the larger ones), one shorter round before that does not count; ratios are those of the two phases of one round, the middle one and in brackets the lowest and highest. One machine with ${cores} cores for generator (smtp-source, and a pipelining one of ours), server and sink (smtp-sink); one next hop by a route; no TLS. Every message was counted at the sink, or as kept: none was lost, none came twice. CPU is user and system time of all processes of a server, memory is Pss, both with the database's where there is one. Accepted mail is kept: Postfix puts it in its hold queue, Holdfast holds it because nothing may leave.`;
}
