/**
 * Thousands of mail programs that wait for mail: memory of each connection in IDLE, over TLS, with an INBOX of 1,000 selected.
 *
 * `npm run bench -- idle-connections [--connections N] [--quiet]`. The whole program, 20 connections a user. Needs some 12,000 open files.
 */
import { parseArgs } from 'node:util';
import { keep, table } from './lib/report.ts';
import { idle, peopleFor } from './mailbox/idle.ts';
import { startHoldfast } from './mailbox/servers.ts';

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '10000' }, quiet: { type: 'boolean', default: false } },
});
const connections = Number(values.connections);
await using server = await startHoldfast(peopleFor(connections));
const found = await idle(server, connections, (line) => console.error(line));
const text = `### Connections in IDLE\n\n${table(
  ['connections', 'memory of each', 'bar', 'all processes'],
  [
    [
      `${found.connections.toLocaleString('en')} over TLS`,
      `${found.kibEach.toFixed(0)} KiB`,
      `≤ 120 KiB: ${found.kibEach <= 120 ? 'met' : '**missed**'}`,
      `${found.totalMiB.toFixed(0)} MiB`,
    ],
  ],
)}\n\nMemory is Pss of all processes, the difference before and after all have come to rest.`;
console.log(text);
if (!values.quiet) keep('idle-connections', text);
