/** Exchange Online: connectors and mail flow rules, by its PowerShell. */
import type { Connector } from './connector.ts';
import type { Step } from './instructions.ts';

/** The steps of a tenant of Microsoft 365. */
export function microsoftSteps(connector: Connector): readonly Step[] {
  const { returnTo } = connector;
  return [
    before(connector),
    outbound(connector),
    ...(returnTo === null ? [] : [inbound(connector)]),
    rule(connector),
    dns(connector),
  ];
}

function before({ hostname }: Connector): Step {
  return {
    title: { en: 'Before you begin', ja: '準備' },
    text: {
      en: `Exchange Online sends to port 25 of ${hostname}, and only to a certificate of a public authority with that name. Open PowerShell with the module ExchangeOnlineManagement as an Exchange administrator. $secret is asked for, so that it stands in no script; administrators of Exchange can read it in the rule afterwards.`,
      ja: `Exchange Online は ${hostname} のポート 25 に送ります。その名前の、公的な認証局の証明書が必要です。ExchangeOnlineManagement モジュールのある PowerShell を Exchange 管理者として開いてください。$secret は入力を求めるので、スクリプトには残りません。ただし設定後は Exchange の管理者がルールの中で読めます。`,
    },
    script: [
      'Install-Module ExchangeOnlineManagement -Scope CurrentUser',
      'Connect-ExchangeOnline',
      '$secret = Read-Host -Prompt "Secret of the connector"',
      `$ours = Resolve-DnsName ${quoted(hostname)} -Type A | Where-Object Type -eq A | ForEach-Object IPAddress`,
    ].join('\n'),
  };
}

function outbound({ name, hostname }: Connector): Step {
  return {
    title: { en: 'The connector from Microsoft 365 to here', ja: 'Microsoft 365 からこちらへのコネクタ' },
    text: {
      en: 'It is used by the rule of a later step alone, so nothing changes yet. (Exchange admin center: Mail flow, Connectors, from Office 365 to your organization’s email server, only when a transport rule redirects messages to it.)',
      ja: '後の手順のルールからだけ使われるので、まだ何も変わりません。（Exchange 管理センターでは「メール フロー」→「コネクタ」、Office 365 から組織のメール サーバーへ、「このコネクタにメッセージをリダイレクトするトランスポート ルールが設定されている場合のみ」。）',
    },
    script: [
      `New-OutboundConnector -Name ${quoted(outName(name))} -ConnectorType OnPremises -UseMXRecord $false \``,
      `  -SmartHosts ${quoted(hostname)} -TlsSettings DomainValidation -TlsDomain ${quoted(hostname)} \``,
      '  -IsTransportRuleScoped $true -RouteAllMessagesViaOnPremises $false -Enabled $true',
    ].join('\n'),
  };
}

function inbound({ name, hostname, returnTo }: Connector): Step {
  return {
    title: { en: 'The connector from here back to Microsoft 365', ja: 'こちらから Microsoft 365 へ戻すコネクタ' },
    text: {
      en: `Mail goes back to ${returnTo ?? ''}. Exchange Online takes it for the organization’s own because it comes from the addresses in $ours and from a domain of yours. Look at $ours first: it has to hold every address that ${hostname} sends from, and no other. The rule takes loop stamps off mail that does not come from there, so that nobody inside can send around inspection with a stamp of their own.`,
      ja: `メールは ${returnTo ?? ''} へ戻ります。$ours のアドレスから、自社のドメインの送信者で届くので、Exchange Online は組織自身のメールとして受け取ります。先に $ours を確認してください。${hostname} が送信に使うすべてのアドレスだけが入っている必要があります。ルールは、そこから来たのではないメールからループ スタンプを取り除きます。社内の人が自分で書いたスタンプで検査を避けることはできません。`,
    },
    script: [
      '$ours',
      `New-InboundConnector -Name ${quoted(inName(name))} -ConnectorType OnPremises -SenderDomains "smtp:*;1" \``,
      '  -SenderIPAddresses $ours -Enabled $true',
      `New-TransportRule -Name ${quoted(stampName(name))} -Priority 0 -HeaderMatchesMessageHeader "X-Holdfast-Stamp" \``,
      '  -HeaderMatchesPatterns "." -RemoveHeader "X-Holdfast-Stamp" -ExceptIfSenderIpRanges $ours',
    ].join('\n'),
  };
}

function rule({ name, returnTo }: Connector): Step {
  const stamped =
    returnTo === null
      ? []
      : ['  -ExceptIfHeaderMatchesMessageHeader "X-Holdfast-Stamp" -ExceptIfHeaderMatchesPatterns "^v=1;" `'];
  return {
    title: { en: 'The rule that sends mail here', ja: 'メールをこちらへ送るルール' },
    text: {
      en: `From here on mail to outside comes through this server. The header says whose mail it is: without it mail is refused.${returnTo === null ? '' : ' What has been here carries X-Holdfast-Stamp and is left out, or it would go round.'} To try it with a few people first, add -FromMemberOf GROUP. To have mail inside the organization come here as well, leave -SentToScope out${returnTo === null ? ' (only with returnTo)' : ''}.`,
      ja: `これ以降、社外へのメールはこのサーバーを通ります。ヘッダーが誰のメールかを示し、ヘッダーがなければ拒否されます。${returnTo === null ? '' : '一度ここを通ったメールには X-Holdfast-Stamp があり、ルールの対象から外します。外さないとメールが循環します。'}少人数で試すには -FromMemberOf GROUP を加えます。組織内のメールも通すには -SentToScope を省きます${returnTo === null ? '（returnTo がある場合のみ）' : ''}。`,
    },
    script: [
      `New-TransportRule -Name ${quoted(ruleName(name))} -FromScope InOrganization -SentToScope NotInOrganization \``,
      '  -SetHeaderName "X-Holdfast-Connector" -SetHeaderValue $secret `',
      ...stamped,
      `  -RouteMessageOutboundConnector ${quoted(outName(name))} -SenderAddressLocation HeaderOrEnvelope -StopRuleProcessing $true`,
    ].join('\n'),
  };
}

function dns({ domains, hostname, returnTo }: Connector): Step {
  const ours = returnTo === null ? `a:${hostname} ` : '';
  return {
    title: { en: 'DNS', ja: 'DNS' },
    text: {
      en:
        returnTo === null
          ? `Mail to outside leaves from ${hostname}: its addresses have to stand in SPF beside those of Microsoft.`
          : 'Mail to outside leaves from Microsoft as before: SPF stays as it is.',
      ja:
        returnTo === null
          ? `社外へのメールは ${hostname} から出ます。SPF に Microsoft のものと並べて、このサーバーのアドレスを書いてください。`
          : '社外へのメールは今までどおり Microsoft から出ます。SPF はそのままです。',
    },
    script: domains
      .map((domain) => `${domain}. TXT "v=spf1 ${ours}include:spf.protection.outlook.com -all"`)
      .join('\n'),
  };
}

function outName(name: string): string {
  return `Holdfast ${name} out`;
}

function inName(name: string): string {
  return `Holdfast ${name} in`;
}

function stampName(name: string): string {
  return `Holdfast ${name} stamps`;
}

function ruleName(name: string): string {
  return `Holdfast ${name}`;
}

/** Names are what an administrator wrote: within double quotes, PowerShell reads three letters as its own, and takes several marks for a quote. */
function quoted(text: string): string {
  return `"${text.replace(/[`$"“”„]/g, (mark) => `\`${mark}`)}"`;
}
