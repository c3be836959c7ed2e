"""Devopness's own client for Python against the sandbox, which is controlled over HTTP."""

from control import ask
from devopness import DevopnessClient
from devopness.core import DevopnessApiError


def main():
    only = {"services": ["devopness"]}
    ask("POST", "/reset", only)
    service = ask("GET", "/services/devopness")["service"]
    client = DevopnessClient({"base_url": service["base_url"], "api_token": service["token"]})
    environment = service["hints"]["environment"]

    def servers():
        return [server.name for server in client.servers.list_environment_servers(environment).data]

    # A fault is set, strikes, and is seen.
    order = {"path": "/environments/*/servers", "status": 503, "body": {"message": "later"}}
    fault = ask("POST", "/services/devopness/faults", order)["fault"]
    try:
        servers()
    except DevopnessApiError as error:
        assert error.status_code == 503, error
    else:
        raise AssertionError("the fault did not strike")
    assert ask("GET", f"/services/devopness/faults/{fault['id']}")["fault"]["hits"] == 1
    assert ask("GET", "/services/devopness/requests/count?status=503")["count"] == 1

    # Without it, the same call is answered; what is seeded is there.
    before = servers()
    assert before, "there are servers from the start"
    ask("POST", "/services/devopness/seed", {"servers": [{"name": "seeded", "hostname": "seeded"}]})
    assert len(servers()) == len(before) + 1

    # After a reset, nothing of that has been.
    ask("POST", "/reset", only)
    assert ask("GET", "/services/devopness/faults")["faults"] == []
    assert ask("GET", "/services/devopness/requests")["count"] == 0
    assert servers() == before
    print("devopness (PyPI): a fault was set, seen and taken back")


main()
