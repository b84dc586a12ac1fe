import type { ServerReply } from './reply-parser.ts';

/** What a server announced in its answer to EHLO (RFC 5321 §4.1.1.1). */
export interface Capabilities {
  readonly pipelining: boolean;
  /** RFC 1870 §4: null is not announced; 0 is announced without a fixed maximum. */
  readonly size: number | null;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly chunking: boolean;
  readonly dsn: boolean;
  readonly startTls: boolean;
  readonly enhancedStatusCodes: boolean;
  readonly requireTls: boolean;
  /** Mechanisms in upper case. */
  readonly auth: readonly string[];
  /** RFC 9422 §4; absent where not announced. */
  readonly limits: { readonly rcptMax?: number; readonly mailMax?: number; readonly rcptDomainMax?: number };
}

/** Reads the answer to EHLO; to HELO, or an answer without keywords, everything is absent. */
export function parseCapabilities(reply: ServerReply): Capabilities {
  const keywords = new Map<string, string>();
  for (const line of reply.lines.slice(1)) addKeyword(keywords, line.toUpperCase());
  const size = keywords.get('SIZE');
  return {
    pipelining: keywords.has('PIPELINING'),
    size: size === undefined ? null : (readNumber(size) ?? 0),
    eightBitMime: keywords.has('8BITMIME'),
    smtpUtf8: keywords.has('SMTPUTF8'),
    chunking: keywords.has('CHUNKING'),
    dsn: keywords.has('DSN'),
    startTls: keywords.has('STARTTLS'),
    enhancedStatusCodes: keywords.has('ENHANCEDSTATUSCODES'),
    requireTls: keywords.has('REQUIRETLS'),
    auth: [...new Set(keywords.get('AUTH')?.split(' ').filter(Boolean))],
    limits: parseLimits(keywords.get('LIMITS') ?? ''),
  };
}

/** `AUTH=LOGIN PLAIN` is the form from before RFC 2554; servers of that time still run, and name AUTH in both forms. */
function addKeyword(keywords: Map<string, string>, line: string): void {
  const [, keyword = '', rest = ''] = /^([^ =]*)[ =]?(.*)$/.exec(line) ?? [];
  const before = keywords.get(keyword);
  keywords.set(keyword, before === undefined ? rest.trim() : `${before} ${rest.trim()}`);
}

/** RFC 9422 §4: a limit that can't be read is no limit. */
function parseLimits(text: string): Capabilities['limits'] {
  const limits: { -readonly [Name in keyof Capabilities['limits']]: Capabilities['limits'][Name] } = {};
  for (const pair of text.split(/[ ;]+/)) {
    const [name, digits = ''] = pair.split('=');
    const value = readNumber(digits);
    if (value === null || value === 0) continue;
    if (name === 'RCPTMAX') limits.rcptMax = value;
    if (name === 'MAILMAX') limits.mailMax = value;
    if (name === 'RCPTDOMAINMAX') limits.rcptDomainMax = value;
  }
  return limits;
}

function readNumber(digits: string): number | null {
  return /^[0-9]{1,15}$/.test(digits) ? Number(digits) : null;
}
