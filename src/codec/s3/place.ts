/** Where blobs are kept: the setting `blobs: s3://bucket/prefix?endpoint=…&region=…`. */

export interface S3Place {
  readonly bucket: string;
  /** In front of all names; empty, or ends with a slash. */
  readonly prefix: string;
  /** Address of the service, without bucket and path: `https://s3.eu-west-1.amazonaws.com`. */
  readonly origin: string;
  readonly region: string;
  /** Whether the bucket stands in the host name or in the path. */
  readonly style: 'host' | 'path';
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const SEGMENT = /^[\w.-]{1,64}$/;
const REGION = /^[a-z0-9-]{1,32}$/;
const KNOWN = ['endpoint', 'region', 'style'];
const PREFIX_MAX = 200;
/** What services of one's own expect where nobody chose a region. */
const USUAL_REGION = 'us-east-1';

/** The place that a setting names, or what is wrong with it in one sentence. */
export function parseS3Url(text: string): S3Place | { readonly wrong: string } {
  if (!text.startsWith('s3://') || !URL.canParse(text))
    return { wrong: 'It has to look like s3://bucket/prefix?endpoint=https://host&region=name.' };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return { wrong: 'It holds no keys: they come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.' };
  if (url.port !== '') return { wrong: 'After s3:// comes the bucket; the host belongs into endpoint=.' };
  const wrong = wrongName(url) ?? wrongParameter(url.searchParams);
  return wrong === null ? placeOf(url) : { wrong };
}

function wrongName({ hostname, pathname }: URL): string | null {
  // Names are the store's, so bucket names of the first years with capitals and underscores are not taken.
  if (!BUCKET.test(hostname) || hostname.includes('..'))
    return `${hostname === '' ? 'The bucket is missing' : `${hostname} is no bucket name`}: 3 to 63 small letters, figures, dots and hyphens.`;
  const segments = segmentsOf(pathname);
  const strange = segments.find((segment) => !SEGMENT.test(segment) || /^\.+$/.test(segment));
  if (strange !== undefined) return `The prefix may hold letters, figures and . _ - between slashes; not ${strange}.`;
  return segments.join('/').length > PREFIX_MAX ? `The prefix is longer than ${PREFIX_MAX} characters.` : null;
}

function wrongParameter(given: URLSearchParams): string | null {
  for (const name of given.keys()) {
    if (!KNOWN.includes(name)) return `${name} is not known here; there are ${KNOWN.join(', ')}.`;
    if (given.getAll(name).length > 1) return `${name} is there twice.`;
  }
  const { endpoint = null, region = null, style = 'path' } = Object.fromEntries(given);
  if (endpoint === null && region === null) return 'It needs endpoint=, or region= for Amazon S3.';
  if (endpoint !== null && !isOrigin(endpoint))
    return 'endpoint= is http:// or https:// and a host, with nothing behind it.';
  if (region !== null && !REGION.test(region)) return 'region= is a name such as eu-west-1.';
  return style === 'host' || style === 'path' ? null : 'style= is host or path.';
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  const bare = username + password + search + hash === '' && pathname === '/';
  return bare && (protocol === 'https:' || protocol === 'http:');
}

function placeOf(url: URL): S3Place {
  const endpoint = url.searchParams.get('endpoint');
  const region = url.searchParams.get('region') ?? USUAL_REGION;
  const origin = endpoint === null ? `https://s3.${region}.amazonaws.com` : new URL(endpoint).origin;
  const prefix = segmentsOf(url.pathname).map((segment) => `${segment}/`);
  return { bucket: url.hostname, prefix: prefix.join(''), origin, region, style: styleOf(url, endpoint) };
}

// A name with dots does not fit the certificate of its host.
function styleOf({ searchParams, hostname }: URL, endpoint: string | null): S3Place['style'] {
  const chosen = searchParams.get('style');
  if (chosen === 'host' || chosen === 'path') return chosen;
  return endpoint === null && !hostname.includes('.') ? 'host' : 'path';
}

function segmentsOf(pathname: string): string[] {
  return pathname.split('/').filter((segment) => segment !== '');
}
