/** Google Workspace: hosts, routing and compliance rules, by its Admin console; there are no scripts for them. */
import type { Connector } from './connector.ts';
import type { Step } from './instructions.ts';

/** The steps of a customer of Google Workspace. */
export function googleSteps(connector: Connector): readonly Step[] {
  const { returnTo } = connector;
  return [
    networks(connector),
    host(connector),
    rule(connector),
    ...(returnTo === null ? [] : [relay(connector)]),
    dns(connector),
  ];
}

function networks({ name }: Connector): Step {
  return {
    title: { en: 'The addresses of Google', ja: 'Google のアドレス' },
    text: {
      en: `Google is known by the addresses that it publishes; networks of ${name} has to name them all. They change now and then: look again when mail is refused. Each of the answers may include others.`,
      ja: `Google は公開しているアドレスで識別します。${name} の networks にすべて書いてください。ときどき変わるので、拒否されたときは見直します。応答がさらに別の名前を include していることもあります。`,
    },
    script: [
      'dig +short TXT _spf.google.com',
      'dig +short TXT _netblocks.google.com _netblocks2.google.com _netblocks3.google.com',
    ].join('\n'),
  };
}

function host({ hostname }: Connector): Step {
  return {
    title: { en: 'The host that mail is sent to', ja: '送信先のホスト' },
    text: {
      en: `Admin console, Apps, Google Workspace, Gmail, Hosts, Add route: name Holdfast, single host ${hostname}, port 25. Turn on: require mail to be transmitted by TLS, require a CA-signed certificate, validate the certificate hostname.`,
      ja: `管理コンソール →「アプリ」→「Google Workspace」→「Gmail」→「ホスト」→「ルートを追加」。名前は Holdfast、ホストは ${hostname}、ポートは 25。「TLS 接続を必須にする」「CA の署名付き証明書を必須にする」「証明書のホスト名を検証する」を有効にします。`,
    },
    script: `${hostname}:25`,
  };
}

function rule({ returnTo }: Connector): Step {
  const not =
    returnTo === null
      ? { en: '', ja: '' }
      : {
          en: ' Under expressions add: advanced content match, location full headers, match type “not contains text”, content X-Holdfast-Stamp: v=1; what has been here is left out, or it would go round.',
          ja: '「式」に「高度なコンテンツ マッチ」を追加します。場所は「完全なヘッダー」、一致の種類は「次のテキストを含まない」、内容は X-Holdfast-Stamp: v=1。一度ここを通ったメールを対象から外します。外さないとメールが循環します。',
        };
  return {
    title: { en: 'The rule that sends mail here', ja: 'メールをこちらへ送るルール' },
    text: {
      en: `Gmail, Compliance, Content compliance, Configure: messages to affect: outbound.${not.en} Then modify message: add the custom header X-Holdfast-Connector with the secret as its value, and change route to Holdfast. Begin with one organizational unit. It may take up to 24 hours until all of Google knows it. Administrators of Gmail can read the secret there.`,
      ja: `「Gmail」→「コンプライアンス」→「コンテンツ コンプライアンス」→「設定」。対象のメールは「送信」。${not.ja}続いて「メールを変更」で、カスタム ヘッダー X-Holdfast-Connector を追加して値にシークレットを入れ、「ルートを変更」で Holdfast を選びます。まず一つの組織部門から始めてください。反映に最長 24 時間かかることがあります。シークレットは Gmail の管理者が読めます。`,
    },
    script: null,
  };
}

function relay({ hostname, returnTo }: Connector): Step {
  return {
    title: { en: 'The way back to Google', ja: 'Google へ戻す経路' },
    text: {
      en: `Mail goes back to ${returnTo ?? ''}. Gmail, Routing, SMTP relay service, Configure: allowed senders: only addresses in my domains; only accept mail from the specified IP addresses: every address that ${hostname} sends from; require TLS encryption on. Google limits what a customer may relay in a day.`,
      ja: `メールは ${returnTo ?? ''} へ戻ります。「Gmail」→「ルーティング」→「SMTP リレー サービス」→「設定」。許可する送信者は「自分のドメイン内のアドレスのみ」、「指定した IP アドレスからのみメールを受け付ける」に ${hostname} が送信に使うすべてのアドレスを入れ、「TLS 暗号化を必須にする」を有効にします。1 日にリレーできる数には Google の上限があります。`,
    },
    script: `dig +short A ${hostname}`,
  };
}

function dns({ domains, hostname, returnTo }: Connector): Step {
  const ours = returnTo === null ? `a:${hostname} ` : '';
  return {
    title: { en: 'DNS', ja: 'DNS' },
    text: {
      en:
        returnTo === null
          ? `Mail to outside leaves from ${hostname}: its addresses have to stand in SPF beside those of Google.`
          : 'Mail to outside leaves from Google as before: SPF stays as it is.',
      ja:
        returnTo === null
          ? `社外へのメールは ${hostname} から出ます。SPF に Google のものと並べて、このサーバーのアドレスを書いてください。`
          : '社外へのメールは今までどおり Google から出ます。SPF はそのままです。',
    },
    script: domains.map((domain) => `${domain}. TXT "v=spf1 ${ours}include:_spf.google.com -all"`).join('\n'),
  };
}
