/** Checked strings. A value of these types has passed the parser at the door and is trusted inside. */

/** `local-part@domain` without angle brackets; local part verbatim, domain in lower case (RFC 5321 §4.1.2, RFC 6531 §3.3). */
export type MailAddress = string & { readonly __brand: 'MailAddress' };

/** A domain name in lower case, or an address literal in square brackets (RFC 5321 §4.1.2). */
export type Domain = string & { readonly __brand: 'Domain' };

/** The part behind the last `@`, in lower case. */
export function domainOf(address: MailAddress): Domain {
  return address.slice(address.lastIndexOf('@') + 1) as Domain;
}

/** The part before the last `@`, verbatim. */
export function localPartOf(address: MailAddress): string {
  return address.slice(0, address.lastIndexOf('@'));
}

/** The form under which two spellings of one mailbox are equal for us: wholly lower case. Departs from RFC 5321 §2.4: nobody's local parts differ by case alone. */
export function addressKey(address: string): string {
  return address.toLowerCase();
}

/** What stands behind the first `+` of the local part (RFC 5233 §1); null where there is none. */
export function detailOf(address: MailAddress): string | null {
  const local = localPartOf(address);
  const plus = local.indexOf('+', 1);
  return plus < 0 ? null : local.slice(plus + 1);
}

/** The address without its detail: itself where there is none. */
export function withoutDetail(address: MailAddress): MailAddress {
  const plus = localPartOf(address).indexOf('+', 1);
  return plus < 0 ? address : (`${address.slice(0, plus)}@${domainOf(address)}` as MailAddress);
}
