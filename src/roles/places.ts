/** Names in the data directory. */
export const CUSTODY_SOCKET = 'holdfast.sock';
export const JANITOR_SOCKET = 'janitor.sock';
export const STEWARD_SOCKET = 'steward.sock';
