/**
 * From operations to paths, by one rule, so that an engine's new operation is there without a line here.
 *
 * | operation | request |
 * |---|---|
 * | `noun.list` that only reads | `GET /api/v1/noun` |
 * | `noun.show` of an `id` | `GET /api/v1/noun/{id}` |
 * | another that only reads, of plain values | `GET /api/v1/noun/verb` |
 * | everything else | `POST /api/v1/noun/verb`, its input as JSON |
 *
 * Served are those of scope `person` and `tenant` whose input can be held to the caller's tenant: it has a `tenant`, and for persons `as`; never what
 * hands out secrets.
 */
import type { JsonSchema, OperationDescription } from '#/ports/index.ts';

export interface ApiRoute {
  readonly method: 'GET' | 'POST';
  /** Below the base, such as `/held/{id}`. */
  readonly path: string;
  readonly operation: OperationDescription;
}

/** They write down what a command is about to do on this host, and do nothing by themselves. */
const OF_THE_HOST: ReadonlySet<string> = new Set(['mailbox.import', 'mailbox.export']);

/** It has the hashes of all passwords and the secrets of relays: who has a password of an administrator must not have those of all others by it. */
const WITH_SECRETS: ReadonlySet<string> = new Set(['resources.export']);

/** The routes of all operations that are served. */
export function routesOf(operations: readonly OperationDescription[]): readonly ApiRoute[] {
  return operations.filter(isServed).map((operation) => {
    const [noun = '', verb = ''] = operation.name.split('.', 2);
    if (!operation.reads || !isPlain(operation)) return { method: 'POST', path: `/${noun}/${verb}`, operation };
    if (verb === 'list') return { method: 'GET', path: `/${noun}`, operation };
    const isOfId = verb === 'show' && 'id' in propertiesOf(operation.input);
    return { method: 'GET', path: isOfId ? `/${noun}/{id}` : `/${noun}/${verb}`, operation };
  });
}

/** The route that a request means, with the id in its path. A path that is written out goes before one with an id. */
export function findRoute(
  routes: readonly ApiRoute[],
  method: string,
  path: string,
): { readonly route: ApiRoute; readonly id: string | null } | null {
  const own = routes.filter((route) => route.method === method);
  const written = own.find((route) => route.path === path);
  if (written !== undefined) return { route: written, id: null };
  const [, noun, id, ...more] = path.split('/');
  const route = more.length === 0 ? own.find((one) => one.path === `/${noun}/{id}`) : undefined;
  return route === undefined || id === undefined || id === '' ? null : { route, id };
}

export function propertiesOf(input: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (input.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
}

/** What a parameter of the query holds; null where the schema asks for more than a plain value. */
export function plainTypeOf(schema: JsonSchema): 'string' | 'number' | 'boolean' | null {
  const choices = (schema.anyOf ?? [schema]) as readonly JsonSchema[];
  const types = choices.flatMap(({ type }) => type as string | readonly string[]).filter((type) => type !== 'null');
  if (types.length !== 1) return null;
  const [type] = types;
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'string' || type === 'boolean' ? type : null;
}

function isServed({ name, scope, input }: OperationDescription): boolean {
  if (scope === 'operator' || OF_THE_HOST.has(name) || WITH_SECRETS.has(name)) return false;
  const properties = propertiesOf(input);
  return 'tenant' in properties && (scope === 'tenant' || 'as' in properties);
}

/** A query is short: what may be long, such as a whole mail, comes in a body. */
const QUERY_CHARS_MAX = 10_000;

function isPlain({ input }: OperationDescription): boolean {
  return Object.values(propertiesOf(input)).every(
    (schema) => plainTypeOf(schema) !== null && Number(schema.maxLength ?? 0) <= QUERY_CHARS_MAX,
  );
}
