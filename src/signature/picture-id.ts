/** The Content-ID of a picture (RFC 2392): equal for equal pictures. */
import { createHash } from 'node:crypto';

export function pictureId({ name, base64 }: { readonly name: string; readonly base64: string }): string {
  return `${name}.${createHash('sha256').update(base64).digest('hex').slice(0, 24)}@signature.holdfast.invalid`;
}
