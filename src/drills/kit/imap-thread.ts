/** Runs IMAP commands in a thread of its own and tells nothing but their end (`apart.ts`). */
import { parentPort, workerData } from 'node:worker_threads';
import { within } from '#/model/index.ts';
import type { Apart } from './apart.ts';
import { ImapClient } from './imap-client.ts';

const { port, user, commands, ms } = workerData as Apart;
using client = await ImapClient.open(port, user, within(ms));
for (const command of commands) await client.asks(command);
await client.logout();
parentPort?.postMessage('done');
