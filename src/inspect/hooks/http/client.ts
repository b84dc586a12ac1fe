/**
 * A program of yours, by HTTP: what is known of the mail, or all of it, by POST, signed; a verdict in JSON back. docs/handbook/check-by-http.md is the
 * contract of both.
 */
import { createHmac } from 'node:crypto';
import type { Call } from '#/model/index.ts';
import { quoted } from '../../hits.ts';
import type { Connect, HookClient } from '../hook.ts';
import { HOOK_LIMITS } from '../limits.ts';
import { post } from '../post.ts';
import { opinionOf } from './answer.ts';
import { bodyOf } from './body.ts';

export interface HttpTarget {
  /** For the Host field: name, and port where it is not the usual one. */
  readonly host: string;
  /** With its query. */
  readonly path: string;
  readonly send: 'facts' | 'mail';
  /** Both sides know it; nobody else can ask in our name. */
  readonly secret: string;
}

/** Answers below it are of somebody who is there, whatever they say. */
const SERVER_ERROR = 500;

export function http(connect: Connect, { host, path, send, secret }: HttpTarget): HookClient {
  const ask = (method: 'GET' | 'POST', body: Buffer, call: Call) => {
    const headers = {
      accept: 'application/json',
      'user-agent': 'Holdfast',
      'x-holdfast-signature': signatureOf(body, secret, Math.floor(Date.now() / 1_000)),
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    };
    return post(connect, { method, path, host, headers, body }, HOOK_LIMITS.answerBytesMax, call);
  };
  return {
    ask: async (mail, call) => {
      const { body, isCut } = bodyOf(mail, send);
      const reply = await ask('POST', body, call);
      if (reply.status !== 200) throw new Error(`its answer is ${reply.status}`);
      const text = reply.body.toString('utf8');
      const opinion = opinionOf(text);
      if (opinion === null) throw new Error(`its answer is “${quoted(text)}”`);
      // What it was not shown it could not find.
      return isCut ? { ...opinion, unread: true } : opinion;
    },
    ping: async (call) => {
      const { status } = await ask('GET', Buffer.alloc(0), call);
      if (status >= SERVER_ERROR) throw new Error(`its answer is ${status}`);
    },
  };
}

/** Over time and body, so that neither can be sent again later or with another. */
export function signatureOf(body: Uint8Array, secret: string, at: number): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex')}`;
}
