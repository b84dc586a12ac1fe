/** Answers about the service and the session (RFC 9051 §7.2, RFC 2971, RFC 5161). */
import { formatString } from './format-text.ts';

/** RFC 9051 §7.2.2. The same words go in the code of the greeting. */
export function formatCapability(capabilities: readonly string[]): string {
  return `* CAPABILITY ${capabilities.join(' ')}\r\n`;
}

export function formatEnabled(capabilities: readonly string[]): string {
  return `* ENABLED${capabilities.map((capability) => ` ${capability}`).join('')}\r\n`;
}

export function formatId(fields: readonly (readonly [name: string, value: string])[]): string {
  const said = fields.flat().map((text) => formatString(text, false));
  return `* ID ${said.length === 0 ? 'NIL' : `(${said.join(' ')})`}\r\n`;
}

/** RFC 9051 §7.6: the client may go on; for SASL, `text` is the challenge in base64. */
export function formatContinue(text: string): string {
  return `+ ${text}\r\n`;
}
