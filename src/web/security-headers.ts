/** What every answer says to browsers: nothing runs, nothing is framed, nothing is guessed, nothing is told to others. */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  // Answers are of this moment's settings, and some name an address.
  'cache-control': 'no-store',
} as const;
