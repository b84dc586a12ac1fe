/** The configuration of a private Exim. */
import { OLD_BYTES_MAX, SIGN_IN, type Surroundings } from './peer.ts';

/** Text of the configuration file. `recovered` is a file whose being there says that mood is over. */
export function eximConfiguration(base: string, program: string, around: Surroundings): string {
  return [main(base, program, around), access(base, around), routers(), transports(base, around), rest(around)].join(
    '\n',
  );
}

function main(base: string, program: string, { ports }: Surroundings): string {
  return `
exim_path = ${program}
keep_environment =
primary_hostname = exim.test
spool_directory = ${base}/spool
log_file_path = ${base}/log/%s
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${ports.plain} : ${ports.tls} : ${ports.auth} : ${ports.old}
domainlist own = exim.test : *.exim.test
tls_certificate = ${base}/cert.pem
tls_privatekey = ${base}/key.pem
tls_advertise_hosts = \${if inlist{$received_port}{${ports.tls} : ${ports.auth}}{*}{}}
auth_advertise_hosts = \${if eq{$received_port}{${ports.auth}}{*}{}}
smtputf8_advertise_hosts = \${if eq{$received_port}{${ports.old}}{}{*}}
message_size_limit = \${if eq{$received_port}{${ports.old}}{${OLD_BYTES_MAX}}{50M}}
dsn_advertise_hosts = *
smtp_accept_max = 200
smtp_accept_queue_per_connection = 0
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = recipients
`;
}

function access(base: string, { ports }: Surroundings): string {
  return `
begin acl
recipients:
  deny condition = \${if and{{eq{$received_port}{${ports.auth}}}{!def:authenticated_id}}}
    message = 530 5.7.0 sign in first
  deny domains = +own
    local_parts = nobody
    message = 550 5.1.1 nobody here by that name
  defer domains = +own
    local_parts = later
    condition = \${if exists{${base}/recovered}{no}{yes}}
    message = 451 4.7.1 come again
  defer domains = +own
    local_parts = busy
    condition = \${if exists{${base}/recovered}{no}{yes}}
    message = 421 4.3.2 too much to do
  accept
`;
}

function routers(): string {
  return `
begin routers
own:
  driver = accept
  domains = +own
  transport = keep
${Object.entries({
  hf: 'acme.test : back.test : xn--r8jz45g.test : 例え.test',
  hf_slow: 'slow.world.test',
  hf_tls: 'tls.acme.test',
  hf_plain: 'plain.world.test',
  hf_login: 'login.world.test',
})
  .map(
    ([name, domains]) => `${name}:
  driver = manualroute
  domains = ${domains}
  transport = ${name}
  route_list = * 127.0.0.1
  self = send
`,
  )
  .join('')}`;
}

function transports(base: string, around: Surroundings): string {
  const smtp = (name: string, port: number, more: string): string => `${name}:
  driver = smtp
  port = ${port}
  allow_localhost
  ${more}
`;
  return `
begin transports
keep:
  driver = appendfile
  maildir_format
  create_directory
  directory = ${base}/keep
  user = Debian-exim
  envelope_to_add
${smtp('hf', around.mx, 'hosts_avoid_tls = *')}${smtp('hf_slow', around.slow, 'hosts_avoid_tls = *')}${smtp('hf_tls', around.mxTls, 'hosts_require_tls = *')}${smtp('hf_plain', around.submission, 'hosts_require_tls = *\n  hosts_require_auth = *')}${smtp('hf_login', around.submission, 'hosts_require_tls = *\n  hosts_require_auth = *')}`;
}

function rest({ username, password }: Surroundings): string {
  const { username: name, password: secret } = SIGN_IN;
  return `
begin retry
* * F,1h,1s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${name}}}{eq{$auth3}{${secret}}}}}
  server_set_id = $auth2
  client_condition = \${if !eq{$transport_name}{hf_login}}
  client_send = ^${username}^${password}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{$auth1}{${name}}}{eq{$auth2}{${secret}}}}}
  server_set_id = $auth1
  client_condition = \${if eq{$transport_name}{hf_login}}
  client_send = : ${username} : ${password}
`;
}
