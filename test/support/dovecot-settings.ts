/** Configuration of a private Dovecot 2.3: everything below one folder, on ports of the loopback. */

/** Ports of the loopback; TLS from the first octet where the name ends with s. */
export interface DovecotPorts {
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly pop3s: number;
  readonly lmtp: number;
}

/** Users as which it runs: the rest of it, who has not signed in yet, and the mail of all users. */
export const DOVECOT_USERS = { dovecot: 64_980, dovenull: 64_981, vmail: 64_982 } as const;

const SPECIAL_USES = ['Archive', 'Drafts', 'Junk', 'Sent', 'Trash'];

/** How mail lies: in sdbox its octets are those that came; a Maildir has line ends of Unix. */
export type DovecotMail = 'sdbox' | 'mdbox' | 'maildir';

/** dovecot.conf. Names of mailboxes are parted by `/`, as Holdfast's are. */
export function dovecotConf(base: string, ports: DovecotPorts, mail: DovecotMail): string {
  return `
protocols = imap pop3 lmtp
listen = 127.0.0.1
base_dir = ${base}/run
state_dir = ${base}/state
log_path = /dev/stderr
instance_name = holdfast-test
default_internal_user = dovecot
default_login_user = dovenull
default_internal_group = dovecot
disable_plaintext_auth = no
auth_mechanisms = plain login
ssl = yes
ssl_cert = <${base}/cert.pem
ssl_key = <${base}/key.pem
mail_location = ${mail}:~/mail
mail_max_userip_connections = 100
first_valid_uid = 1
first_valid_gid = 1
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u ${base}/users
}
userdb {
  driver = static
  args = uid=vmail gid=vmail home=${base}/mail/%u
}
namespace inbox {
  inbox = yes
  separator = /
${SPECIAL_USES.map((name) => `  mailbox ${name} {\n    special_use = \\${name}\n    auto = subscribe\n  }`).join('\n')}
}
protocol imap {
  imap_metadata = no
  imap_literal_minus = no
}
protocol pop3 {
  pop3_uidl_format = %08Xu%08Xv
}
service imap-login {
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${ports.lmtp}
  }
}
`;
}
