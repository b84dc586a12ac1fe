/** Texts for who has no time to find words: the usual turns of an incident, in both languages. What is in `{braces}` is for the writer to fill in. */
import type { IncidentPhase, Wording } from '#/model/index.ts';

export interface Template {
  readonly name: string;
  readonly phase: IncidentPhase;
  readonly text: Wording;
  readonly advice: Wording | null;
}

const NO_ACTION: Wording = {
  en: 'You need not do anything. Mail that was accepted is safe with us and will arrive; do not send it again.',
  ja: 'お客様側での操作は不要です。受け付けたメールは失われておらず、順次配送されます。再送はお控えください。',
};

export const TEMPLATES: readonly Template[] = [
  {
    name: 'looking',
    phase: 'investigating',
    text: {
      en: 'We have noticed trouble and are looking into it.',
      ja: '障害を検知し、原因を調査しております。',
    },
    advice: NO_ACTION,
  },
  {
    name: 'delay',
    phase: 'investigating',
    text: {
      en: 'Mail takes longer than usual to arrive. Nothing is lost. We are looking for the cause.',
      ja: 'メールの配送に遅延が発生しております。メールは失われておりません。原因を調査しております。',
    },
    advice: NO_ACTION,
  },
  {
    name: 'cause-found',
    phase: 'identified',
    text: {
      en: 'We have found the cause and are working on the remedy.',
      ja: '原因を特定し、復旧作業を進めております。',
    },
    advice: null,
  },
  {
    name: 'upstream',
    phase: 'identified',
    text: {
      en: 'The cause is at a provider that we depend on, {provider}. We watch their progress; mail waits with us and goes out by itself when they are back.',
      ja: '原因は、当サービスが利用する外部事業者（{provider}）側の障害です。復旧状況を監視しております。メールは当方で保管し、復旧後に自動で配送いたします。',
    },
    advice: NO_ACTION,
  },
  {
    name: 'remedy-in-place',
    phase: 'monitoring',
    text: {
      en: 'The remedy is in place. We are watching that everything runs as it should.',
      ja: '復旧作業が完了しました。正常に動作していることを引き続き確認しております。',
    },
    advice: null,
  },
  {
    name: 'draining',
    phase: 'monitoring',
    text: {
      en: 'The cause is removed. Mail that waited is on its way; until the backlog is gone some of it arrives late.',
      ja: '原因は解消しました。滞留していたメールを順次配送しております。解消までの間、一部のメールは遅れて届きます。',
    },
    advice: null,
  },
  {
    name: 'resolved',
    phase: 'resolved',
    text: {
      en: 'This is resolved. We will report on its cause.',
      ja: '本障害は復旧いたしました。原因については、別途ご報告いたします。',
    },
    advice: null,
  },
];
