/** rspamd, by its HTTP protocol: the mail to `/checkv2`, its envelope in header fields, JSON back. */
import { z } from 'zod';
import type { Call } from '#/model/index.ts';
import { quoted } from '../../hits.ts';
import type { Connect, HookClient, HookMail, HookOpinion } from '../hook.ts';
import { HOOK_LIMITS } from '../limits.ts';
import { post } from '../post.ts';

/** A spam filter at that address. */
export function rspamd(connect: Connect): HookClient {
  const send = (
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string | string[]>,
    body: Uint8Array,
    call: Call,
  ) => post(connect, { method, path, host: 'rspamd', headers, body }, HOOK_LIMITS.answerBytesMax, call);
  return {
    ask: async (mail, call) => {
      const { status, body } = await send('POST', '/checkv2', envelopeOf(mail), mail.content, call);
      if (status !== 200) throw new Error(`its answer is ${status}`);
      return opinionOf(body.toString('utf8'));
    },
    ping: async (call) => {
      const { status, body } = await send('GET', '/ping', {}, new Uint8Array(), call);
      if (status !== 200 || !body.toString('latin1').startsWith('pong')) throw new Error(`its answer is ${status}`);
    },
  };
}

/** Recipients that it is told: more make no other mail of it. */
const RECIPIENTS_MAX = 100;
const ASCII = /^[!-~]{1,320}$/;

// It judges without what it isn't told: addresses that no header field of HTTP can hold are left out.
function envelopeOf({ facts: { sender, recipients, identity } }: HookMail): Record<string, string | string[]> {
  const rcpt = recipients.map(({ address }) => address as string).filter((one) => ASCII.test(one));
  return {
    ...(sender !== null && ASCII.test(sender) ? { From: sender } : {}),
    ...(rcpt.length > 0 ? { Rcpt: rcpt.slice(0, RECIPIENTS_MAX) } : {}),
    ...(identity.kind === 'user' && ASCII.test(identity.name) ? { User: identity.name } : {}),
  };
}

const ANSWER = z.object({
  score: z.number(),
  required_score: z.number().optional(),
  action: z.string(),
  is_skipped: z.boolean().optional(),
});

/** What it would do to mail that it does not mind. Greylisting asks a sender to come again, and ours has been told that we have it. */
const INNOCENT: ReadonlySet<string> = new Set(['no action', 'greylist']);

function opinionOf(text: string): HookOpinion {
  const { success, data } = ANSWER.safeParse(jsonOf(text));
  if (!success) throw new Error(`its answer is “${quoted(text)}”`);
  const { score, action } = data;
  if (INNOCENT.has(action)) return { found: [], score, unread: data.is_skipped === true };
  const points = score.toFixed(1);
  const reason = {
    en: `it looks like unwanted mail (${points} points, “${quoted(action, 40)}”)`,
    ja: `迷惑メールの疑いがある（評点${points}）`,
  };
  return { found: [reason], score, unread: false };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
