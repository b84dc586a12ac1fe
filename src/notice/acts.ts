/** What a reader of a notice can do, as links (ports/action-links.ts); in words where there are none. Pure. */
import type { HeldVerb, MailAddress } from '#/model/index.ts';
import type { ActionLinks } from '#/ports/index.ts';
import { listed, type Subject } from './letters.ts';
import type { Block } from './page.ts';
import type { Reader } from './readers.ts';
import { sectionsOf, type Told } from './sections.ts';
import type { Words } from './words.ts';

export interface Ways {
  readonly links: ActionLinks;
  /** Base of our pages as people reach them; null where they can't. */
  readonly pages: string | null;
}

const DECIDE: readonly HeldVerb[] = ['approve', 'reject'];
const OWN: readonly HeldVerb[] = ['release', 'stop', 'delete'];
const OWN_WAITING: readonly HeldVerb[] = ['delete'];

/** What this reader can do about one mail: of what waits by one verdict at a time. */
export function actsOf(
  reader: Reader,
  told: readonly Told[],
  about: Subject,
  ways: Ways,
  words: Words,
): readonly Block[] {
  if (reader.role === 'watcher') return [{ kind: 'text', text: words.nothingToDo }];
  const isAsked = reader.role !== 'sender';
  const open = told.filter(({ fate }) => fate.kind === 'approval' || (fate.kind === 'held' && !isAsked));
  const groups = [...Map.groupBy(open, ({ verdict, fate }) => JSON.stringify([verdict.rule, fate])).values()];
  const acts = groups.map((group) => actOf(reader, group, about, ways, words, groups.length > 1));
  const isStrict = open.some(({ fate }) => fate.kind === 'held' && fate.atEnd === 'expire');
  return isStrict ? [...acts, released(about, words)] : acts;
}

/** Where all of a person's waiting mail is. */
export function listsOf(readers: readonly Reader[], { pages }: Ways, words: Words): readonly Block[] {
  const address = readers[0]?.address ?? '';
  const isAsked = readers.some(({ role }) => role === 'approver' || role === 'deputy');
  const isSender = readers.some(({ role }) => role === 'sender');
  const kinds = [...(isAsked ? (['approvals'] as const) : []), ...(isSender ? (['held'] as const) : [])];
  return kinds.map((kind): Block => {
    if (pages !== null) return { kind: 'act', label: words.act.list(kind), url: `${pages}/${kind}` };
    const tray = kind === 'held' ? 'mine' : 'approve';
    return byOperator(`holdfast held list --tray ${tray} --as ${address}`, words);
  });
}

function actOf(
  { role, address }: Reader,
  group: readonly Told[],
  { mail }: Subject,
  { links }: Ways,
  words: Words,
  named: boolean,
): Block {
  const [first] = group;
  const goesByItself = first?.fate.kind === 'held' && first.fate.atEnd === 'send';
  const verbs = role !== 'sender' ? DECIDE : goesByItself ? OWN : OWN_WAITING;
  const link = first === undefined || !('until' in first.fate) ? null : linkOf(first.fate.until, first);
  if (link === null) return byOperator(`holdfast held ${verbs.join('|')} ${mail.id} --as ${address}`, words);
  const act = role !== 'sender' ? words.act.decide : words.act.own(goesByItself ? 'send, stop, delete' : 'delete');
  const who = named
    ? ` (${listed(
        sectionsOf(group).flatMap(({ addresses }) => addresses),
        words,
      )})`
    : '';
  return { kind: 'act', label: `${act}${who}${link.asksSignIn ? ` ${words.act.signIn}` : ''}`, url: link.url };

  function linkOf(until: number, { verdict }: Told): ReturnType<ActionLinks['linkTo']> {
    return links.linkTo({ mail: mail.id, tenant: mail.tenant, verdict }, address, verbs, until);
  }
}

function byOperator(command: string, words: Words): Block {
  return { kind: 'text', text: words.act.byOperator(command) };
}

/** Who can let go what its sender can't. */
function released({ tenant, mail }: Subject, words: Words): Block {
  const admins = tenant.users.filter(
    ({ roles, disabled, address }) =>
      roles.includes('admin') && !disabled && address !== (mail.identity.name as MailAddress),
  );
  return {
    kind: 'text',
    text: words.act.release(
      listed(
        admins.map(({ address }) => address),
        words,
      ),
    ),
  };
}
