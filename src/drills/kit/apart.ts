/** A session whose answers are so many that reading them would hold up everybody else in this process. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { MailUser } from './pop3-client.ts';

export interface Apart {
  readonly port: number;
  readonly user: MailUser;
  /** In this order, each answered OK. */
  readonly commands: readonly string[];
  /** For all of them. */
  readonly ms: number;
}

/** Signs in, gives these commands and signs out, in a thread. Rejects where one is refused, cut off or late. */
export async function askApart(apart: Apart, signal: AbortSignal): Promise<void> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const thread = new Worker(new URL(`./imap-thread.${extension}`, import.meta.url), { workerData: apart });
  try {
    await once(thread, 'message', { signal });
  } finally {
    await thread.terminate();
  }
}
