/** What can be seen from here of a cloud's connection: our own names and doors, DNS, and whether the way back leads anywhere. Nothing is changed by it. */
import type { Call, Domain, Wording } from '#/model/index.ts';
import type { MxAnswer, Resolver } from '#/ports/index.ts';
import type { Connector } from './connector.ts';

/** What of this installation a cloud meets. */
export interface Front {
  /** Whether our certificate is one that we made ourselves. */
  readonly selfSigned: boolean;
  /** Whether `listen.smtp` has port 25 beyond the loopback. */
  readonly takesPort25: boolean;
}

export interface Found {
  /** `unknown`: DNS did not answer. */
  readonly state: 'good' | 'bad' | 'unknown';
  readonly text: Wording;
}

/** All that was looked at, in the order of the instructions. Never rejects. */
export async function checkConnector(
  connector: Connector,
  front: Front,
  resolver: Resolver,
  call: Call,
): Promise<readonly Found[]> {
  const { domains, hostname, returnTo } = connector;
  const own = ownSide(connector, front);
  const asked = [
    named(hostname, resolver, call),
    ...(returnTo === null ? [] : [named(returnTo, resolver, call)]),
    ...domains.slice(0, DOMAINS_MAX).map((domain) => mxOf(domain as Domain, connector, resolver, call)),
    ...domains.slice(0, DOMAINS_MAX).map((domain) => spfOf(domain, connector, resolver, call)),
  ];
  return [...own, ...(await Promise.all(asked))];
}

/** Domains that are asked for; whoever has more sees the pattern. */
const DOMAINS_MAX = 20;

function ownSide({ kind, name, isDeclared, isOff, networks }: Connector, front: Front): readonly Found[] {
  const found: Found[] = [
    isDeclared && !isOff
      ? good(`The connector ${name} is declared and on.`, `コネクタ ${name} は登録済みで、有効です。`)
      : bad(
          `The connector ${name} is ${isDeclared ? 'off: holdfast relay on' : 'not declared: the first step of the instructions'}.`,
          `コネクタ ${name} は${isDeclared ? '無効です。holdfast relay on で有効にします。' : '登録されていません。手順の 1 を行ってください。'}`,
        ),
    front.takesPort25
      ? good('This server listens on port 25.', 'このサーバーはポート 25 で待ち受けています。')
      : bad(
          'Clouds send to port 25, and listen.smtp has no port 25 beyond the loopback. This is well where another machine passes it on.',
          'クラウドはポート 25 に送りますが、listen.smtp に外部から届くポート 25 がありません。別の機器が転送している場合は問題ありません。',
        ),
    front.selfSigned
      ? bad(
          'The certificate of this server is self-signed: the connector asks for one of a public authority. Set tls.cert and tls.key.',
          'このサーバーの証明書は自己署名です。コネクタは公的な認証局の証明書を求めます。tls.cert と tls.key を設定してください。',
        )
      : good('The certificate comes from your files.', '証明書は指定のファイルのものです。'),
  ];
  if (kind === 'google' && isDeclared && networks === 0)
    found.push(
      bad(
        `networks of ${name} is empty: Google is known by nothing else.`,
        `${name} の networks が空です。Google はこれでしか識別できません。`,
      ),
    );
  return found;
}

async function named(host: string, resolver: Resolver, call: Call): Promise<Found> {
  try {
    const addresses = await resolver.addresses(host, call);
    return addresses.length > 0
      ? good(
          `${host} is in DNS: ${addresses.slice(0, 4).join(', ')}.`,
          `${host} は DNS にあります: ${addresses.slice(0, 4).join(', ')}`,
        )
      : bad(`${host} has no address in DNS.`, `${host} のアドレスが DNS にありません。`);
  } catch {
    return unknown(host);
  }
}

async function mxOf(domain: Domain, { hostname, returnTo }: Connector, resolver: Resolver, call: Call): Promise<Found> {
  try {
    const answer = await resolver.mx(domain, call);
    const hosts = hostsOf(answer);
    const isHere = hosts.includes(hostname.toLowerCase());
    if (isHere && returnTo !== null)
      return bad(
        `The MX of ${domain} is this server, and its mail goes back to the cloud: mail from outside reaches here only whom this server knows. Point the MX to the cloud, or name ${domain} in routes.`,
        `${domain} の MX はこのサーバーですが、メールはクラウドへ戻します。社外からのメールは、このサーバーが知っている宛先にしか届きません。MX をクラウドに向けるか、routes に ${domain} を書いてください。`,
      );
    const shown = hosts.slice(0, 3).join(', ');
    return hosts.length === 0
      ? bad(`${domain} has no MX.`, `${domain} に MX がありません。`)
      : good(
          `Mail from outside for ${domain} goes to ${shown}.`,
          `${domain} 宛の社外からのメールは ${shown} に届きます。`,
        );
  } catch {
    return unknown(domain);
  }
}

/** RFC 7208 §4.5. Whether the cloud may send, which it does when mail goes round this server, or back. */
async function spfOf(domain: string, { kind }: Connector, resolver: Resolver, call: Call): Promise<Found> {
  const include = `include:${SPF_OF[kind]}`;
  try {
    const records = (await resolver.texts(domain, call)).filter((text) => /^v=spf1(?: |$)/i.test(text));
    return records.some((text) => text.toLowerCase().split(/\s+/).includes(include))
      ? good(`SPF of ${domain} names the cloud.`, `${domain} の SPF にクラウドがあります。`)
      : bad(
          `SPF of ${domain} does not name ${include}: receivers doubt what the cloud sends for it.`,
          `${domain} の SPF に ${include} がありません。クラウドから送ったメールが疑われます。`,
        );
  } catch {
    return unknown(domain);
  }
}

const SPF_OF = { microsoft365: 'spf.protection.outlook.com', google: '_spf.google.com' } as const;

function hostsOf(answer: MxAnswer): readonly string[] {
  return answer.kind === 'hosts' ? answer.hosts.map(({ host }) => host.toLowerCase().replace(/\.$/, '')) : [];
}

function good(en: string, ja: string): Found {
  return { state: 'good', text: { en, ja } };
}

function bad(en: string, ja: string): Found {
  return { state: 'bad', text: { en, ja } };
}

function unknown(name: string): Found {
  return {
    state: 'unknown',
    text: { en: `DNS did not answer about ${name}.`, ja: `${name} について DNS の応答がありません。` },
  };
}
