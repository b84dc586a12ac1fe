/** What a folder is for, by the names that mail programs give it, where its server does not say (RFC 6154 §2). */
import type { SpecialUse } from '#/model/index.ts';

const NAMES: readonly (readonly [use: SpecialUse, names: string])[] = [
  [
    'Sent',
    'Sent|Sent Items|Sent Mail|Sent Messages|Sent-mail|Outbox Sent|Gesendet|Gesendete Elemente|Gesendete Objekte|Gesendete Nachrichten|Envoyés|Éléments envoyés|Messages envoyés|Enviados|Elementos enviados|Inviata|Posta inviata|Verzonden|Verzonden items|Itens enviados|Wysłane|Отправленные|送信済み|送信済みアイテム|送信済みメール|送信済みトレイ|送信済トレイ|送信控え|已发送|已发送邮件|寄件備份|보낸 편지함',
  ],
  [
    'Drafts',
    'Drafts|Draft|Entwürfe|Brouillons|Borradores|Bozze|Concepten|Rascunhos|Szkice|Черновики|下書き|草稿|草稿箱|임시 보관함',
  ],
  [
    'Trash',
    'Trash|Deleted|Deleted Items|Deleted Messages|Bin|Papierkorb|Gelöschte Elemente|Gelöschte Objekte|Corbeille|Éléments supprimés|Papelera|Elementos eliminados|Cestino|Posta eliminata|Prullenbak|Verwijderde items|Lixeira|Itens excluídos|Kosz|Корзина|Удаленные|ごみ箱|ゴミ箱|削除済みアイテム|已删除|已删除邮件|垃圾桶|휴지통',
  ],
  [
    'Junk',
    'Junk|Junk E-mail|Junk Email|Junk Mail|Spam|Bulk Mail|Spamverdacht|Junk-E-Mail|Unerwünscht|Courrier indésirable|Indésirables|Pourriel|Correo no deseado|Posta indesiderata|Ongewenste e-mail|Lixo eletrônico|Спам|迷惑メール|スパム|垃圾邮件|垃圾郵件|스팸메일함',
  ],
  ['Archive', 'Archive|Archives|Archiv|Archivo|Archivio|Archief|Arquivo|Archiwum|Архив|アーカイブ|归档|封存|보관함'],
];

/** By name: the use, and how usual the name is for it, 0 first. */
const BY_NAME = new Map(
  NAMES.flatMap(([use, names]) => names.split('|').map((name, rank) => [keyOf(name), { use, rank }] as const)),
);

/** Null where the name is a person's own. Of two folders with one use the one of lower rank has it. */
export function useOfName(name: string): { readonly use: SpecialUse; readonly rank: number } | null {
  return BY_NAME.get(keyOf(name)) ?? null;
}

function keyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
