/**
 * HTML of a template, looked at when it is declared: what a signature may be made of, and nothing that runs, fetches by itself, or asks for input. And
 * addresses that values were filled into, looked at when they are.
 */
import { Parser } from 'htmlparser2';

export interface HtmlFault {
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

const TAGS: ReadonlySet<string> = new Set(
  [
    'a abbr acronym address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins',
    'kbd li mark ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr',
  ]
    .join(' ')
    .split(' '),
);
const ATTRIBUTES: ReadonlySet<string> = new Set(
  [
    'align alt bgcolor border cellpadding cellspacing class clear color cols colspan dir face height href hspace id lang name nowrap rel role rowspan rules',
    'size span src start style summary target title type valign vspace width',
  ]
    .join(' ')
    .split(' '),
);
const ADDRESSES: ReadonlySet<string> = new Set(['href', 'src']);
const SAFE_ADDRESS = /^(?:https?:\/\/|mailto:|tel:|sms:|cid:|#)/i;
const UNSAFE_STYLE = /url\s*\(|expression|javascript|behavior|-moz-binding|@import|position\s*:\s*(?:fixed|absolute)/i;
const FAULTS_MAX = 20;

/** What is wrong with it; nothing where it may be used. */
export function faultsOfHtml(html: string): readonly HtmlFault[] {
  const faults: HtmlFault[] = [];
  const tell = (at: number, message: string, remedy: string): void => {
    const line = html.slice(0, at).split('\n').length;
    if (faults.length < FAULTS_MAX) faults.push({ line, message: `Line ${line}: ${message}`, remedy });
  };
  const parser: Parser = new Parser(
    {
      onopentag(name, attributes) {
        const at = parser.startIndex;
        if (!TAGS.has(name)) tell(at, `<${name}> can't stand in a signature.`, remedyFor(name));
        for (const [key, value] of Object.entries(attributes))
          faultOfAttribute(name, key, value, (...say) => tell(at, ...say));
      },
      onprocessinginstruction(name) {
        tell(parser.startIndex, `<${name} …> can't stand in a signature.`, 'give what stands in the body alone');
      },
    },
    { decodeEntities: true },
  );
  parser.write(html);
  parser.end();
  return faults;
}

function faultOfAttribute(
  name: string,
  key: string,
  value: string,
  tell: (message: string, remedy: string) => void,
): void {
  if (/^\{[{%]|^[%}]|[{}]/.test(key)) return;
  if (key.startsWith('on')) tell(`${key} of <${name}> runs a script.`, 'take it out: mail programs run none');
  else if (key === 'style' && /\{\{/.test(value))
    tell('A value of the directory can’t stand in a style.', 'write the style out');
  else if (key === 'style' && UNSAFE_STYLE.test(value))
    tell(
      `The style of <${name}> fetches something, or leaves its place.`,
      'use colours, fonts, sizes and borders alone',
    );
  else if (ADDRESSES.has(key) && !SAFE_ADDRESS.test(value.trim()) && !/^\s*\{[{%]/.test(value))
    tell(
      `${key} of <${name}> is no address that may stand in mail.`,
      name === 'img' ? 'use https://…, or cid: and the name of an image' : 'use https://…, mailto: or tel:',
    );
  else if (!ATTRIBUTES.has(key)) tell(`${key} of <${name}> can't stand in a signature.`, 'take it out');
}

function remedyFor(name: string): string {
  if (name === 'style' || name === 'link')
    return 'write styles into style="…" of each element: mail programs drop the rest';
  if (['html', 'head', 'body', 'title', 'meta'].includes(name)) return 'give what stands in the body alone';
  if (name === 'script') return 'take it out: mail programs run none';
  return 'use text, links, images, lists and tables';
}

const TAG_WITH_ADDRESS = /<[a-z][^<>]*?\s(?:href|src)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+)[^<>]*>/gi;
const ADDRESS = /(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*'|[^\s>"']+)/gi;

/** The same HTML, filled in: an address that became one which programs run, or none at all, is taken out. */
export function withSafeAddresses(html: string): string {
  return html.replace(TAG_WITH_ADDRESS, (tag) =>
    tag.replace(ADDRESS, (whole, _key: string, quoted: string) => {
      const value = quoted.replace(/^["']|["']$/g, '').replace(/[\s\u0000-\u001f]+/g, '');
      return SAFE_ADDRESS.test(value) && !/^(?:mailto|tel|sms):$/i.test(value) ? whole : '';
    }),
  );
}
