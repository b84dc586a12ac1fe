/** Of what kind a refusal is: what has to change before the mail can arrive. */
export const BOUNCE_CLASSES = [
  'unknown-recipient',
  'mailbox-full',
  'spam',
  'reputation',
  'authentication',
  'rate',
  'content',
  'tls',
  'dns',
  'network',
  'protocol',
  'other',
] as const;

export type BounceClass = (typeof BOUNCE_CLASSES)[number];
