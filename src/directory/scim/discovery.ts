/** What a client may ask of us (RFC 7643 §5 to §7; RFC 7644 §4). */
import { ENTERPRISE, GROUP, type JsonObject, USER } from '#/codec/scim/index.ts';
import { PAGE_MAX } from './limits.ts';

const CONFIG = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';
const RESOURCE_TYPE = 'urn:ietf:params:scim:schemas:core:2.0:ResourceType';
const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema';

export function providerConfig(): JsonObject {
  return {
    schemas: [CONFIG],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: PAGE_MAX },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'The token that "holdfast directory token TENANT" prints.',
        primary: true,
      },
    ],
  };
}

export function resourceTypes(): readonly JsonObject[] {
  return [
    {
      ...{ schemas: [RESOURCE_TYPE], id: 'User', name: 'User', endpoint: '/Users', schema: USER },
      schemaExtensions: [{ schema: ENTERPRISE, required: false }],
    },
    { schemas: [RESOURCE_TYPE], id: 'Group', name: 'Group', endpoint: '/Groups', schema: GROUP },
  ];
}

export function schemas(): readonly JsonObject[] {
  return [
    schema(USER, 'User', [
      { ...text('userName'), required: true, uniqueness: 'server' },
      ...['displayName', 'title', 'preferredLanguage', 'locale', 'timezone', 'externalId', 'nickName'].map(text),
      complex('name', ['formatted', 'familyName', 'givenName']),
      many('emails', ['value', 'type', 'primary']),
      many('phoneNumbers', ['value', 'type', 'primary']),
      many('addresses', ['formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country', 'type']),
      { ...text('active'), type: 'boolean' },
    ]),
    schema(ENTERPRISE, 'EnterpriseUser', [
      ...['employeeNumber', 'costCenter', 'organization', 'division', 'department'].map(text),
      complex('manager', ['value', 'displayName']),
    ]),
    schema(GROUP, 'Group', [
      { ...text('displayName'), required: true },
      text('externalId'),
      many('members', ['value', 'display', 'type']),
    ]),
  ];
}

function schema(id: string, name: string, attributes: readonly JsonObject[]): JsonObject {
  return { schemas: [SCHEMA], id, name, description: name, attributes };
}

function text(name: string): JsonObject {
  const rules = { required: false, caseExact: false, mutability: 'readWrite', returned: 'default', uniqueness: 'none' };
  return { name, type: 'string', multiValued: false, description: name, ...rules };
}

function complex(name: string, parts: readonly string[]): JsonObject {
  return { ...text(name), type: 'complex', subAttributes: parts.map(text) };
}

function many(name: string, parts: readonly string[]): JsonObject {
  return { ...complex(name, parts), multiValued: true };
}
