/** Arguments of the commands about the connection and who speaks (RFC 9051 §6.1 to §6.3.1, RFC 2971). */
import type { Command } from './command.ts';
import { idFieldsMax } from './limits.ts';
import type { Reader } from './reader.ts';

const base64 = /[A-Za-z0-9+/]+={0,2}|=/y;
const moreFollows = / +(?=[^ ])/y;
const nil = /NIL\b/iy;

export function readLogin(r: Reader): Command {
  r.space();
  const user = r.text();
  r.space();
  return { name: 'LOGIN', user, password: r.text() };
}

/** RFC 4959 §3: `=` is an answer of no octets. */
export function readAuthenticate(r: Reader): Command {
  r.space();
  const mechanism = r.word();
  if (r.match(moreFollows) === null) return { name: 'AUTHENTICATE', mechanism, initial: null };
  const initial = r.match(base64)?.[0];
  if (initial === undefined) r.fail('form');
  return { name: 'AUTHENTICATE', mechanism, initial: initial === '=' ? '' : (initial ?? '') };
}

export function readEnable(r: Reader): Command {
  const capabilities: string[] = [];
  r.space();
  do capabilities.push(r.word());
  while (r.match(moreFollows) !== null);
  return { name: 'ENABLE', capabilities };
}

export function readId(r: Reader): Command {
  r.space();
  if (r.match(nil) !== null) return { name: 'ID', fields: null };
  return { name: 'ID', fields: r.list(() => readField(r), 0, idFieldsMax) };
}

function readField(r: Reader): readonly [string, string | null] {
  const name = r.utf8Of(r.string());
  r.space();
  return [name, r.match(nil) === null ? r.utf8Of(r.string()) : null];
}
