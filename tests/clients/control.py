"""The sandbox's control over HTTP, for the clients in Python."""

import json
import os
import urllib.request

CONTROL = os.environ["SANDBOX_CONTROL"]


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {"content-type": "application/json"}
    request = urllib.request.Request(f"{CONTROL}/__sandbox{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None
