/** The field that has a browser save what it gets under a name (RFC 6266). */

/** Safe in a quoted string (RFC 9110 §5.6.4), and not taken for percent-encoding by old browsers. */
const PLAIN = /[^ !#$&+\-.0-9;=@A-Z^_`a-z{}~]/g;

export function attachmentNamed(name: string): string {
  const fallback = name.replace(PLAIN, '_');
  if (fallback === name) return `attachment; filename="${name}"`;
  return `attachment; filename="${fallback}"; filename*=UTF-8''${percentEncoded(name)}`;
}

/** RFC 8187 §3.2.1: attr-char stays, everything else is octets of UTF-8. */
function percentEncoded(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
