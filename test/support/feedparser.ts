/** A reader of feeds that we did not write: feedparser of Python, which parses them strictly and says what is wrong (`feedparser.py`). */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findPeer } from './peers.ts';

const SCRIPT = join(import.meta.dirname, 'feedparser.py');
const PYTHON = '/usr/bin/python3';
const READ_DEADLINE_MS = 30_000;

/** A feed as it was understood. */
export interface ReadFeed {
  /** What is wrong with it. */
  readonly fault: string | null;
  /** Such as `rss20` or `atom10`. */
  readonly version: string;
  readonly channel: Readonly<Record<string, unknown>>;
  readonly entries: readonly ReadEntry[];
}

export interface ReadEntry {
  readonly id: string | null;
  readonly title: string | null;
  readonly link: string | null;
  readonly summary: string | null;
  /** Year, month, day, hour and so on, in UTC. */
  readonly published_parsed: readonly number[] | null;
  readonly updated_parsed: readonly number[] | null;
}

/** Its `read`, or why there is none. */
export async function feedReader(): Promise<{ read: (text: string) => ReadFeed } | { missing: string }> {
  const peer = await findPeer('feedparser');
  if ('missing' in peer) return peer;
  const own = join(peer.unpackedIn ?? '', PYTHON);
  const python = existsSync(own) ? own : PYTHON;
  if (!existsSync(python)) return { missing: 'feedparser needs python3, which is not installed' };
  const modules = dirname(dirname(peer.path('feedparser/api.py')));
  const options = { env: peer.env, encoding: 'utf8', timeout: READ_DEADLINE_MS } as const;
  return {
    read: (input) => JSON.parse(execFileSync(python, [SCRIPT, modules], { ...options, input })) as ReadFeed,
  };
}
