/**
 * What both servers are told, in order. `{name}` in a command stands for what was learnt before: `uidvalidity` and
 * `highestmodseq` of the last SELECT.
 */
import { MAILS } from './mails.ts';

export interface Step {
  readonly name: string;
  /** Which of two connections speaks; the second is another client of the same user. */
  readonly on: 'first' | 'second';
  readonly command: readonly (string | Buffer)[];
}

const DAY = '"27-Nov-2026 10:15:30 +0900"';

/** Fetched of every mail, one by one. */
const ITEMS = [
  'ENVELOPE',
  'BODYSTRUCTURE',
  'BODY',
  'RFC822.SIZE',
  'INTERNALDATE',
  'FLAGS',
  'BODY.PEEK[]',
  'BODY.PEEK[HEADER]',
  'BODY.PEEK[TEXT]',
  'BODY.PEEK[HEADER.FIELDS (SUBJECT from X-None)]',
  'BODY.PEEK[HEADER.FIELDS.NOT (Received Subject)]',
  'BODY.PEEK[1]',
  'BODY.PEEK[1.MIME]',
  'BODY.PEEK[2]',
  'BODY.PEEK[2.MIME]',
  'BODY.PEEK[1.1]',
  'BODY.PEEK[1.1.2]',
  'BODY.PEEK[2.HEADER]',
  'BODY.PEEK[2.TEXT]',
  'BODY.PEEK[2.1]',
  'BODY.PEEK[9]',
  'BODY.PEEK[]<10.40>',
  'BODY.PEEK[TEXT]<4.100000>',
  'BODY.PEEK[]<100000.10>',
  'BINARY.PEEK[1]',
  'BINARY.SIZE[1]',
  'BINARY.PEEK[2]',
  'PREVIEW',
];

const SEARCHES = [
  'ALL',
  'SEEN',
  'UNSEEN',
  'NEW',
  'OLD',
  'NOT FLAGGED',
  'SUBJECT plain',
  'SUBJECT "PLAIN WORDS"',
  'FROM archer',
  'FROM alice@partner.test',
  'TO acme.test',
  'CC elsewhere',
  'BCC hidden',
  'HEADER Message-ID nested@partner.test',
  'HEADER X-Empty ""',
  'HEADER X-None ""',
  'BODY "deep text"',
  'BODY inner',
  'TEXT partner.test',
  'LARGER 1000',
  'SMALLER 100',
  'SENTON 27-Nov-2026',
  'SENTSINCE 26-Nov-2026 SENTBEFORE 27-Nov-2026',
  'ON 27-Nov-2026',
  'BEFORE 1-Jan-2026',
  'SINCE 1-Jan-2026',
  'OR SUBJECT deep SUBJECT digest',
  'NOT (OR SEEN SUBJECT deep) LARGER 500',
  '1:5',
  'UID 3:1',
  '*',
  'KEYWORD $Nothing',
  'YOUNGER 60',
  'OLDER 60',
];

/** Those in Japanese, as literals of UTF-8. */
const JAPANESE_SEARCHES: readonly (readonly [string, string])[] = [
  ['SUBJECT', '報告書'],
  ['SUBJECT', '会議'],
  ['BODY', '資料'],
  ['BODY', '報告書です'],
  ['FROM', '山田'],
  ['TEXT', '山田太郎'],
];

const REPLIES: readonly (readonly [string, string, string])[] = [
  ['root@t', 'Budget', ''],
  ['other@t', 'Zebra', ''],
  ['reply@t', 'Re: Budget', '<root@t>'],
  ['reply-2@t', 'RE: Re: budget (fwd)', '<root@t> <reply@t>'],
  ['lost@t', 'Re: gone', '<never-seen@t>'],
  ['alone@t', 'Apple', ''],
];

/** The whole script; a step that comes again has its count behind its name. */
export const SCRIPT: readonly Step[] = named([
  ...say(['CAPABILITY', 'NAMESPACE', 'ID NIL', 'NOOP', 'ENABLE CONDSTORE']),
  ...mailboxes(),
  ...reading(),
  ...changing(),
  ...threads(),
  ...condstore(),
  ...complaints(),
]);

function named(steps: readonly Step[]): readonly Step[] {
  const times = new Map<string, number>();
  return steps.map((step) => {
    const time = (times.get(step.name) ?? 0) + 1;
    times.set(step.name, time);
    return time === 1 ? step : { ...step, name: `${step.name} #${time}` };
  });
}

function say(commands: readonly string[], on: Step['on'] = 'first', prefix = ''): readonly Step[] {
  return commands.map((command) => ({ name: `${prefix}${command}`, on, command: [command] }));
}

function mailboxes(): readonly Step[] {
  return say([
    'LIST "" ""',
    'LIST "" *',
    'LIST "" % RETURN (SPECIAL-USE CHILDREN SUBSCRIBED)',
    'LIST (SPECIAL-USE) "" *',
    'CREATE All',
    'CREATE All',
    'CREATE "Top/Middle/Low"',
    'CREATE "Ends/With/"',
    'LIST "" Top*',
    'LIST "" Top/%',
    'LIST Top/ %',
    'LIST "" (Ends% All) RETURN (STATUS (MESSAGES UIDNEXT))',
    'SUBSCRIBE Top/Middle',
    'SUBSCRIBE Never/There',
    'LSUB "" *',
    'LSUB "" %',
    'LIST (SUBSCRIBED) "" *',
    'LIST (SUBSCRIBED RECURSIVEMATCH) "" %',
    'UNSUBSCRIBE Never/There',
    'UNSUBSCRIBE Nothing',
    'RENAME Top/Middle Top/Centre',
    'LIST "" Top*',
    'RENAME Nothing Something',
    'RENAME All Ends/With',
    'DELETE Top/Centre/Low',
    'DELETE Top/Centre',
    'DELETE Nothing',
    'DELETE INBOX',
    'CREATE INBOX',
    'CREATE inbox',
    'CREATE "&ZeVnLIqe-"',
    'LIST "" "&ZeVnLIqe-"',
    'CREATE "&bad"',
    'STATUS All (MESSAGES RECENT UIDNEXT UNSEEN)',
    'STATUS All (SIZE)',
    'STATUS All (DELETED)',
    'STATUS Nothing (MESSAGES)',
    'SELECT Nothing',
  ]);
}

function reading(): readonly Step[] {
  const appends = [...MAILS].map(
    ([name, octets]): Step => ({
      name: `APPEND ${name}`,
      on: 'first',
      command: [`APPEND All ${DAY} `, octets],
    }),
  );
  const fetches = [...MAILS.keys()].flatMap((name, at) =>
    ITEMS.map((item): Step => ({ name: `FETCH ${name} ${item}`, on: 'first', command: [`FETCH ${at + 1} (${item})`] })),
  );
  const japanese = JAPANESE_SEARCHES.map(
    ([key, text]): Step => ({
      name: `SEARCH ${key} ${text}`,
      on: 'first',
      command: [`SEARCH CHARSET UTF-8 ${key} `, Buffer.from(text)],
    }),
  );
  return [
    ...appends,
    ...say(['SELECT All']),
    ...fetches,
    ...say(SEARCHES.map((key) => `SEARCH ${key}`)),
    ...say(SEARCHES.slice(0, 8).map((key) => `UID SEARCH RETURN (MIN MAX COUNT ALL) ${key}`)),
    ...japanese,
    ...say(
      [
        'ARRIVAL',
        'DATE',
        'REVERSE DATE',
        'FROM',
        'SUBJECT',
        'SIZE',
        'REVERSE SIZE',
        'TO',
        'CC',
        'SUBJECT REVERSE DATE',
      ].map((by) => `SORT (${by}) UTF-8 ALL`),
    ),
    ...say([
      'FETCH 1 FAST',
      'FETCH 1 ALL',
      'FETCH 1 FULL',
      'FETCH 2:4,1 UID',
      'UID FETCH 4:2 FLAGS',
      'FETCH * UID',
      'FETCH 500 UID',
      'UID FETCH 500 FLAGS',
    ]),
    ...say([
      'FETCH 1 BODY[TEXT]',
      'FETCH 2 RFC822',
      'FETCH 3 RFC822.HEADER',
      'FETCH 4 RFC822.TEXT',
      'FETCH 1:5 FLAGS',
      'CLOSE',
    ]),
  ];
}

function note(id: string, subject: string, references: string): Buffer {
  const more = references === '' ? '' : `References: ${references}\r\n`;
  return Buffer.from(
    `From: a@t\r\nSubject: ${subject}\r\nDate: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${id}>\r\n${more}\r\n${id}\r\n`,
  );
}

function changing(): readonly Step[] {
  const notes = [1, 2, 3, 4, 5, 6].map(
    (number): Step => ({
      name: `APPEND note ${number}`,
      on: 'first',
      command: [`APPEND Work (\\Seen $Label) ${DAY} `, note(`note-${number}@t`, `Note ${number}`, '')],
    }),
  );
  const two: Step = {
    name: 'APPEND two at once',
    on: 'first',
    command: [`APPEND Work (\\Draft) `, note('n7@t', 'seven', ''), ' (\\Flagged) ', note('n8@t', 'eight', '')],
  };
  const nowhere: Step = { name: 'APPEND to nowhere', on: 'first', command: ['APPEND Nowhere ', note('x@t', 'x', '')] };
  return [
    ...say(['CREATE Work']),
    ...notes,
    two,
    nowhere,
    ...say(['SELECT Work'], 'first'),
    ...say(['SELECT Work'], 'second', 'second: '),
    ...say([
      'STORE 1 FLAGS (\\Answered)',
      'STORE 2:3 +FLAGS (\\Flagged $Forwarded)',
      'STORE 3 -FLAGS.SILENT (\\Flagged)',
      'UID STORE 4 +FLAGS (\\Deleted)',
    ]),
    ...say([
      'STORE 5 +FLAGS (\\Recent)',
      'STORE 5 FLAGS ()',
      'STORE 99 +FLAGS (\\Seen)',
      'UID STORE 99 +FLAGS (\\Seen)',
    ]),
    ...say(['NOOP'], 'second', 'second sees changes: '),
    ...say([
      'COPY 1:2 Archive',
      'UID COPY 3 Archive',
      'COPY 1 Nowhere',
      'UID COPY 99 Archive',
      'UID EXPUNGE 1:3',
      'EXPUNGE',
    ]),
    ...say(['FETCH 1:* FLAGS'], 'second', 'second may not lose numbers: '),
    ...say(['NOOP'], 'second', 'second sees expunges: '),
    ...say([
      'MOVE 1 Archive',
      'UID MOVE 2:3 Archive',
      'MOVE 1 Nowhere',
      'SEARCH RETURN (SAVE) ALL',
      'FETCH $ UID',
      'STATUS Archive (MESSAGES UIDNEXT)',
    ]),
    ...say(['NOOP', 'UNSELECT', 'FETCH 1 UID'], 'second', 'second: '),
    ...say(['STORE 1 +FLAGS.SILENT (\\Deleted)', 'CLOSE', 'STATUS Work (MESSAGES UNSEEN)']),
    ...say(['EXAMINE Work', 'STORE 1 +FLAGS (\\Seen)', 'EXPUNGE', 'UNSELECT']),
    { name: 'APPEND to INBOX', on: 'first', command: ['APPEND INBOX ', note('in@t', 'in', '')] },
    ...say(['RENAME INBOX Before', 'STATUS INBOX (MESSAGES)', 'STATUS Before (MESSAGES)', 'DELETE Before']),
  ];
}

function threads(): readonly Step[] {
  const appends = REPLIES.map(
    ([id, subject, references]): Step => ({
      name: `APPEND ${id}`,
      on: 'first',
      command: [`APPEND Threads ${DAY} `, note(id, subject, references)],
    }),
  );
  return [
    ...say(['CREATE Threads']),
    ...appends,
    ...say([
      'SELECT Threads',
      'THREAD REFERENCES UTF-8 ALL',
      'THREAD ORDEREDSUBJECT UTF-8 ALL',
      'UID THREAD REFERENCES US-ASCII SUBJECT budget',
      'SORT (SUBJECT) UTF-8 ALL',
      'SORT RETURN (COUNT ALL) (REVERSE SUBJECT) UTF-8 ALL',
      'UNSELECT',
    ]),
  ];
}

function condstore(): readonly Step[] {
  return [
    ...say([
      'SELECT Threads (CONDSTORE)',
      'FETCH 1 (MODSEQ)',
      'STORE 1 +FLAGS (\\Seen)',
      'STORE 2 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)',
    ]),
    ...say([
      'STORE 2 (UNCHANGEDSINCE {highestmodseq}) +FLAGS (\\Flagged)',
      'FETCH 1:* (FLAGS) (CHANGEDSINCE {highestmodseq})',
      'SEARCH MODSEQ {highestmodseq}',
    ]),
    ...say(['STATUS Work (HIGHESTMODSEQ)'], 'second', 'second: '),
    ...say(['STORE 3 +FLAGS.SILENT (\\Deleted)', 'EXPUNGE', 'UNSELECT', 'ENABLE QRESYNC']),
    ...say([
      'SELECT Threads (QRESYNC ({uidvalidity} {highestmodseq} 1:6))',
      'UID FETCH 1:* (FLAGS) (CHANGEDSINCE {highestmodseq} VANISHED)',
    ]),
    ...say(['STORE 1 +FLAGS.SILENT (\\Deleted)', 'EXPUNGE', 'CLOSE']),
  ];
}

function complaints(): readonly Step[] {
  return say([
    'NONSENSE',
    'FETCH 1 FLAGS',
    'SELECT',
    'SELECT All',
    'FETCH 0 FLAGS',
    'FETCH x FLAGS',
    'FETCH 1 NONSENSE',
    'FETCH 1 (FLAGS',
    'SEARCH NONSENSE',
    'SEARCH CHARSET X-NONE ALL',
    'SORT (NONSENSE) UTF-8 ALL',
    'STORE 1 FLAGS (\\Nonsense)',
    'STORE 1 WHAT (\\Seen)',
    'LOGIN again again',
    'STATUS All ()',
    'STATUS All (NONSENSE)',
    'UID NONSENSE',
    'UID EXPUNGE',
    'APPEND All nonsense',
    'ENABLE NONSENSE',
    'CHECK',
    'LOGOUT',
  ]);
}
