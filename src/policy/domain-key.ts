import { domainToASCII } from 'node:url';

/** The form under which two spellings of one domain are equal: A-labels (RFC 5890 §2.3.2.1) in lower case, no dot at the end. What has no such form is itself. */
export function domainKey(domain: string): string {
  const plain = domain.toLowerCase().replace(/\.$/, '');
  // Nearly all domains need no closer look.
  return /^[a-z0-9.-]*$/.test(plain) ? plain : domainToASCII(plain) || plain;
}
