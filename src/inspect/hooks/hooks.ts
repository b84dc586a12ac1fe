/** Puts the questions of a rule set to servers beside ours: each server is asked once a mail, whatever the number of rules. */
import type { Call, Wording } from '#/model/index.ts';
import type { Answer, Answers, Ask, Deadlines } from '#/policy/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import { answerOf, type Hit } from '../hits.ts';
import { clamd } from './clamd/index.ts';
import { GuardedHook, type HookAnswer } from './guarded.ts';
import type { Connect, HookClient, HookMail } from './hook.ts';
import { UNREAD } from './hook.ts';
import { type HttpTarget, http } from './http/index.ts';
import { HOOK_LIMITS } from './limits.ts';
import { milter } from './milter/index.ts';
import { rspamd } from './rspamd/index.ts';

/** What can be asked by its address alone, by the names that settings have. */
const CLIENTS = { clamd, rspamd, milter } as const;

export type HookKind = keyof typeof CLIENTS | 'http';

/** One server, as settings name it. */
export type HookSetting = {
  readonly name: string;
  readonly deadlineMs: number;
  readonly connect: Connect;
  /** Of a milter: whether mail is clean that it accepts unseen. */
  readonly acceptsEarly?: boolean;
} & ({ readonly kind: keyof typeof CLIENTS } | { readonly kind: 'http'; readonly http: HttpTarget });

export interface HookParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** A mail before the servers; content null is one that is too long to be kept for them. */
export type HookedMail = Omit<HookMail, 'content'> & { readonly content: Uint8Array | null };

type HookAsk = Extract<Ask, { check: 'hook' }>;

export class Hooks {
  readonly #hooks: ReadonlyMap<string, GuardedHook>;

  constructor(settings: readonly HookSetting[], parts: HookParts) {
    this.#hooks = new Map(
      settings.map((setting) => {
        const { name, deadlineMs } = setting;
        return [name, new GuardedHook(clientOf(setting), { ...parts, name, deadlineMs })];
      }),
    );
  }

  /** Answers to those of the questions that are for servers; a tenant may give them less time. Rejects where the signal of `call` comes, else never. */
  async answer(asks: readonly Ask[], mail: HookedMail, call: Call, deadlines: Deadlines = {}): Promise<Answers> {
    const own = hookAsks(asks);
    const names = [...new Set(own.flatMap((ask) => ask.names))];
    const said = new Map(
      await Promise.all(
        names.map(async (name) => [name, await this.#one(name, mail, call, deadlines[`hook:${name}`])] as const),
      ),
    );
    return new Map(own.map((ask) => [ask.key, together(ask, said)]));
  }

  /** Which of these servers are slow at the moment. */
  slow(names: readonly string[]): readonly string[] {
    return names.filter((name) => this.#hooks.get(name)?.isSlow === true);
  }

  async #one(name: string, { id, facts, content }: HookedMail, call: Call, deadlineMs?: number): Promise<HookAnswer> {
    const hook = this.#hooks.get(name);
    if (hook === undefined) return { kind: 'absent', why: 'the installation has no such check' };
    return content === null ? { kind: 'looked', ...UNREAD } : await hook.ask({ id, facts, content }, call, deadlineMs);
  }
}

function clientOf(setting: HookSetting): HookClient {
  if (setting.kind === 'http') return http(setting.connect, setting.http);
  return CLIENTS[setting.kind](setting.connect, setting);
}

/** Those of the questions that are for servers. */
export function hookAsks(asks: readonly Ask[]): readonly HookAsk[] {
  return asks.filter((ask) => ask.check === 'hook');
}

// One that found something is enough; else one that is away leaves it open.
function together({ names, scoreMin }: HookAsk, said: ReadonlyMap<string, HookAnswer>): Answer {
  const hits: Hit[] = [];
  let [unread, away] = [false, null as string | null];
  for (const name of names) {
    const answer = said.get(name) ?? { kind: 'absent', why: 'it was not asked' };
    if (answer.kind === 'absent') away ??= `${name}: ${answer.why}`;
    else {
      unread ||= answer.unread;
      const found = scoreMin === null ? answer.found : scored(name, answer.score, scoreMin);
      hits.push(...found.map((reason) => ({ key: `${name}: ${reason.en}`, part: '', reason })));
    }
  }
  if (hits.length === 0 && !unread && away !== null) return { kind: 'absent', why: away };
  return answerOf(hits, 'hook', unread);
}

function scored(name: string, score: number | null, scoreMin: number): readonly Wording[] {
  if (score === null || score < scoreMin) return [];
  const points = score.toFixed(1);
  return [{ en: `the check “${name}” gives it ${points} points`, ja: `検査「${name}」の評点が${points}である` }];
}

/** The content for servers; null where it is too long for them. */
export function contentForHooks(content: Uint8Array): Uint8Array | null {
  return content.length > HOOK_LIMITS.mailBytesMax ? null : content;
}
