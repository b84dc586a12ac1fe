/** Commands of POP3 as values: what a client asked, checked for form and for nothing else. */

export type Command =
  /** CAPA: RFC 2449 §5; STLS: RFC 2595 §4; UTF8: RFC 6856 §2.1; the others RFC 1939 §5 and §6. */
  | { readonly verb: 'CAPA' | 'STLS' | 'UTF8' | 'QUIT' | 'STAT' | 'NOOP' | 'RSET' }
  /** RFC 1939 §7. What stands behind the first blank is the name, or the password, blanks in it included. */
  | { readonly verb: 'USER'; readonly name: string }
  | { readonly verb: 'PASS'; readonly password: string }
  /** RFC 5034 §4. `mechanism` in upper case; `initial` in base64 as it came, `''` for `=`. */
  | { readonly verb: 'AUTH'; readonly mechanism: string; readonly initial: string | null }
  /** Null: all of them. */
  | { readonly verb: 'LIST' | 'UIDL'; readonly message: number | null }
  | { readonly verb: 'RETR' | 'DELE'; readonly message: number }
  /** `lines`: of the body. */
  | { readonly verb: 'TOP'; readonly message: number; readonly lines: number };
