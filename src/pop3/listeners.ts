/** What each listener asks: one row each. */

export interface ListenerRules {
  /** TLS begins before the banner (RFC 8314 §3.3). */
  readonly implicitTls: boolean;
}

export const LISTENERS = {
  /** Begins in the clear; nobody signs in before STLS (RFC 2595 §4). */
  pop3: { implicitTls: false },
  pop3s: { implicitTls: true },
} as const satisfies Record<string, ListenerRules>;

export type Pop3ListenerKind = keyof typeof LISTENERS;

/** The names of `listen` in the configuration that are POP3's. */
export const POP3_LISTENER_KINDS: readonly Pop3ListenerKind[] = ['pop3', 'pop3s'];

/** Whether a listener's connections begin with TLS: for those who probe it. */
export function pop3BeginsWithTls(kind: Pop3ListenerKind): boolean {
  return LISTENERS[kind].implicitTls;
}
