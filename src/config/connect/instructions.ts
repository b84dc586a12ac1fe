/**
 * What an administrator does so that a cloud's mail comes through here: one step after another, with what is to be pasted. Written by the documents of
 * Microsoft and Google; neither cloud was ever met by a test (docs/interop.md).
 */
import type { Wording } from '#/model/index.ts';
import type { Connector } from './connector.ts';
import { googleSteps } from './google.ts';
import { microsoftSteps } from './microsoft365.ts';

export interface Step {
  readonly title: Wording;
  readonly text: Wording;
  /** To be pasted as it is; null where there is nothing. */
  readonly script: string | null;
}

/** All steps, in their order. */
export function instructionsFor(connector: Connector): readonly Step[] {
  const steps = connector.kind === 'microsoft365' ? microsoftSteps(connector) : googleSteps(connector);
  return [...(connector.isDeclared ? [] : [declare(connector)]), ...steps, proof(connector)];
}

function declare({ kind, name, tenant, domains }: Connector): Step {
  const senders = domains.map((domain) => `"*@${domain}"`).join(', ');
  const own =
    kind === 'microsoft365'
      ? 'cloudTenant: 00000000-0000-0000-0000-000000000000'
      : 'networks: [192.0.2.0/24], wide: true';
  return {
    title: { en: 'Declare the connector here', ja: 'コネクタをこちらに登録する' },
    text: {
      en: 'Put this into the resources file with your own values and apply it. The secret is shown once; keep it for the next steps. Add returnTo: HOST to have the mail go back to the cloud after inspection.',
      ja: '値を自社のものに置き換えてリソースファイルに書き、apply してください。シークレットは一度だけ表示されるので、次の手順まで控えておきます。検査後にメールをクラウドへ戻す場合は returnTo: HOST を加えます。',
    },
    script: [
      'tenants:',
      `  - id: ${tenant}`,
      '    relays:',
      `      - { name: ${name}, kind: ${kind}, ${own}, secret: { generate: true }, senders: [${senders}] }`,
    ].join('\n'),
  };
}

function proof({ kind, tenant, name }: Connector): Step {
  return {
    title: { en: 'See that it works', ja: '動作を確かめる' },
    text: {
      en: `Send a mail from a mailbox of the cloud to an address outside. Then "holdfast connect ${kind} ${tenant} --check" and "holdfast relay list --tenant ${tenant}" say when ${name} was last seen and what was refused. "holdfast bypass recipe ${tenant}" says how to send around this server in an emergency.`,
      ja: `クラウドのメールボックスから社外へメールを一通送ります。その後「holdfast connect ${kind} ${tenant} --check」と「holdfast relay list --tenant ${tenant}」で、${name} が最後に確認された時刻と拒否の理由が分かります。緊急時にこのサーバーを通さずに送る方法は「holdfast bypass recipe ${tenant}」にあります。`,
    },
    script: null,
  };
}
