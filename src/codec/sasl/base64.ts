/** The octets of a base64 text, or null where it is none. Devices that leave out the padding are understood (M1). */
export function decodeBase64(text: string): Buffer | null {
  const bare = text.replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(bare) || bare.length % 4 === 1) return null;
  return Buffer.from(bare, 'base64');
}

/** Text as base64 of its UTF-8. */
export function encodeBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
