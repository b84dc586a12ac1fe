/** Japanese; the state words are the contract's. */
import { type HeldReason, type JournalKind, type RecipientState, waitsByVerdict } from '#/model/index.ts';
import { formatCount } from '../when.ts';
import type { MailWords, Words, Written } from './sayings.ts';
import { heldAlike, type Whereabouts } from './whereabouts.ts';

const STATES: Readonly<Record<RecipientState, string>> = {
  queued: '配送待ち',
  deferred: '再送待ち',
  held: '保留',
  approval: '承認待ち',
  delivered: '配送済',
  bounced: '不達・却下',
  discarded: '破棄',
  expired: '期限切れ',
};

export const JAPANESE: Words = {
  state: STATES,
  stage: {
    accept: '受付',
    inspect: '検査',
    hold: '保留',
    sign: '署名',
    route: '経路',
    deliver: '配送',
    notify: '通知',
  },
  kind: {
    accepted: '受付',
    inspected: '検査済',
    held: '保留',
    approval: '承認待ち',
    released: '保留解除',
    verdict: '判定',
    signed: '署名済',
    attempted: '配送試行',
    deferred: '再送待ち',
    delivered: '配送済',
    bounced: '不達・却下',
    discarded: '破棄',
    expired: '期限切れ',
    repaired: '修復',
    moved: '移動',
  },
  book: {
    accepted: '受付',
    received: '受信',
    generated: '生成',
    delivered: '配送済',
    bounced: '不達',
    discarded: '破棄',
    expired: '期限切れ',
    held: '保留',
    queued: '配送待ち',
  },
  sentence: (where, mail, written) => SENTENCES[where.state](where, mail, written),
  several: (counts, total) =>
    `宛先${formatCount(total)}件: ${[...counts].map(([state, count]) => `${STATES[state]} ${formatCount(count)}件`).join('、')}`,
  advice: (where, id) => {
    const waits = where.some(({ state }) => state === 'deferred' || state === 'queued');
    const released = where.some((each) => each.state === 'held' && !waitsByVerdict(each));
    return [
      ...(released ? [`保留を解除: holdfast queue release ${id}`] : []),
      ...heldAlike(where).map((reason) => `同じ理由の全メール: holdfast queue release reason:"${reason}"`),
      ...(waits ? [`今すぐ再送: holdfast queue retry ${id}`] : []),
      ...(waits || released ? [`配送を中止: holdfast queue bounce ${id}(送信者に通知されます)`] : []),
    ];
  },
  gap: (after, span) => `${GAPS[after] ?? '経過'} ${span}`,
  // The server tells events in English, with the other side's own words behind a colon; the kind stands beside it in Japanese.
  detail: (kind, detail) => {
    if (kind === 'accepted') return submitter(detail);
    const said = /^[A-Z].*?: (.+)$/s.exec(detail)?.[1] ?? (WORDLESS.includes(kind) ? '' : detail);
    return HELD_SHORT[said as HeldReason] ?? said;
  },
  whom: (addresses) => (addresses.length > NAMED_MAX ? `宛先${formatCount(addresses.length)}件` : addresses.join('、')),
  at: (peer) => `相手 ${peer}`,
  nth: (attempt) => `試行${attempt}回目`,
  took: (span) => `所要 ${span}`,
  earlier: (count) => `これより前に${formatCount(count)}件あります(--json ですべて表示)`,
  label: {
    noSubject: '(件名なし)',
    nobody: '<>(通知メール)',
    from: '送信者',
    to: '宛先',
    id: 'ID',
    tenant: 'テナント',
    received: '受付',
    parent: '元のメール',
    recipient: '宛先',
    recipients: '件',
    allRecipients: 'すべての宛先',
    state: '状態',
    since: 'いつから',
    next: '次回',
    tries: '試行',
    subject: '件名',
    lastReply: '理由・応答',
    now: '現在',
    original: '元の宛先',
    duplicate: '重複の可能性',
  },
};

const NAMED_MAX = 3;
const WORDLESS: readonly JournalKind[] = [
  'delivered',
  'deferred',
  'bounced',
  'expired',
  'held',
  'released',
  'discarded',
];

const HELD_SHORT: Readonly<Record<HeldReason, string>> = {
  'outbound off': '外部配送の停止中',
  'no local delivery': 'ローカル配送なし',
  operator: '運用者',
  'stopped by sender': '送信者が停止',
  'set-aside': '取り置き',
  restored: '復元',
  policy: 'ポリシー',
};

const GAPS: Readonly<Record<string, string>> = {
  deferred: '次の試行まで',
  held: '保留',
  approval: '承認待ち',
};

const SUBMITTERS: Readonly<Record<string, string>> = {
  user: 'ユーザー',
  relay: 'リレー',
  'another mail server': '他のメールサーバー',
};

function submitter(detail: string): string {
  const [, kind = '', name = ''] = / from (user|relay|another mail server)(?: (.+))?$/.exec(detail) ?? [];
  return kind === '' ? '' : `${[SUBMITTERS[kind], name].filter(Boolean).join(' ')} から`;
}

type Sentence = (where: Whereabouts, mail: MailWords, written: Written) => string;

const SENTENCES: Readonly<Record<RecipientState, Sentence>> = {
  queued: ({ address, since, next }, _mail, { moment, span, now }) =>
    next === null || next <= now
      ? `${address} への配送待ちです(${moment(since)} から)。まもなく配送されます。`
      : `${address} への配送待ちです(${moment(since)} から)。次の試行は ${moment(next)}(${span(next - now)}後)です。`,
  deferred: ({ address, since, next, attempts, reply }, _mail, { moment, span, now }) => {
    const then =
      next === null || next <= now ? 'まもなく再送します。' : `次の試行は ${moment(next)}(${span(next - now)}後)です。`;
    return `${address} へ再送待ちです(${moment(since)} から、試行${formatCount(attempts)}回)。${answered(reply)}${then}`;
  },
  held: ({ address, since, next, goesOn, reason }, _mail, { moment }) =>
    `${address} 宛を保留しています(${moment(since)} から)。${WHY_HELD[reason as HeldReason] ?? `理由: ${reason}。`}${goesOn ? restart(next, moment) : until(next, moment)}`,
  approval: ({ address, since, next }, _mail, { moment }) =>
    `${address} 宛は承認待ちです(${moment(since)} から)。${until(next, moment)}`,
  delivered: ({ address, since, afterMs, reply, possiblyDuplicate }, _mail, { moment, span }) =>
    `${address} へ ${moment(since)} に配送しました(受付から ${span(afterMs)})。${answered(reply)}${possiblyDuplicate ? '途中で切れた試行があったため、重複して届いた可能性があります。' : ''}`,
  bounced: ({ address, since, reply, reason }, mail, { moment }) =>
    `${address} 宛は ${moment(since)} に届けられないことが確定しました。${answered(reply, reason)}${told(mail)}`,
  discarded: ({ address, since, reply, reason }, _mail, { moment }) =>
    `${address} 宛は ${moment(since)} に破棄しました。${answered(reply, reason)}送信者には通知されません。`,
  expired: ({ address, since, attempts, reply, reason }, mail, { moment }) =>
    `${address} 宛は ${moment(since)} に期限切れになりました(試行${formatCount(attempts)}回)。${answered(reply, reason)}${told(mail)}`,
};

const WHY_HELD: Readonly<Record<HeldReason, string>> = {
  'outbound off':
    '外部への配送が停止中のためです。holdfast.yaml に「outbound: on」または「routes」を設定し、holdfast serve に SIGHUP を送ってから、保留を解除してください。',
  'no local delivery':
    'ローカルのメールボックスへの配送がまだないためです。ドメインに LMTP の経路を設定し、保留を解除してください。',
  operator: '運用者が保留しました。解除すると続きから配送します。',
  'stopped by sender': '送信者が停止しました。',
  'set-aside': '下記の理由で取り置かれています。解除すると続きから配送します。',
  restored: 'バックアップから復元されたもので、配送済の可能性があります。未配送のものだけ解除してください。',
  policy: 'ポリシーによる保留です。',
};

function answered(reply: string, reason = ''): string {
  // What has no reply code nobody has said: it is our own word for what happened.
  if (reply !== '') return /^\d{3}\b/.test(reply) ? `相手の応答: 「${reply}」。` : `状況: 「${reply}」。`;
  return reason === '' ? '' : `理由: ${reason}。`;
}

function restart(next: number | null, moment: (at: number) => string): string {
  return next === null ? '' : `${moment(next)} までに決定がなければ、自動的に続きから配送します。`;
}

function until(next: number | null, moment: (at: number) => string): string {
  return next === null ? '' : `${moment(next)} までに決定がなければ期限切れとなり、送信者に通知します。`;
}

function told({ hasSender }: MailWords): string {
  return hasSender ? '送信者に通知します(通知不要の指定がある場合を除く)。' : '通知する送信者はいません。';
}
