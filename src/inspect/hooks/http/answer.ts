/** What a program says of a mail. */
import { z } from 'zod';
import type { Wording } from '#/model/index.ts';
import { quoted } from '../../hits.ts';
import type { HookOpinion } from '../hook.ts';

/** Reasons that are kept: people read the first few. */
const REASONS_MAX = 20;
const REASON_CHARS_MAX = 200;

const reason = z.union([z.string(), z.object({ en: z.string(), ja: z.string().optional() })]);
const ANSWER = z.object({
  verdict: z.enum(['clean', 'found', 'unread']),
  reasons: z.array(reason).optional(),
  score: z.number().optional(),
});

/** Null for what is no answer. */
export function opinionOf(text: string): HookOpinion | null {
  const { success, data } = ANSWER.safeParse(jsonOf(text));
  if (!success) return null;
  const { verdict, reasons = [], score = null } = data;
  const found = verdict === 'found' ? reasonsOf(reasons) : [];
  return { found, score, unread: verdict === 'unread' };
}

function reasonsOf(said: readonly z.infer<typeof reason>[]): readonly Wording[] {
  const all = said.slice(0, REASONS_MAX).map((one) => {
    const { en, ja = en } = typeof one === 'string' ? { en: one } : one;
    return { en: quoted(en, REASON_CHARS_MAX), ja: quoted(ja, REASON_CHARS_MAX) };
  });
  const named = all
    .filter(({ en }) => en !== '')
    .map(({ en, ja }) => ({ en: `it reports “${en}”`, ja: `「${ja}」と報告された` }));
  return named.length > 0 ? named : [{ en: 'it objects to the mail', ja: 'メールに問題があると報告された' }];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
