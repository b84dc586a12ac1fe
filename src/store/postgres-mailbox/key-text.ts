import type { AccountKey } from '#/model/index.ts';

/** An account as one text, for maps. */
export function keyText({ tenant, address }: AccountKey): string {
  return `${tenant}\n${address}`;
}
