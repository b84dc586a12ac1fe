"""Verifies what python3-dkim can verify of one mail: each DKIM signature, and the ARC chain. Reads JSON {mail, records}, writes JSON."""
import base64
import json
import sys

import dkim

asked = json.load(sys.stdin)
mail = base64.b64decode(asked["mail"])
records = {name.rstrip(".").lower(): text for name, text in asked["records"].items()}


def txt(name, timeout=5):
    name = name.decode() if isinstance(name, bytes) else name
    text = records.get(name.rstrip(".").lower())
    return None if text is None else text.encode()


verdicts = []
count = sum(1 for name, _ in dkim.rfc822_parse(mail)[0] if name.lower() == b"dkim-signature")
for index in range(count):
    try:
        verdicts.append(bool(dkim.DKIM(mail, minkey=1024).verify(idx=index, dnsfunc=txt)))
    except dkim.DKIMException as error:
        verdicts.append(str(error))
arc = dkim.ARC(mail, minkey=1024).verify(dnsfunc=txt)
json.dump({"dkim": verdicts, "arc": arc[0].decode()}, sys.stdout)
