/** Every setting of the installation, declared once (contract, `holdfast.yaml`). */
import { hostname } from 'node:os';
import { parseDomain } from '#/codec/smtp/index.ts';
import { blobsPlace } from './blobs-place.ts';
import { checks, ownChecks } from './checks.ts';
import { cells, noticeWay, operators, policies, pools, roles, routes } from './compound.ts';
import * as kind from './kinds.ts';
import type { ValuesOf } from './setting.ts';
import { optional, setting } from './setting.ts';
import { storePlace } from './store-place.ts';

const later = { built: false } as const;
const listeners = kind.listOf(kind.listenAt);
const networks = kind.listOf(kind.network);

function listener(address: string | null, about: string, reason: string, built = true) {
  return setting(listeners, { default: address === null ? [] : [address], about, reason, built });
}

function clientPort(name: string) {
  return optional(kind.amount(0, 65_535, 'port'), {
    defaultText: `the first port of listen.${name}`,
    about: `Port that clients are told for ${name}, where another one leads to it; 0 says nothing of it.`,
    reason: 'Only a host with a balancer or a forwarded port in front has others than its own.',
  });
}

const TRYING_PORT = 'Loopback and a high port: it runs without privileges and nobody else reaches it until you say so.';

export const DECLARED = {
  hostname: setting(kind.hostName, {
    default: ownName(),
    defaultText: "this machine's name",
    about: 'Name that we greet with, write into Received, and send from.',
    reason: 'Peers compare it with the DNS name of the address that connects, so set it in earnest.',
  }),
  url: setting(kind.httpUrl, {
    default: 'http://127.0.0.1:2080',
    about:
      'Public base of links in mail. While it names this machine alone and mail comes from others, mail has no links.',
    reason: 'Links never come from the Host header, which anybody can choose.',
  }),
  filesUrl: optional(kind.httpUrl, {
    defaultText: 'the value of url',
    about: 'Public base of downloads, on another host than url.',
    reason: 'Bytes from mail are safest where no session cookie is.',
  }),
  data: setting(kind.path, {
    default: './data',
    about: 'Folder of the embedded store, blobs, keys and the local socket.',
    reason: 'Beside the place where it is started, so that a trial leaves nothing elsewhere.',
  }),
  store: optional(storePlace, {
    defaultText: 'embedded, in data',
    about: 'PostgreSQL database that several hosts share, or the folder of an embedded store outside data.',
    reason: 'One host needs none.',
  }),
  blobs: optional(blobsPlace, {
    defaultText: 'embedded, in data',
    about: 'S3-compatible bucket for large content of a cluster; its keys are AWS_… in the environment.',
    reason: 'One host needs none.',
  }),
  cells: optional(cells, {
    defaultText: 'one cell',
    about: 'Several stores instead of one, each with tenants of its own, by name.',
    reason: "One is enough until a cluster's size ends.",
  }),
  roles: setting(roles, {
    default: [['gate', 'deliver'], 'inspect', 'mail', 'web', 'janitor'],
    about: 'Processes to run, by the roles that share them.',
    reason: 'Where gate and deliver share a process, the usual mail is handed over in memory.',
  }),
  listen: {
    smtp: listener('127.0.0.1:2525', 'MX and relay.', TRYING_PORT),
    submission: listener('127.0.0.1:2587', 'Submission with STARTTLS and sign-in (RFC 6409).', TRYING_PORT),
    submissions: listener('127.0.0.1:2465', 'Submission in TLS from the start (RFC 8314 §3.3).', TRYING_PORT),
    legacy: listener(
      null,
      'For old devices that know TLS 1.0 only; from own networks.',
      'Old TLS is weak; open it where a device needs it.',
    ),
    lmtp: listener('127.0.0.1:2424', 'LMTP in, from programs nearby (RFC 2033).', TRYING_PORT),
    imap: listener('127.0.0.1:2143', 'IMAP with STARTTLS.', TRYING_PORT),
    imaps: listener('127.0.0.1:2993', 'IMAP in TLS from the start.', TRYING_PORT),
    pop3: listener('127.0.0.1:2110', 'POP3 with STLS.', TRYING_PORT),
    pop3s: listener('127.0.0.1:2995', 'POP3 in TLS from the start.', TRYING_PORT),
    sieve: listener('127.0.0.1:24190', 'ManageSieve.', TRYING_PORT, false),
    http: listener(
      '127.0.0.1:2080',
      'Web pages and API in plain HTTP; beyond loopback it refuses sign-in.',
      TRYING_PORT,
    ),
    https: listener(null, 'Web pages and API.', 'It needs a certificate that browsers trust.'),
    admin: listener('127.0.0.1:2081', '/livez, /readyz and /metrics, served by the steward.', TRYING_PORT),
  },
  clients: {
    host: optional(kind.hostName, {
      defaultText: 'the value of hostname',
      about: 'Name that mail programs are told to connect to.',
      reason: 'One name for all is the usual case; the certificate must have it.',
    }),
    imap: clientPort('imap'),
    imaps: clientPort('imaps'),
    pop3: clientPort('pop3'),
    pop3s: clientPort('pop3s'),
    submission: clientPort('submission'),
    submissions: clientPort('submissions'),
    https: clientPort('https'),
  },
  tls: {
    selfSigned: setting(kind.onOff, {
      default: true,
      about: 'Makes its own certificate and renews it.',
      reason: 'Enough for mail servers, which seldom check; people and devices want a real one.',
    }),
    cert: optional(kind.path, {
      defaultText: 'self-signed',
      about: 'File of the certificate chain, PEM; read again when it changes.',
      reason: 'Yours to give.',
    }),
    key: optional(kind.path, {
      defaultText: 'self-signed',
      about: 'File of its private key, PEM.',
      reason: 'Yours to give.',
    }),
    acme: {
      directory: optional(kind.httpUrl, {
        defaultText: 'off',
        about: 'ACME directory to get certificates from.',
        reason: 'It needs a public name.',
        ...later,
      }),
      email: optional(kind.text, {
        defaultText: 'none',
        about: 'Contact that the certificate authority may write to.',
        reason: 'Some authorities ask for it.',
        ...later,
      }),
    },
  },
  trust: {
    proxy: setting(networks, {
      default: [],
      about: 'Networks whose PROXY header we believe.',
      reason: 'Whoever is believed may claim any address.',
    }),
    xclient: setting(networks, {
      default: [],
      about: 'Networks whose XCLIENT we believe.',
      reason: 'Whoever is believed may claim any address.',
    }),
    http: setting(networks, {
      default: [],
      about: 'Networks of proxies before pages and API, whose X-Forwarded-For or Forwarded header we believe.',
      reason: 'Whoever is believed may claim any address.',
    }),
  },
  dns: {
    servers: setting(kind.listOf(kind.ipAddress), {
      default: [],
      defaultText: "the system's resolver",
      about: 'Resolvers to ask.',
      reason: 'The machine knows its own.',
    }),
  },
  outbound: setting(kind.onOff, {
    default: 'off',
    about: 'Whether mail to other domains may leave; off holds it, except where a route matches.',
    reason: 'A fresh installation cannot mail the world by mistake.',
  }),
  auth: {
    scram: setting(kind.onOff, {
      default: false,
      about: 'Offers SCRAM-SHA-256 (RFC 7677); generated credentials then carry its keys.',
      reason: 'Clients choose it before we know who signs in, and people’s argon2id passwords cannot serve it.',
    }),
  },
  routes: setting(routes, {
    default: [],
    defaultText: 'the MX of each domain',
    about: 'Where outbound mail goes; the first match wins.',
    reason: 'DNS knows.',
  }),
  pools: setting(pools, {
    default: {},
    defaultText: 'the system chooses',
    about:
      'Addresses of this machine that outbound connections leave from, by pool; each with the name that it greets with (EHLO). The pool default is for mail of all routes that name none (route: pool).',
    reason: 'Most machines have one address.',
  }),
  retry: {
    first: setting(kind.duration('1s', '1d'), {
      default: '60s',
      about: 'Wait before the second attempt.',
      reason: 'Greylisting and short restarts are over by then.',
    }),
    factor: setting(kind.amount(1, 10, 'times', true), {
      default: 2,
      about: 'Each wait is this much longer than the one before.',
      reason: 'Doubling keeps a long outage cheap.',
    }),
    max: setting(kind.duration('1s', '1d'), {
      default: '1h',
      about: 'Longest wait between two attempts.',
      reason: 'Mail moves within the hour after a peer is back.',
    }),
    delayNotice: setting(kind.duration('1m', '30d'), {
      default: '4h',
      about: 'The sender is told once after this time.',
      reason: 'Late enough not to alarm, early enough to phone.',
    }),
    expire: setting(kind.duration('1m', '30d'), {
      default: '5d',
      about: 'Waiting mail is given up after this time, and its sender told.',
      reason: 'RFC 5321 §4.5.4.1 asks for four to five days.',
    }),
  },
  limits: {
    messageBytes: setting(kind.size('64KiB', '1GB'), {
      default: '50MB',
      about: 'Largest message that is taken.',
      reason: 'The usual 25 MB attachment grows by a third in mail; 50 MB leaves room.',
    }),
    recipients: setting(kind.amount(100, 50_000, 'recipients'), {
      default: 1000,
      about: 'Most recipients of one transaction.',
      reason: 'RFC 5321 §4.5.3.1.8 demands 100; mailing software likes 1,000.',
    }),
    connections: setting(kind.amount(10, 100_000, 'connections'), {
      default: 2000,
      about: 'Most SMTP and LMTP connections at a time.',
      reason: 'Each costs some 50 KiB; a surge above it hears 421 and comes again.',
    }),
    reservedForSignedIn: setting(kind.amount(0, 100_000, 'connections'), {
      default: 400,
      about: 'Connections kept free for submission listeners and known relay networks.',
      reason: 'Devices do not retry: a flood from the world must not shut them out (M3).',
    }),
  },
  inspect: {
    minWorkers: setting(kind.amount(1, 256, 'processes'), {
      default: 1,
      about: 'Processes of the role inspect on this host, at least.',
      reason: 'One is there when mail comes; others are started when it has to wait.',
    }),
    maxWorkers: setting(kind.amount(0, 256, 'processes'), {
      default: 0,
      defaultText: '0: one for each processor',
      about: 'The same, at most.',
      reason: 'More than processors only help where checks wait for others.',
    }),
    checks: setting(ownChecks, {
      default: {},
      defaultText: 'each: absence hold, deadline 20s',
      about:
        'Of our own checks: what happens to mail of a rule that asks one which is away (its keeper is), and how long one mail may take it; what is late has not read the mail, which counts as found.',
      reason: 'Nothing leaves unseen. A rule (absence) and a tenant (checks) may say otherwise.',
    }),
  },
  incidents: {
    publish: setting(kind.onOff, {
      default: false,
      about: 'Publishes what a rule drafts of an incident at once, without a person.',
      reason: 'A draft says what was measured; what it means to users a person says better.',
    }),
  },
  retention: {
    journal: setting(kind.duration('1d', '3650d'), {
      default: '400d',
      about: 'How long the trace of mail is kept.',
      reason: 'A year and the audit that asks about it.',
    }),
    keepDelivered: setting(kind.duration('0s', '365d'), {
      default: '72h',
      about: 'How long delivered bodies are kept for tenants with resend.',
      reason: 'A lost mail is noticed within a weekend.',
      ...later,
    }),
    recoverable: setting(kind.duration('0s', '365d'), {
      default: '14d',
      about: 'How long deleted mail in mailboxes can be brought back.',
      reason: 'Two weeks of holiday.',
    }),
    trash: setting(kind.duration('1d', '3650d'), {
      default: '30d',
      about:
        'Mail that has lain in a Trash mailbox for so long is deleted; it can be recovered for `recoverable` more.',
      reason: 'What others do, and what people have come to expect.',
    }),
    junk: setting(kind.duration('1d', '3650d'), {
      default: '14d',
      about: 'The same for Junk.',
      reason: 'Long enough to find what was taken for junk by mistake.',
    }),
    facts: setting(kind.duration('0s', '90d'), {
      default: '7d',
      about:
        'How long is kept what inspection found out about each mail, for dry runs of rules; 0s: nothing. No text of it is kept.',
      reason: 'Last week is what people remember, and what a new rule would have done to it tells them most.',
    }),
    correspondents: setting(kind.duration('1d', '3650d'), {
      default: '400d',
      about: 'How long it is known, behind the last mail, who has written to whom: rules with `firstTime` go by it.',
      reason: 'Whom one writes to once a year is no stranger.',
    }),
    held: setting(kind.duration('1h', '365d'), {
      default: '10d',
      about: 'Held mail expires after this time, and its sender is told.',
      reason: 'Nothing waits for ever without a person’s decision.',
    }),
  },
  status: {
    name: optional(kind.text, {
      defaultText: 'the value of hostname',
      about: 'Name of the service on its status pages.',
      reason: 'Customers know the service by it.',
    }),
    contact: optional(kind.text, {
      defaultText: 'postmaster at hostname',
      about: 'Whom the status pages say to ask: an address, a telephone number or a page.',
      reason: 'That address is always there.',
    }),
    region: setting(kind.word, {
      default: 'main',
      about: 'Name of the place or part that this host serves; its components stand together on the status pages.',
      reason: 'One place needs no name.',
    }),
    probes: setting(kind.onOff, {
      default: true,
      about: 'Sends test mail through every way of this host, to itself; it is in no books.',
      reason: 'What no mail has passed for an hour may be broken, and nobody would know.',
    }),
    probeEvery: setting(kind.duration('5s', '10m'), {
      default: '30s',
      about: 'Time between two test mails; after one that failed the next one comes 5 s later.',
      reason: 'Two that fail in a row still show within a minute.',
    }),
    notices: optional(noticeWay, {
      defaultText: 'by the queue, as all mail',
      about:
        'Smarthost of somebody else (host, port, tls, username, password) for mails about incidents to contacts and operators, past our own queue; what it does not take goes by the queue.',
      reason: 'Yours to give: where delivery is what is out, its news must go another way.',
    }),
    publish: optional(kind.path, {
      defaultText: 'none',
      about: 'Folder into which the status pages are written as files every 30 s, for a web server elsewhere.',
      reason: 'Pages of a service that is away can only be shown by another one.',
    }),
  },
  page: {
    command: optional(kind.listOf(kind.text), {
      defaultText: 'none',
      about:
        'Program and its arguments by which an operator is called when a component is out; JSON on its standard input.',
      reason: 'Yours to give.',
    }),
    url: optional(kind.webhook, {
      defaultText: 'none',
      about: 'The same as a POST of JSON to this address; where both are given, both are used.',
      reason: 'Yours to give.',
    }),
    second: {
      command: optional(kind.listOf(kind.text), {
        defaultText: 'none',
        about: 'Calls a second contact, where nobody has acknowledged, or the first could not be told.',
        reason: 'Somebody else, in case the first one sleeps.',
      }),
      url: optional(kind.webhook, {
        defaultText: 'none',
        about: 'The same as a POST of JSON.',
        reason: 'Somebody else, in case the first one sleeps.',
      }),
    },
    escalate: setting(kind.duration('1m', '1d'), {
      default: '10m',
      about: 'The second contact is called after so long without an acknowledgement.',
      reason: 'Time to wake up and sit down at a keyboard.',
    }),
  },
  telemetry: {
    url: optional(kind.webhook, {
      defaultText: 'none',
      about:
        'Collector of OpenTelemetry that is told the way of each message as a trace: OTLP over HTTP, such as http://127.0.0.1:4318.',
      reason: 'Yours to run.',
    }),
    authorization: optional(kind.secretText, {
      defaultText: 'none',
      about: 'What stands in the field Authorization of what the collector is told.',
      reason: 'A collector of your own mostly asks for none.',
    }),
    sample: setting(kind.amount(0, 1, 'share of all messages', true), {
      default: 0.01,
      about: 'Share of messages that are told, from 0 to 1: the same ones on every host.',
      reason: 'One in a hundred shows where time goes; holdfast trace has every message.',
    }),
  },
  operators: setting(operators, {
    default: [],
    about: 'Who runs the installation: gets mail to its postmaster, and signs in to the operators’ pages.',
    reason: 'Nobody until you say so.',
  }),
  secrets: {
    key: {
      file: setting(kind.path, {
        default: 'secrets.key',
        defaultText: 'secrets.key inside data',
        about:
          'Key that wraps all other secrets and kept content; made on the first run. Back it up apart from the data.',
        reason: 'Without it the data is unreadable, to you as well.',
      }),
    },
  },
  checks: setting(checks, {
    default: [],
    about: 'Servers and programs that inspection asks about mail, by the names that rules have for them (`hooks`).',
    reason: 'None until you run one.',
  }),
  policies: setting(policies, {
    default: [],
    about: "Installation-wide DLP rules, before the tenants' own.",
    reason: 'None until you write one.',
  }),
} as const;

/** The values of all settings: durations in ms, sizes in octets, paths absolute. */
export type Settings = ValuesOf<typeof DECLARED>;

function ownName(): string {
  const name = hostname().toLowerCase();
  return parseDomain(name) === null || /^[\d.]+$/.test(name) ? 'localhost' : name;
}
