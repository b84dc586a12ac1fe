/** Rules that a tenant can name in one line: `{ name: delays, use: outbound-delays }`. They are read as if they had been written out. */

type RawRule = Readonly<Record<string, unknown>>;

const ADDRESS_LEAK = {
  when: { direction: 'outbound', visibleRecipients: { min: 20 } },
  action: { forceBcc: true, notify: ['sender'] },
  continue: true,
  description: {
    en: 'A mail to many people should not tell each of them all other addresses.',
    ja: '多数への送信では、受信者同士にアドレスが見えないようにします。',
  },
} as const;

/** In the order in which the rules are looked at; the most severe first, or the mild one would win. */
export const PRESETS = {
  /** The defaults of the trade: 10 domains are a mishap, 3 deserve a second look, and one minute later everybody sees the typo. */
  'outbound-delays': [
    {
      name: 'ten domains',
      when: { direction: 'outbound', externalDomains: { min: 10 } },
      action: {
        reject: 'This mail goes to ten or more companies at once. Send it in smaller parts, or ask your administrator.',
      },
    },
    {
      name: 'three domains',
      when: { direction: 'outbound', externalDomains: { min: 3 } },
      action: { hold: '15m' },
      description: {
        en: 'Mail to several companies waits a little, so that a wrong recipient can still be taken back.',
        ja: '複数の会社へのメールは、宛先の誤りに気づけるよう少し待ってから送信します。',
      },
    },
    {
      name: 'external',
      when: { direction: 'outbound' },
      action: { hold: '5m' },
      description: {
        en: 'Mail that leaves the company waits a little, so that it can still be stopped.',
        ja: '社外へのメールは、取り消せるよう少し待ってから送信します。',
      },
    },
  ],
  /** Copies nobody can call back: many addresses in To and Cc. */
  'address-leak': [{ name: 'many visible addresses', ...ADDRESS_LEAK }],
  /** Numbers that are fined when they leak. */
  'personal-numbers': [
    {
      name: 'numbers of people',
      when: { direction: 'outbound', any: [{ detects: { creditCard: true } }, { detects: { myNumber: true } }] },
      action: { approve: { by: ['manager', 'admins'] }, notify: ['sender'] },
    },
  ],
  /** Names that make programs, whichever way the mail goes. */
  'dangerous-attachments': [
    {
      name: 'programs',
      when: { direction: ['outbound', 'inbound', 'internal'], attachments: { dangerous: true } },
      action: { hold: { atEnd: 'expire' }, notify: ['admins'] },
    },
  ],
} as const satisfies Readonly<Record<string, readonly RawRule[]>>;

export type PresetName = keyof typeof PRESETS;
