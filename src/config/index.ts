/**
 * What the installation is told: its settings (`holdfast.yaml`, environment) and its resources (`holdfast apply`).
 *
 * Settings are declared once, in `settings/declared.ts`; a reading gives all values or all mistakes, with file, line and remedy. A
 * reading has no state: whoever runs keeps the last good one. Resources are one document in the registry; `apply` plans against a
 * version of it and switches to the next whole, or changes nothing. Passwords are hashed before they reach the registry.
 *
 * What must never happen: a half-applied file; a plain password in registry, log or output (generated ones are shown once); a tenant
 * that learns of another; mail in another store than the one that was asked for; a mistake that hides a second one.
 *
 * Carries C5 (snapshots switched whole), M1 (relays), design 6 (names, networks, loopback), contract "Server configuration" and
 * "Resources".
 */

export { type BypassParts, bypassOperations } from './bypass-operations.ts';
export { type Complaint, formatComplaint, formatComplaints, hasMistakes } from './complaint.ts';
export { type ConnectParts, connectOperations } from './connect-operations.ts';
export { type DraftRequest, draftOfTenant, rulesOnly, type TenantDraft } from './draft.ts';
export { isLoopbackIp } from './loopback.ts';
export { configOperations } from './operations.ts';
export { type PolicyParts, policyOperations } from './policy-operations.ts';
export {
  type Applied,
  type ApplyParts,
  type ApplyRequest,
  applyResources,
  type SecretMaker,
} from './resources/apply.ts';
export { type Demo, type DemoCredential, demoResources } from './resources/demo.ts';
export { exportDocument, formatExport } from './resources/export.ts';
export { generatePassword } from './resources/password.ts';
export { type PreparedFile, prepareResources } from './resources/prepare.ts';
export { renewSecret } from './resources/renew.ts';
export type { RuleContext } from './resources/rules.ts';
export { NAMED_LISTS, type NamedList } from './resources/schema.ts';
export { NO_RESOURCES, readStored, type StoredResources } from './resources/stored.ts';
export { tenantsOf } from './resources/tenants.ts';
export type { CheckSetting } from './settings/checks.ts';
export {
  BUILT_ROLES,
  type CellSetting,
  type OperatorSetting,
  type Role,
  type RouteSetting,
} from './settings/compound.ts';
export { listensBeyondLoopback } from './settings/contradictions.ts';
export { DECLARED, type Settings } from './settings/declared.ts';
export { describeSetting, type Explained, explainSettings, settingKeys } from './settings/explain.ts';
export { type FindOptions, type Found, findInstallation } from './settings/find.ts';
export { formatListenAt, type ListenAt } from './settings/kinds.ts';
export { type Loaded, type Loading, loadSettings, type Origin } from './settings/load.ts';
export { isBuiltListener, notBuiltLine } from './settings/not-built.ts';
export { environmentName, settingsIn } from './settings/setting.ts';
export { isDatabase } from './settings/store-place.ts';
export { type TlsSource, tlsSource } from './settings/tls-source.ts';
