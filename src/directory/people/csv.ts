/** People from a table: one line each, the first line names the columns. */
import { CsvError, readCsv, separatorOf } from '#/codec/csv/index.ts';
import { Refusal } from '#/ports/index.ts';
import type { Row } from './rows.ts';

export const CSV = 'csv';

export interface CsvOptions {
  /** One sign; null: what the first line has most of. */
  readonly separator: string | null;
  /** Names of columns, as they are written, and what they are: an attribute, `address`, `aliases`, `manager`, `groups`, or nothing (empty). */
  readonly columns: Readonly<Record<string, string>>;
}

/** Columns that directories and spreadsheets call by many names; compared without case, blanks and signs. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  address: ['address', 'email', 'mail', 'emailaddress', 'primarysmtpaddress', 'メール', 'メールアドレス'],
  aliases: ['aliases', 'alias', 'proxyaddresses', 'emailaliases', '別名', 'エイリアス'],
  displayName: ['displayname', 'name', 'fullname', '表示名', '氏名', '名前'],
  givenName: ['givenname', 'firstname', '名'],
  surname: ['surname', 'sn', 'lastname', 'familyname', '姓', '名字'],
  jobTitle: ['jobtitle', 'title', 'position', '役職', '職名', '肩書'],
  department: ['department', 'dept', '部署', '部門', '所属'],
  company: ['company', 'companyname', 'organization', '会社', '会社名'],
  office: ['office', 'physicaldeliveryofficename', 'officelocation', '勤務地', '事業所'],
  phone: [
    'phone',
    'telephone',
    'telephonenumber',
    'tel',
    'businessphone',
    'businessphones',
    'officephone',
    '電話',
    '電話番号',
  ],
  mobile: ['mobile', 'mobilephone', 'cellphone', '携帯', '携帯電話'],
  fax: ['fax', 'facsimiletelephonenumber', 'faxnumber', 'ファックス', 'fax番号'],
  street: ['street', 'streetaddress', '住所', '番地'],
  city: ['city', 'l', 'locality', '市区町村'],
  state: ['state', 'st', 'province', '都道府県'],
  postalCode: ['postalcode', 'zip', 'zipcode', '郵便番号'],
  country: ['country', 'co', 'countryorregion', '国'],
  manager: ['manager', 'managermail', 'manageremail', '上司', '上長'],
  groups: ['groups', 'memberof', 'グループ'],
};

const WHAT = new Map(Object.entries(KNOWN).flatMap(([what, names]) => names.map((name) => [name, what] as const)));
/** Of several values in one field. */
const AMONG = /[;\n|]/;

/** Throws a `Refusal` where the table can't be read to its end: half a table is none. */
export function* rowsOfCsv(text: string, { separator, columns }: CsvOptions): Iterable<Row> {
  const sign = separator ?? separatorOf(text);
  const names = new Set<string>();
  let header: readonly Column[] | null = null;
  try {
    for (const { line, fields } of readCsv(text, sign)) {
      if (header === null) {
        header = headerOf(fields, columns);
        yield* header.flatMap(({ what, name }) =>
          what === null ? [{ refused: `The column “${name}” is left out.` }] : [],
        );
      } else if (fields.length !== header.length) {
        const have = `${fields.length} ${fields.length === 1 ? 'field' : 'fields'} where the first line has ${header.length}`;
        yield { refused: `line ${line}: ${have}; it is left out.` };
      } else {
        yield* rowsOfRecord(line, fields, header, names);
      }
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new Refusal(1, `Line ${error.line} of the table: ${error.message}. Nothing is loaded.`);
    throw error;
  }
  if (header === null) throw new Refusal(1, 'The table is empty; its first line has to name the columns.');
}

interface Column {
  readonly name: string;
  /** What it is; null: nothing of ours. */
  readonly what: string | null;
}

function headerOf(fields: readonly string[], columns: Readonly<Record<string, string>>): readonly Column[] {
  const header = fields.map((name) => ({ name: name.trim(), what: whatIs(name.trim(), columns) }));
  const unknown = Object.keys(columns).filter((name) => !header.some((column) => column.name === name));
  if (unknown.length > 0) throw new Refusal(1, `The table has no column “${unknown.join('”, “')}”.`);
  const twice = header.find(({ what }, i) => what !== null && header.findIndex((other) => other.what === what) !== i);
  if (twice !== undefined) throw new Refusal(1, `Two columns are ${twice.what}; say which one with --column NAME=.`);
  if (!header.some(({ what }) => what === 'address')) {
    const named = header.map(({ name }) => `“${name}”`).join(', ');
    throw new Refusal(1, `No column is the mail address (there are ${named}). Say which one: --column NAME=address.`);
  }
  return header;
}

function whatIs(name: string, columns: Readonly<Record<string, string>>): string | null {
  const said = columns[name];
  if (said !== undefined) return said === '' ? null : said;
  const known = WHAT.get(
    name
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s._\-/()]+/g, ''),
  );
  if (known !== undefined) return known;
  return /^[A-Za-z][\w.-]*$/.test(name) ? name : null;
}

function* rowsOfRecord(
  line: number,
  fields: readonly string[],
  header: readonly Column[],
  names: Set<string>,
): Iterable<Row> {
  const values = new Map(
    header.flatMap(({ what }, i) => (what === null ? [] : [[what, fields[i]?.trim() ?? ''] as const])),
  );
  const take = (what: string): string => {
    const value = values.get(what) ?? '';
    values.delete(what);
    return value;
  };
  const [address, aliases, manager] = [take('address'), take('aliases'), take('manager')];
  const groups = several(take('groups'));
  for (const name of groups) {
    if (names.has(name)) continue;
    names.add(name);
    yield { group: { id: name, name, members: [] } };
  }
  yield {
    person: {
      ...{ id: address, address, aliases: several(aliases).flatMap(aliasIn), groups, where: `line ${line}` },
      ...{ manager: manager === '' ? null : manager, attributes: Object.fromEntries(values) },
    },
  };
}

function several(value: string): readonly string[] {
  return [...new Set(value.split(AMONG).map((each) => each.trim()))].filter((each) => each !== '');
}

/** Exchange writes `smtp:a@b`, and names of other systems beside it. */
function aliasIn(text: string): readonly string[] {
  const [, system, rest] = /^(\w+):(.*)$/.exec(text) ?? [null, 'smtp', text];
  return system?.toLowerCase() === 'smtp' && rest !== undefined ? [rest] : [];
}
