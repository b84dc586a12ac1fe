/** What an answer means: pure choice from its status and the store's own code. */
import { readError } from '#/codec/s3/index.ts';
import type { FaultCode } from '#/model/index.ts';
import type { S3Answer, S3Request } from './exchange.ts';

export type Verdict =
  | { readonly kind: 'done' }
  /** The store says that it has no such object. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'no upload' }
  | { readonly kind: 'no range' }
  /** Not now. */
  | { readonly kind: 'again'; readonly why: string }
  /** Not until a person has done something. */
  | { readonly kind: 'refused'; readonly fault: FaultCode; readonly why: string };

const KINDS = { NoSuchKey: 'absent', NoSuchUpload: 'no upload', InvalidRange: 'no range' } as const;

/** Codes that come with a status below 500. */
const PASSING = [
  'RequestTimeout',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'OperationAborted',
  'ServiceUnavailable',
];

const FULL = ['QuotaExceeded', 'InsufficientCapacity', 'XMinioStorageFull', 'EntityTooLarge'];

const REMEDIES: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'it does not know our access key; check AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'our keys are wrong; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  AccessDenied: 'our key may not do this; it needs to list, read, write and delete in the bucket',
  InvalidToken: 'our session token is wrong; check AWS_SESSION_TOKEN',
  ExpiredToken: 'our session token has expired; renew AWS_SESSION_TOKEN',
  RequestTimeTooSkewed: 'our clock and its clock differ by minutes; set the clock',
  NoSuchBucket: 'there is no such bucket; make it, or mend blobs',
};

/** What becomes of a request that was answered so. */
export function judge(request: S3Request, answer: S3Answer): Verdict {
  const { status, body } = answer;
  // CompleteMultipartUpload may begin its 200 before it knows that it fails.
  const error = status < 300 && request.method !== 'POST' ? null : readError(body.toString());
  if (status >= 200 && status < 300 && error === null) return { kind: 'done' };
  const code = error?.code ?? '';
  const kind = KINDS[code as keyof typeof KINDS];
  if (kind !== undefined) return { kind };
  if (status === 416) return { kind: 'no range' };
  if (status === 507 || FULL.includes(code))
    return { kind: 'refused', fault: 'disk.full', why: `it is full (${status} ${code})` };
  if (isPassing(status, code)) return { kind: 'again', why: `it answers ${status} ${code}`.trim() };
  return { kind: 'refused', fault: 'store.unavailable', why: remedyFor(status, code, error?.region ?? null) };
}

function isPassing(status: number, code: string): boolean {
  return status < 300 || status >= 500 || status === 429 || status === 408 || PASSING.includes(code);
}

function remedyFor(status: number, code: string, region: string | null): string {
  const known = REMEDIES[code];
  if (known !== undefined) return `${known} (${code})`;
  if (region !== null) return `its region is ${region}; write region=${region} into blobs (${code})`;
  if (status >= 300 && status < 400)
    return `it points elsewhere (${status}); write the endpoint of the bucket into blobs`;
  if (status === 401 || status === 403)
    return `it refuses our key (${status}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do`;
  if (code === '') return `it answers ${status} and not as an S3 store does; check endpoint in blobs`;
  return `it answers ${status} ${code}`;
}
