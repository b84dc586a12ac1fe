/** A signature filled in for one person: all that its octets depend on. */
import type { MadeSignature } from '#/model/index.ts';
import { withSafeAddresses } from './html-check.ts';
import type { SignatureImage, SignatureRule } from './rule.ts';
import { htmlOfText, textOfHtml, type Values } from './template.ts';

/** `photo`: a picture of the person, for `cid:photo`. @throws Error with a sentence for people, where the template can't be filled in. */
export function renderSignature(rule: SignatureRule, values: Values, photo: SignatureImage | null): MadeSignature {
  const filled = rule.html?.fill(values) ?? null;
  const said = rule.text?.fill(values) ?? null;
  const known = new Map([...rule.images, ...(photo === null ? [] : [['photo', photo] as const])]);
  const images: { name: string; type: SignatureImage['type']; base64: string }[] = [];
  const html = withSafeAddresses(filled ?? htmlOfText(said ?? '')).replace(PICTURE, (tag, name: string) => {
    const image = known.get(name);
    if (image === undefined) return '';
    if (!images.some((one) => one.name === name)) images.push({ name, ...image });
    return tag;
  });
  return { rule: rule.name, place: rule.place, html: html.trim(), text: said ?? textOfHtml(html), images };
}

/** A picture that the mail brings with it. One that is not there, such as the photo of somebody who has none, is left out. */
const PICTURE = /<img\b[^<>]*?\bsrc\s*=\s*["']?cid:([a-z][a-z0-9-]{0,31})(?=["'\s>])[^<>]*>/gi;
