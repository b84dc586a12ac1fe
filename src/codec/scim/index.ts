/**
 * SCIM 2.0 as values: names, filters and changes of resources (RFC 7643, RFC 7644), as Entra ID and Okta write them.
 *
 * No states. What must never happen: a change that is half made; a filter that takes long.
 */
export { type Filter, matches, parseFilter } from './filter.ts';
export { attributeOf, isList, isObject, type Json, type JsonObject, ScimError, withValue, wordOf } from './json.ts';
export { ENTERPRISE, GROUP, USER } from './names.ts';
export { type PatchOperation, patched, patchOperations } from './patch.ts';
