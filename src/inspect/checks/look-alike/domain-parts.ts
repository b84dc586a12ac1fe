/** Where the name of a company stands in a domain. */

/** Under these people register names as they do under `.com`. Not the whole public list: one that lacks here makes a longer name, not a wrong one. */
const REGISTRY_LABELS = new Set('ac ad co com ed edu ed go gov gr lg ltd me mil ne net nom or org plc'.split(' '));

export interface DomainParts {
  /** `acme` of `mail.acme.co.jp`. */
  readonly name: string;
  /** `acme.co.jp`. */
  readonly registered: string;
}

/** The name that was registered. `domain` is in letters (U-labels). */
export function partsOf(domain: string): DomainParts {
  const labels = domain.split('.');
  const [last = '', second = ''] = [labels.at(-1), labels.at(-2)];
  const suffix = labels.length > 2 && last.length === 2 && REGISTRY_LABELS.has(second) ? 2 : 1;
  return { name: labels.at(-suffix - 1) ?? '', registered: labels.slice(-suffix - 1).join('.') };
}
