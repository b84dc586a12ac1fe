/** Words by which mail programs of several languages begin what somebody wrote before. */

/** Names of header fields over a text that is quoted or forwarded: who, when, to whom, about what. */
const WHO = [
  'From|Von|De|Da|Van|Fra|Från|Od|Lähettäjä|От|差出人|送信者|送信元|发件人|寄件者|寄件人|보낸 사람|보낸사람|จาก|Gönderen|Kimden',
].join('|');
const REST = [
  'Sent|Date|Gesendet|Datum|Envoyé|Enviado(?: el| em)?|Fecha|Data|Inviato|Verzonden|Sendt|Dato|Skickat|Wysłano|Lähetetty|Дата|Отправлено',
  'To|An|À|A|Para|Aan|Til|Till|Do|Vastaanottaja|Кому|Cc|Kopie|Copie|CC',
  'Subject|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Emne|Ämne|Temat|Aihe|Тема',
  '送信日時|送信日|日時|日付|宛先|宛て先|送信先|件名|题名|主题|主旨|发送时间|发送日期|日期|收件人|收件者|寄件日期|传送时间|받는 사람|받는사람|보낸 날짜|날짜|제목',
].join('|');

const whoLine = new RegExp(`^[\\s*>　]*(?:${WHO})\\s?[*]?\\s?[:：]`, 'iu');
const restLine = new RegExp(`^[\\s*　]*(?:${REST})\\s?[*]?\\s?[:：]`, 'iu');

/** Whether a line, with those that follow it, is the header over a quoted text: who, and two of the others near. */
export function isQuotedHeader(line: string, following: readonly string[]): boolean {
  if (!whoLine.test(line)) return false;
  return following.filter((one) => restLine.test(one)).length >= 2;
}

const RULED = [
  'original message|original appointment|forwarded message|forwarded by|weitergeleitete nachricht|ursprüngliche nachricht|originalnachricht',
  'message d.origine|message original|message transféré|mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada',
  'messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|oprindelig meddelelse|ursprungligt meddelande|opprinnelig melding',
  '元のメッセージ|元のメール|転送メッセージ|転送されたメッセージ|转发的邮件|原始邮件|邮件原件|轉寄郵件|原始郵件|원본 메시지|전달된 메시지',
].join('|');
const ruled = new RegExp(`^[\\s　]*[-_=*]{2,}\\s*(?:${RULED})[^\\n]{0,80}$`, 'iu');
const begun =
  /^\s*(?:begin forwarded message|anfang der weitergeleiteten (?:e-mail|nachricht)|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|inizio messaggio inoltrato|転送されたメッセージ)\s?[:：]/iu;

/** `-----Original Message-----` and its kin. */
export function isQuoteRule(line: string): boolean {
  return ruled.test(line) || begun.test(line);
}

/** A rule without words, as Outlook puts above the header of a quoted text. */
export function isBareRule(line: string): boolean {
  return /^\s*[_-]{10,}\s*$/.test(line);
}

const wrote = new RegExp(
  [
    '\\b(?:wrote|writes|schrieb(?: am [^:]{1,80})?|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał(?:\\(a\\))?|kirjoitti|пишет|написал\\(?а?\\)?)\\s*[:：]?\\s*$',
    '(?:さん)?(?:は|が)?(?:書きました|書いた|のメール|様のメッセージ|のメッセージ)\\s*[:：。]?\\s*$',
    '(?:写道|寫道|님이 작성|작성)\\s*[:：]?\\s*$',
    '^\\s*(?:On|Am|Le|El|Il|Op|Den|Em|W dniu|Dnia)\\b.{8,300}[:：]\\s*$',
    '^\\s*\\d{4}\\s?[年/.-].{4,300}(?:[:：]|＞|>)\\s*$',
  ].join('|'),
  'iu',
);

/** `On … wrote:`, `2026年12月1日(火) 10:00 …:`: who wrote what is quoted below. */
export function isAttribution(line: string): boolean {
  return line.length <= 400 && wrote.test(line);
}

/** Whether a line is where such a one begins: it may go on in the next line. */
export function beginsAttribution(line: string): boolean {
  return /^\s*(?:On|Am|Le|El|Il|Op|Den|Em|W dniu|Dnia|\d{4}\s?[年/.-])/iu.test(line);
}
