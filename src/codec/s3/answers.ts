/**
 * What a store answers, in its XML. Its elements carry no attributes that matter and texts only at the leaves, so each is found by its
 * name. What lacks the expected root is not the store's answer: null.
 */

export interface S3Error {
  /** `NoSuchKey`, `SlowDown` … */
  readonly code: string;
  /** The region that the bucket is in, where the store says so. */
  readonly region: string | null;
}

export interface StoredObject {
  readonly name: string;
  readonly size: number;
}

export interface Listing {
  readonly objects: readonly StoredObject[];
  /** More come behind the last of these. */
  readonly more: boolean;
}

export interface Uploads {
  readonly uploads: readonly { readonly name: string; readonly uploadId: string }[];
  /** Where the next page begins; null where this was the last. */
  readonly next: { readonly name: string; readonly uploadId: string } | null;
}

/** What went wrong; null where the text is no error of a store. */
export function readError(xml: string): S3Error | null {
  const error = elementIn(xml, 'Error');
  const code = error === null ? null : textIn(error, 'Code');
  if (error === null || code === null) return null;
  return { code, region: textIn(error, 'Region') ?? textIn(error, 'BucketRegion') };
}

/** A page of `ListObjectsV2`. */
export function readListing(xml: string): Listing | null {
  const result = elementIn(xml, 'ListBucketResult');
  if (result === null) return null;
  const objects = elementsIn(result, 'Contents').map((each) => ({
    name: textIn(each, 'Key') ?? '',
    size: Number(textIn(each, 'Size')),
  }));
  return { objects, more: textIn(result, 'IsTruncated') === 'true' };
}

/** What `CreateMultipartUpload` began. */
export function readUploadId(xml: string): string | null {
  const result = elementIn(xml, 'InitiateMultipartUploadResult');
  return result === null ? null : textIn(result, 'UploadId');
}

/** A page of `ListMultipartUploads`. */
export function readUploads(xml: string): Uploads | null {
  const result = elementIn(xml, 'ListMultipartUploadsResult');
  if (result === null) return null;
  const uploads = elementsIn(result, 'Upload').map((each) => ({
    name: textIn(each, 'Key') ?? '',
    uploadId: textIn(each, 'UploadId') ?? '',
  }));
  const [name, uploadId] = [textIn(result, 'NextKeyMarker'), textIn(result, 'NextUploadIdMarker')];
  const more = textIn(result, 'IsTruncated') === 'true' && name !== null && uploadId !== null;
  return { uploads, next: more ? { name, uploadId } : null };
}

/** The body of `CompleteMultipartUpload`: the entity tags of parts 1, 2 and so on. */
export function completionOf(tags: readonly string[]): string {
  const parts = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`);
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`;
}

function elementIn(xml: string, name: string): string | null {
  return elementsIn(xml, name)[0] ?? null;
}

// None of these elements holds one of its own name.
function elementsIn(xml: string, name: string): string[] {
  const found: string[] = [];
  const [begin, end] = [new RegExp(`<${name}(?:\\s[^<>]*)?>`, 'g'), `</${name}>`];
  for (let match = begin.exec(xml); match !== null; match = begin.exec(xml)) {
    const to = xml.indexOf(end, begin.lastIndex);
    if (to < 0) break;
    found.push(xml.slice(begin.lastIndex, to));
    begin.lastIndex = to + end.length;
  }
  return found;
}

function textIn(xml: string, name: string): string | null {
  const inner = elementIn(xml, name);
  return inner === null ? null : unescaped(inner.trim());
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,8}));/g, (whole, decimal, hex, word) => {
    if (word !== undefined) return ENTITIES[word] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
