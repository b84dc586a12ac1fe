"""A day of Python's imaplib: argv is port, port of TLS, user, password, certificate. Prints what it saw, a line of JSON for each step."""

import imaplib
import json
import ssl
import sys
import time

port, tls_port, user, password, certificate = sys.argv[1:]
context = ssl.create_default_context(cafile=certificate)
imaplib.Debug = 0


def say(step, *seen):
    print(json.dumps([step, *seen], default=lambda octets: octets.decode("latin-1")), flush=True)


def good(step, answer):
    kind, data = answer
    assert kind == "OK", (step, kind, data)
    return data


def mail(name, lines=1):
    head = f"From: a@partner.test\r\nTo: {user}\r\nSubject: {name}\r\nMessage-ID: <{name}@partner.test>\r\n\r\n"
    return (head + "A line.\r\n" * lines).encode()


# STARTTLS, then LOGIN.
server = imaplib.IMAP4("localhost", int(port), timeout=20)
good("starttls", server.starttls(context))
good("login", server.login(user, password))
say("namespace", good("namespace", server.namespace()))
good("create", server.create("Reports"))
good("subscribe", server.subscribe("Reports"))
say("lsub", any(b"Reports" in line for line in good("lsub", server.lsub())))
say("list", sorted(line.split(b'"/" ')[-1].strip(b'"') for line in good("list", server.list())))
for number in range(1, 6):
    at = imaplib.Time2Internaldate(1_790_000_000 + number * 86_400)
    good("append", server.append("Reports", r"(\Seen)" if number % 2 else None, at, mail(f"report-{number}", number)))
say("select", good("select", server.select("Reports")))
say("search", good("search", server.search(None, "UNSEEN")))
say("search subject", good("search", server.search(None, "SUBJECT", '"report-3"')))
say("search size", good("search", server.search(None, "LARGER", "160")))
say("fetch", good("fetch", server.fetch("1:2", "(RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])")))
say("whole", good("fetch", server.fetch("5", "(RFC822)"))[0][1] == mail("report-5", 5))
good("store", server.store("2:3", "+FLAGS", r"(\Flagged $Work)"))
say("flagged", good("search", server.search(None, "FLAGGED", "KEYWORD", "$Work")))
good("copy", server.copy("1,4", "Archive"))
good("delete", server.store("5", "+FLAGS", r"(\Deleted)"))
say("expunge", good("expunge", server.expunge()))
say("noop", good("noop", server.noop()) is not None)
say("status", b"MESSAGES 2" in good("status", server.status("Archive", "(MESSAGES)"))[0])
good("uid", server.uid("STORE", "1:*", "-FLAGS", r"(\Flagged)"))
say("uid search", good("uid", server.uid("SEARCH", "1:*")))
good("close", server.close())
good("rename", server.rename("Reports", "Old/Reports"))
say("renamed", good("select", server.select("Old/Reports", readonly=True)))
good("unselect", server.unselect())
good("logout", (("OK", None) if server.logout()[0] == "BYE" else ("NO", None)))

# TLS from the start, and AUTHENTICATE.
with imaplib.IMAP4_SSL("localhost", int(tls_port), ssl_context=context, timeout=20) as again:
    again.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    good("enable", again.enable("CONDSTORE"))
    good("select", again.select("Old/Reports"))
    good("delete", again.store("1:*", "+FLAGS", r"(\Deleted)"))
    good("expunge", again.expunge())
    good("close", again.close())
    good("delete", again.delete("Old/Reports"))
    say("gone", again.select("Old/Reports")[0])

# Wrong password, and a command that is not there: an answer, never silence.
wrong = imaplib.IMAP4("localhost", int(port), timeout=20)
wrong.starttls(context)
before = time.monotonic()
try:
    wrong.login(user, "wrong")
    say("wrong password", "let in")
except imaplib.IMAP4.error as error:
    say("wrong password", "refused", time.monotonic() - before < 15)
wrong.shutdown()
