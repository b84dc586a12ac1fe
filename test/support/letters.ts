/**
 * Letters in the shape that mail programs give them: what is new, what is quoted, and how both are marked and encoded. For tests of what puts something
 * into them. Each says `NEW-WORDS` where its author wrote and `OLD-WORDS` in what is quoted.
 */

export interface ShapedLetter {
  readonly name: string;
  readonly source: Buffer;
  /** Whether a signature may be put in; and where the newest text stands. */
  readonly fate: 'above-quote' | 'at-end' | 'untouched';
}

const NEW = {
  en: 'NEW-WORDS Hello Bob, see below.',
  ja: 'NEW-WORDS お世話になっております。下記の件です。',
  de: 'NEW-WORDS Grüße aus München.',
};
const OLD = {
  en: 'OLD-WORDS what do you think?',
  ja: 'OLD-WORDS ご確認をお願いします。',
  de: 'OLD-WORDS Was meinen Sie dazu?',
};
type Language = keyof typeof NEW;

interface Header {
  readonly who: string;
  readonly sent: string;
  readonly to: string;
  readonly subject: string;
}
const HEADERS: Readonly<Record<Language, Header>> = {
  en: { who: 'From:', sent: 'Sent:', to: 'To:', subject: 'Subject:' },
  ja: { who: '差出人:', sent: '送信日時:', to: '宛先:', subject: '件名:' },
  de: { who: 'Von:', sent: 'Gesendet:', to: 'An:', subject: 'Betreff:' },
};
const ATTRIBUTIONS: Readonly<Record<Language, string>> = {
  en: 'On Mon, Nov 30, 2026 at 9:00 AM Bob &lt;bob@example.test&gt; wrote:',
  ja: '2026年11月30日(月) 9:00 Bob &lt;bob@example.test&gt;:',
  de: 'Am Mo., 30. Nov. 2026 um 09:00 Uhr schrieb Bob &lt;bob@example.test&gt;:',
};

/** Pages as programs write them: answers and forwards, and how they mark what is old. */
const PAGES: Readonly<Record<string, (language: Language) => string>> = {
  'outlook-desktop': (l) =>
    `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv=Content-Type content="text/html"><style><!-- p.MsoNormal {margin:0} --></style><!--[if gte mso 9]><xml><o:shapedefaults/></xml><![endif]--></head><body lang=EN-US><div class=WordSection1>\r\n<p class=MsoNormal>${NEW[l]}<o:p></o:p></p>\r\n<p class=MsoNormal><o:p>&nbsp;</o:p></p>\r\n<div>\r\n<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>\r\n<p class=MsoNormal><b>${HEADERS[l].who}</b> Bob &lt;bob@example.test&gt; <br><b>${HEADERS[l].sent}</b> Monday<br><b>${HEADERS[l].to}</b> Alice<br><b>${HEADERS[l].subject}</b> Plans<o:p></o:p></p>\r\n</div></div>\r\n<p class=MsoNormal>${OLD[l]}<o:p></o:p></p></div></body></html>`,
  'outlook-web': (l) =>
    `<html><head></head><body dir="ltr"><div class="elementToProof" style="font-family:Calibri">${NEW[l]}</div>\r\n<div id="appendonsend"></div>\r\n<hr style="display:inline-block;width:98%" tabindex="-1">\r\n<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>${HEADERS[l].who}</b> Bob<br><b>${HEADERS[l].sent}</b> Monday<br><b>${HEADERS[l].subject}</b> Plans</font></div>\r\n<div>${OLD[l]}</div></body></html>`,
  'outlook-new': (l) =>
    `<html><body><div>${NEW[l]}</div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><hr><b>${HEADERS[l].who}</b> Bob<br><b>${HEADERS[l].sent}</b> Monday<br><b>${HEADERS[l].to}</b> Alice<div>${OLD[l]}</div></div></body></html>`,
  gmail: (l) =>
    `<div dir="ltr">${NEW[l]}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">${ATTRIBUTIONS[l]}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div dir="ltr">${OLD[l]}</div></blockquote></div>\r\n`,
  'gmail-forward': (l) =>
    `<div dir="ltr">${NEW[l]}<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>From: <b>Bob</b><br>Date: Mon<br>Subject: Plans<br>To: alice<br></div><br>${OLD[l]}</div></div>`,
  'apple-mail': (l) =>
    `<html><head><meta http-equiv="content-type" content="text/html"></head><body style="overflow-wrap: break-word;"><div>${NEW[l]}</div><div><br><blockquote type="cite"><div>${ATTRIBUTIONS[l]}</div><br class="Apple-interchange-newline"><div>${OLD[l]}</div></blockquote></div><br></body></html>`,
  'apple-ios': (l) =>
    `<html><head></head><body dir="auto">${NEW[l]}<div><br><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">${ATTRIBUTIONS[l]}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">﻿${OLD[l]}</div></blockquote></div></body></html>`,
  thunderbird: (l) =>
    `<html>\r\n<head><meta http-equiv="Content-Type" content="text/html"></head>\r\n<body>\r\n<p>${NEW[l]}</p>\r\n<div class="moz-cite-prefix">${ATTRIBUTIONS[l]}<br></div>\r\n<blockquote type="cite" cite="mid:1@example.test"><p>${OLD[l]}</p></blockquote>\r\n<br>\r\n</body>\r\n</html>\r\n`,
  'thunderbird-below': (l) =>
    `<html><body><div class="moz-cite-prefix">${ATTRIBUTIONS[l]}<br></div><blockquote type="cite" cite="mid:1@example.test"><p>${OLD[l]}</p></blockquote><p>${NEW[l]}</p></body></html>`,
  'thunderbird-forward': (l) =>
    `<html><body><p>${NEW[l]}</p><div class="moz-forward-container"><br>-------- Forwarded Message --------<table class="moz-email-headers-table"><tr><th>Subject: </th><td>Plans</td></tr></table><p>${OLD[l]}</p></div></body></html>`,
  yahoo: (l) =>
    `<html><head></head><body><div class="ydp1yahoo-style-wrap"><div dir="ltr">${NEW[l]}</div><div><br></div></div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>${ATTRIBUTIONS[l]}</div><div>${OLD[l]}</div></div></body></html>`,
  roundcube: (l) =>
    `<html><body style='font-size: 10pt'><p>${NEW[l]}</p><p id="reply-intro">${ATTRIBUTIONS[l]}</p><blockquote type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid"><div>${OLD[l]}</div></blockquote></body></html>`,
  'webmail-original': (l) =>
    `<p>${NEW[l]}</p><p>-----Original Message-----<br>From: Bob<br>To: Alice<br>Date: Monday<br>Subject: Plans</p><p>${OLD[l]}</p>`,
  protonmail: (l) =>
    `<div style="font-family: Arial">${NEW[l]}</div><div class="protonmail_quote">${ATTRIBUTIONS[l]}<br><blockquote class="protonmail_quote" type="cite">${OLD[l]}</blockquote></div>`,
};

const ASCII_ATTRIBUTION = (l: Language): string => ATTRIBUTIONS[l].replace('&lt;', '<').replace('&gt;', '>');

/** The same for plain text. */
const TEXTS: Readonly<Record<string, (language: Language) => string>> = {
  'text-outlook': (l) =>
    `${NEW[l]}\r\n\r\n-----Original Message-----\r\nFrom: Bob <bob@example.test>\r\nSent: Monday\r\nTo: Alice\r\nSubject: Plans\r\n\r\n${OLD[l]}\r\n`,
  'text-outlook-rule': (l) =>
    `${NEW[l]}\r\n\r\n________________________________\r\n${HEADERS[l].who} Bob <bob@example.test>\r\n${HEADERS[l].sent} Monday\r\n${HEADERS[l].to} Alice\r\n${HEADERS[l].subject} Plans\r\n\r\n${OLD[l]}\r\n`,
  'text-gmail': (l) => `${NEW[l]}\r\n\r\n${ASCII_ATTRIBUTION(l)}\r\n\r\n> ${OLD[l]}\r\n>\r\n`,
  'text-below': (l) => `${ASCII_ATTRIBUTION(l)}\r\n> ${OLD[l]}\r\n\r\n${NEW[l]}\r\n`,
  'text-among': (l) => `> ${OLD[l]}\r\nFirst answer.\r\n> and this?\r\n${NEW[l]}\r\n`,
};

const FROM =
  'From: Alice <alice@acme.test>\r\nTo: Bob <bob@example.test>\r\nDate: Tue, 1 Dec 2026 10:00:00 +0900\r\nMessage-ID: <1@acme.test>\r\n';
const head = (subject: string, ...fields: readonly string[]): string =>
  `${FROM}Subject: ${subject}\r\nMIME-Version: 1.0\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

/** RFC 2045 §6.7, as programs write it. */
function quotedPrintable(octets: Buffer): string {
  const lines = octets
    .toString('latin1')
    .split('\r\n')
    .map((line) => {
      const shown = line.replace(
        /[=\u0080-\u00ff]/g,
        (c) => `=${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
      );
      return (shown.match(/(?:=[0-9A-F]{2}|[^=]){1,24}/g) ?? ['']).join('=\r\n').replace(/[ \t]$/, '=20');
    });
  return lines.join('\r\n');
}

function base64(octets: Buffer): string {
  return (octets.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
}

/** Text of one line of Japanese in ISO-2022-JP (RFC 1468), from what Node knows of EUC-JP. */
const jis = new Map<string, number>();
for (let row = 0xa1; row <= 0xf4; row++)
  for (let cell = 0xa1; cell <= 0xfe; cell++) {
    const letter = new TextDecoder('euc-jp').decode(Uint8Array.of(row, cell));
    if (!jis.has(letter)) jis.set(letter, (row << 8) | cell);
  }
export function iso2022jp(text: string): Buffer {
  const out = text.replace(/[\u0080-\uffff]+/g, (run) => {
    const octets = Array.from(run, (letter) => {
      const code = (jis.get(letter) ?? 0xa2ae) & 0x7f7f;
      return String.fromCharCode(code >> 8, code & 0xff);
    });
    return `\x1b$B${octets.join('')}\x1b(B`;
  });
  return Buffer.from(out, 'latin1');
}
function sjis(text: string): Buffer {
  const out: number[] = [];
  for (const letter of text) {
    const euc = jis.get(letter);
    if (euc === undefined) {
      out.push(letter.charCodeAt(0));
      continue;
    }
    const [row, cell] = [(euc >> 8) - 0xa0, (euc & 0xff) - 0xa0];
    const lead = ((row - 1) >> 1) + (row <= 62 ? 0x81 : 0xc1);
    const odd = cell + (cell < 64 ? 0x3f : 0x40);
    out.push(lead, row % 2 === 1 ? odd : cell + 0x9e);
  }
  return Buffer.from(out);
}

interface Encoded {
  readonly charset: string;
  readonly encoding: string;
  readonly body: Buffer;
}
const ENCODINGS: Readonly<Record<string, (text: string) => Encoded>> = {
  'utf-8-qp': (t) => ({
    charset: 'utf-8',
    encoding: 'quoted-printable',
    body: Buffer.from(quotedPrintable(Buffer.from(t))),
  }),
  'utf-8-base64': (t) => ({ charset: 'UTF-8', encoding: 'base64', body: Buffer.from(`${base64(Buffer.from(t))}\r\n`) }),
  'utf-8-8bit': (t) => ({ charset: '"utf-8"', encoding: '8bit', body: Buffer.from(t) }),
  'iso-2022-jp': (t) => ({ charset: 'iso-2022-jp', encoding: '7bit', body: iso2022jp(t) }),
  'shift_jis-8bit': (t) => ({ charset: 'Shift_JIS', encoding: '8bit', body: sjis(t) }),
  'latin1-qp': (t) => ({
    charset: 'iso-8859-1',
    encoding: 'quoted-printable',
    body: Buffer.from(quotedPrintable(Buffer.from(t, 'latin1'))),
  }),
  'us-ascii': (t) => ({ charset: 'us-ascii', encoding: '7bit', body: Buffer.from(t, 'latin1') }),
};

function leaf(type: string, { charset, encoding, body }: Encoded, more = ''): Buffer {
  return Buffer.concat([
    Buffer.from(`Content-Type: ${type}; charset=${charset}${more}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`),
    body,
  ]);
}
function whole(subject: string, part: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${FROM}Subject: ${subject}\r\nMIME-Version: 1.0\r\n`), part]);
}
function multi(kind: string, boundary: string, parts: readonly Buffer[]): Buffer {
  const pieces = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), part, Buffer.from('\r\n')]);
  return Buffer.concat([
    Buffer.from(`Content-Type: multipart/${kind};\r\n boundary="${boundary}"\r\n\r\n`),
    ...pieces,
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}
const raw = (text: string): Buffer => Buffer.from(text);
const PDF = raw(
  'Content-Type: application/pdf; name=plan.pdf\r\nContent-Disposition: attachment; filename=plan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK',
);
const PNG = raw(
  'Content-Type: image/png; name=image001.png\r\nContent-ID: <image001.png@01DA>\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=',
);
const qp = (text: string): Encoded => (ENCODINGS['utf-8-qp'] as (t: string) => Encoded)(text);
const page = (name: string, language: Language = 'en'): string => PAGES[name]?.(language) ?? '';
const plain = (name: string, language: Language = 'en'): string => TEXTS[name]?.(language) ?? '';

function fateOf(name: string): ShapedLetter['fate'] {
  return /below|among/.test(name) ? 'at-end' : 'above-quote';
}

/** All of them. */
export function shapedLetters(): readonly ShapedLetter[] {
  const letters: ShapedLetter[] = [];
  const add = (name: string, source: Buffer, fate: ShapedLetter['fate']): void =>
    void letters.push({ name, source, fate });
  const languages: readonly (readonly [Language, string])[] = [
    ['en', 'utf-8-qp'],
    ['ja', 'iso-2022-jp'],
    ['de', 'latin1-qp'],
  ];
  for (const name of Object.keys(PAGES))
    for (const [language, encoding] of languages) {
      const encode = ENCODINGS[encoding] as (t: string) => Encoded;
      const text = leaf('text/plain', encode(`${NEW[language]}\r\n\r\n> ${OLD[language]}\r\n`));
      const html = leaf('text/html', encode(page(name, language)));
      add(`${name}-${language}`, whole('Re: Plans', multi('alternative', '=_alt', [text, html])), fateOf(name));
    }
  for (const name of Object.keys(TEXTS))
    for (const [language, encoding] of languages)
      add(
        `${name}-${language}`,
        whole('Re: Plans', leaf('text/plain', (ENCODINGS[encoding] as (t: string) => Encoded)(plain(name, language)))),
        fateOf(name),
      );
  for (const [encoding, encode] of Object.entries(ENCODINGS)) {
    const language = encoding === 'latin1-qp' ? 'de' : encoding === 'us-ascii' ? 'en' : 'ja';
    add(`new-text-${encoding}`, whole('Plans', leaf('text/plain', encode(`${NEW[language]}\r\n`))), 'at-end');
    add(
      `new-html-${encoding}`,
      whole('Plans', leaf('text/html', encode(`<html><body><p>${NEW[language]}</p></body></html>\r\n`))),
      'at-end',
    );
  }
  const flowed = qp(`${NEW.en} \r\nflows on.\r\n\r\n> ${OLD.en} \r\n> more\r\n`);
  add('flowed', whole('Re: Plans', leaf('text/plain', flowed, '; format=flowed; delsp=yes')), 'above-quote');
  const related = multi('related', '=_rel', [leaf('text/html', qp(page('outlook-desktop'))), PNG]);
  const alternative = multi('alternative', '=_alt', [leaf('text/plain', qp(plain('text-outlook'))), related]);
  add('nested-outlook', whole('Re: Plans', multi('mixed', '=_mix', [alternative, PDF])), 'above-quote');
  const apple = multi('mixed', '=_mix', [leaf('text/html', qp(page('apple-mail'))), PDF]);
  add(
    'nested-apple',
    whole('Re: Plans', multi('alternative', '=_alt', [leaf('text/plain', qp(plain('text-gmail'))), apple])),
    'above-quote',
  );
  const attached = raw(`Content-Type: message/rfc822\r\n\r\n${head('Old')}${OLD.en}\r\n`);
  add(
    'forward-attached',
    whole('Fwd: Plans', multi('mixed', '=_mix', [leaf('text/plain', qp(`${NEW.en}\r\n`)), attached])),
    'at-end',
  );
  add('no-mime', raw(`${FROM}Subject: Plans\r\n\r\n${NEW.en}\r\n`), 'at-end');
  const calendar = raw('Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n');
  add(
    'calendar',
    whole('Meeting', multi('alternative', '=_alt', [leaf('text/plain', qp(NEW.en)), calendar])),
    'untouched',
  );
  const smime = raw(
    'Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAG',
  );
  add('smime-signed', whole('Plans', multi('signed', '=_sig', [leaf('text/plain', qp(NEW.en)), smime])), 'untouched');
  add(
    'smime-sealed',
    raw(
      head(
        'Plans',
        'Content-Type: application/pkcs7-mime; smime-type=enveloped-data',
        'Content-Transfer-Encoding: base64',
      ) + 'MIAG\r\n',
    ),
    'untouched',
  );
  const version = raw('Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n');
  const armour = raw('Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n');
  add('pgp-mime', whole('Plans', multi('encrypted', '=_enc', [version, armour])), 'untouched');
  add(
    'pgp-inline',
    raw(`${head('Plans')}-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n${NEW.en}\r\n`),
    'untouched',
  );
  const status = raw('Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.test\r\n');
  add(
    'bounce',
    whole(
      'Undelivered',
      multi('report; report-type=delivery-status', '=_rep', [leaf('text/plain', qp(NEW.en)), status]),
    ),
    'untouched',
  );
  add('auto-reply', raw(`${head('Away', 'Auto-Submitted: auto-replied')}${NEW.en}\r\n`), 'untouched');
  add(
    'attachment-alone',
    raw(`${head('Scan', 'Content-Type: application/pdf', 'Content-Transfer-Encoding: base64')}JVBERi0xLjQK\r\n`),
    'untouched',
  );
  return letters;
}
