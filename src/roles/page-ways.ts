/** How an operator is called: by a program of theirs, or by a POST to a pager's address. Nothing of it needs the installation itself to work. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Settings } from '#/config/index.ts';
import type { Call } from '#/model/index.ts';
import type { Page, PageWay } from '#/status/index.ts';

/** By all ways that are given; enough where one of them worked. Null where none is. */
export function pageWayOf({ command, url }: Pick<Settings['page'], 'command' | 'url'>): PageWay | null {
  const ways: PageWay[] = [];
  if (command !== null && command.length > 0) ways.push((page, call) => run(command, page, call));
  if (url !== null) ways.push((page, call) => post(url, page, call));
  if (ways.length === 0) return null;
  return async (page, call) => {
    const tried = await Promise.allSettled(ways.map((way) => way(page, call)));
    if (tried.some(({ status }) => status === 'fulfilled')) return;
    throw new Error(tried.map((one) => (one.status === 'rejected' ? String(one.reason) : '')).join('; '));
  };
}

/** What it is told; and one line, for a pager that shows no more. */
function contentOf(page: Page): string {
  const { id, kind, at, alarms } = page;
  const components = alarms.map(({ component, state, since, reasons }) => ({
    ...{ component, state, since: new Date(since).toISOString() },
    reasons: reasons.map(({ rule, measured, text }) => ({ rule, measured, text: text.en })),
  }));
  return JSON.stringify({ id, kind, at: new Date(at).toISOString(), summary: lineOf(page), components });
}

function lineOf({ kind, alarms }: Page): string {
  const what = alarms.map(({ component, state }) => `${component} ${state.replaceAll('_', ' ')}`).join(', ');
  return kind === 'over' ? 'Holdfast: all components work again.' : `Holdfast: ${what}.`;
}

/** No shell: the program is run as it is named. Exit 0 says that somebody was called. */
async function run([program = '', ...args]: readonly string[], page: Page, call: Call): Promise<void> {
  const timeout = Math.max(1, Math.ceil(call.deadlineAt - performance.now()));
  const env = {
    ...process.env,
    HOLDFAST_PAGE_ID: page.id,
    HOLDFAST_PAGE_KIND: page.kind,
    HOLDFAST_PAGE_SUMMARY: lineOf(page),
  };
  const child = spawn(program, args, {
    ...{ env, timeout, killSignal: 'SIGKILL', stdio: ['pipe', 'ignore', 'ignore'] },
    ...(call.signal && { signal: call.signal }),
  });
  // Who does not read what it is told may have been told by the environment.
  child.stdin?.on('error', () => {});
  child.stdin?.end(`${contentOf(page)}\n`);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${program} ended with ${String(code ?? signal)}`);
}

async function post(url: string, page: Page, call: Call): Promise<void> {
  const late = AbortSignal.timeout(Math.max(1, Math.ceil(call.deadlineAt - performance.now())));
  const signal = call.signal === undefined ? late : AbortSignal.any([late, call.signal]);
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', body: contentOf(page), headers, signal, redirect: 'error' });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the pager answered ${answer.status}`);
}
