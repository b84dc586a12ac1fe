"""A day of Python's poplib: argv is port, port of TLS, user, password, certificate. Prints what it saw, a line of JSON for each step."""

import json
import poplib
import ssl
import sys

port, tls_port, user, password, certificate = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)


def say(step, *seen):
    print(json.dumps([step, *seen], default=lambda octets: octets.decode("latin-1")), flush=True)


def fails(step, act, *words):
    try:
        act(*words)
        say(step, "taken")
    except poplib.error_proto as error:
        say(step, error.args[0].split()[0])


# STLS, USER and PASS.
drop = poplib.POP3("localhost", int(port), timeout=20)
say("capa", all(word in drop.capa() for word in ("STLS", "UIDL", "TOP")))
drop.stls(context)
drop.user(user)
drop.pass_(password)
count, octets = drop.stat()
sizes = [int(line.split()[1]) for line in drop.list()[1]]
say("stat", count, octets == sum(sizes), drop.list(1).split()[1:])
uidls = [line.split()[1] for line in drop.uidl()[1]]
say("uidl", len(set(uidls)) == count, drop.uidl(count).split()[2] == uidls[-1])
mails = [drop.retr(number + 1) for number in range(count)]
say("retr", [b"\r\n".join(lines) + b"\r\n" for _, lines, _ in mails])
say("sizes", [size for _, _, size in mails] == sizes)
say("top 0", drop.top(1, 0)[1][-1])
say("top 1", drop.top(2, 1)[1][-2:])
fails("retr of none", drop.retr, count + 1)
fails("retr of zero", drop.retr, 0)
drop.dele(1)
fails("retr of deleted", drop.retr, 1)
fails("dele of deleted", drop.dele, 1)
say("after dele", drop.stat()[0], len(drop.list()[1]), len(drop.uidl()[1]))
drop.rset()
say("after rset", drop.stat()[0])
drop.dele(2)
drop.noop()
drop.quit()

# TLS from the start; what was deleted is gone, and the rest kept its names.
drop = poplib.POP3_SSL("localhost", int(tls_port), context=context, timeout=20)
drop.user(user)
drop.pass_(password)
left = [line.split()[1] for line in drop.uidl()[1]]
say("left", left == uidls[:1] + uidls[2:])
drop.dele(1)
drop.close()

# A connection that goes without QUIT deletes nothing (RFC 1939 §6).
drop = poplib.POP3_SSL("localhost", int(tls_port), context=context, timeout=20)
drop.user(user)
drop.pass_(password)
say("without quit", [line.split()[1] for line in drop.uidl()[1]] == left)
drop.quit()

wrong = poplib.POP3_SSL("localhost", int(tls_port), context=context, timeout=20)
wrong.user(user)
fails("wrong password", wrong.pass_, "wrong")
wrong.close()
