/** OpenAPI 3.1 of what is served, made of the operations' own schemas. */
import type { JsonSchema } from '#/ports/index.ts';
import { type ApiRoute, propertiesOf } from './paths.ts';

export const API_BASE = '/api/v1';

/** The whole document. */
export function openApi(routes: readonly ApiRoute[], release: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: release,
      description:
        'What people and administrators do by the command line and the pages, for programs. Sign in by HTTP Basic with the address and password of a user. Everything happens in that user’s tenant; administrators may name a person of it in "as", which is written down.',
    },
    servers: [{ url: API_BASE }],
    security: [{ basic: [] }],
    paths,
    components: {
      securitySchemes: { basic: { type: 'http', scheme: 'basic' } },
      schemas: { Problem: PROBLEM },
      responses: {
        Problem: {
          description: 'What went wrong, and what to do (RFC 9457).',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

const PROBLEM = {
  type: 'object',
  properties: { title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' } },
  required: ['title', 'status'],
};

function operationOf({ method, path, operation }: ApiRoute): object {
  const { name, summary, scope, reads, input, output } = operation;
  const whom =
    scope === 'tenant' ? 'For administrators of the tenant.' : 'For every user; answers with what they may see and do.';
  const told = reads ? whom : `${whom} Written down in the audit log.`;
  const asked = method === 'GET' ? { parameters: parametersOf(path, input) } : { requestBody: bodyOf(input) };
  return {
    operationId: name,
    tags: [name.split('.', 1)[0]],
    summary,
    description: told,
    ...asked,
    responses: {
      200: { description: 'Done.', content: { 'application/json': { schema: plain(output) } } },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function parametersOf(path: string, input: JsonSchema): readonly object[] {
  const required = (input.required ?? []) as readonly string[];
  return Object.entries(propertiesOf(input))
    .filter(([name]) => name !== 'tenant')
    .map(([name, schema]) => {
      const isInPath = path.includes(`{${name}}`);
      return { name, in: isInPath ? 'path' : 'query', required: isInPath || required.includes(name), schema };
    });
}

// The caller's own tenant is meant, always.
function bodyOf(input: JsonSchema): object {
  const { tenant: _tenant, ...properties } = propertiesOf(input);
  const required = ((input.required ?? []) as readonly string[]).filter((name) => name !== 'tenant');
  const schema = { ...plain(input), properties, ...(input.required !== undefined && { required }) };
  return { required: required.length > 0, content: { 'application/json': { schema } } };
}

function plain({ $schema: _dialect, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
