/** The two settings files of a private Postfix. */

/** What main.cf depends on. `root` is the folder above `/usr` of an unpacked package, else empty. */
export type MainCf = {
  base: string;
  root: string;
  owner: { name: string; uid: number; gid: number };
  group: string;
  relayTo?: number;
  acceptFor?: readonly string[];
  settings?: readonly string[];
};

/** Text of main.cf: loopback, no DNS, plain SMTP, no limits that a benchmark would meet. */
export function mainCf(wanted: MainCf): string {
  return [...places(wanted), ...manners(), ...duties(wanted), ...(wanted.settings ?? []), ''].join('\n');
}

function places({ base, root, owner, group }: MainCf): string[] {
  return [
    'compatibility_level = 3.6',
    `queue_directory = ${base}/spool`,
    `data_directory = ${base}/data`,
    `command_directory = ${root}/usr/sbin`,
    `daemon_directory = ${root}/usr/lib/postfix/sbin`,
    `shlib_directory = ${root}/usr/lib/postfix`,
    `meta_directory = ${base}/etc`,
    'import_environment = MAIL_CONFIG MAIL_LOGTAG TZ LD_LIBRARY_PATH',
    `mail_owner = ${owner.name}`,
    `setgid_group = ${group}`,
    'default_privs = nobody',
    `maillog_file = ${base}/mail.log`,
    `maillog_file_prefixes = ${base}`,
  ];
}

function manners(): string[] {
  return [
    'myhostname = postfix.test',
    'myorigin = postfix.test',
    'mydestination =',
    'local_recipient_maps =',
    'alias_maps =',
    'alias_database =',
    'inet_interfaces = 127.0.0.1',
    'inet_protocols = ipv4',
    'mynetworks = 127.0.0.0/8',
    'disable_dns_lookups = yes',
    'smtp_dns_support_level = disabled',
    'smtpd_peername_lookup = no',
    'biff = no',
    'in_flow_delay = 0',
    'default_process_limit = 250',
    'smtpd_client_connection_count_limit = 0',
    'message_size_limit = 52428800',
    'smtputf8_enable = yes',
    'smtp_tls_security_level = none',
    'smtpd_tls_security_level = none',
  ];
}

function duties({ base, owner, relayTo, acceptFor = [] }: MainCf): string[] {
  const relay = relayTo === undefined ? [] : [`relayhost = [127.0.0.1]:${relayTo}`, ...fast()];
  return [
    ...relay,
    `smtpd_relay_restrictions = ${relayTo === undefined ? 'reject_unauth_destination' : 'permit_mynetworks, reject'}`,
    `virtual_mailbox_domains = ${acceptFor.join(' ')}`,
    `virtual_mailbox_base = ${base}/mail`,
    'virtual_mailbox_maps = static:kept/',
    `virtual_uid_maps = static:${owner.uid}`,
    `virtual_gid_maps = static:${owner.gid}`,
    'virtual_minimum_uid = 1',
    'virtual_mailbox_limit = 0',
  ];
}

function fast(): string[] {
  return [
    'smtp_destination_concurrency_limit = 50',
    'initial_destination_concurrency = 20',
    'minimal_backoff_time = 300s',
    'qmgr_message_active_limit = 20000',
  ];
}

/** Text of master.cf: smtpd on the port, the inner services that it needs, and others that are wanted. */
export function masterCf(port: number, more: readonly string[] = []): string {
  const inner = [
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'virtual unix - n n - - virtual',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  return [`127.0.0.1:${port} inet n - n - - smtpd`, ...inner, ...more, ''].join('\n');
}
