"""tsuru's own client for Python against the sandbox, which is controlled over HTTP."""

from control import ask
from tsuruclient.base import TsuruAPIError
from tsuruclient.client import Client


def refused(status, call):
    try:
        call()
    except TsuruAPIError as error:
        assert str(error).startswith(f"{status} "), error
    else:
        raise AssertionError(f"{status} was expected")


def said(stream):
    """What an operation tells, line by line."""
    return [line["Message"] for line in stream if isinstance(line, dict) and line.get("Message")]


def main():
    only = {"services": ["tsuru-v1"]}
    ask("POST", "/reset", only)
    service = ask("GET", "/services/tsuru-v1")["service"]
    client = Client(service["base_url"], service["token"])

    def names(**filters):
        return [app["name"] for app in client.apps.list(**filters)]

    before = names()
    made = client.apps.create(name="python-app", platform="python", teamOwner="admin")
    assert made["status"] == "success", made
    refused(409, lambda: client.apps.create(name="python-app", platform="python"))
    assert names(name="python-app") == ["python-app"]
    assert client.apps.get("python-app")["platform"] == "python"

    assert said(client.apps.update("python-app", description="made by a client"))
    assert client.apps.get("python-app")["description"] == "made by a client"
    assert said(client.apps.restart("python-app", process="web"))
    assert client.deploys.list(app="python-app") == []

    events = client.events.list(**{"target.type": "app", "target.value": "python-app"})
    kinds = [event["Kind"]["Name"] for event in events]
    assert sorted(kinds) == ["app.create", "app.update", "app.update.restart"], kinds
    event = client.events.get(events[0]["UniqueID"])
    assert event["Owner"]["Name"] == service["hints"]["admin"], event
    refused(400, lambda: client.events.cancel(event["UniqueID"]))

    assert client.plans.create(name="python-plan", memory=1 << 30, cpumilli=500) == {}
    assert "python-plan" in [plan["name"] for plan in client.plans.list()]
    client.plans.remove("python-plan")
    assert client.users.info()["Email"] == service["hints"]["admin"]
    assert service["hints"]["admin"] in [user["Email"] for user in client.users.list()]

    # A fault is set, strikes, and is seen.
    order = {"path": "/apps/python-app", "status": 503, "body": {"message": "later"}}
    fault = ask("POST", "/services/tsuru-v1/faults", order)["fault"]
    refused(503, lambda: client.apps.get("python-app"))
    assert ask("GET", f"/services/tsuru-v1/faults/{fault['id']}")["fault"]["hits"] == 1

    assert said(client.apps.remove("python-app"))
    refused(404, lambda: client.apps.get("python-app"))
    ask("POST", "/reset", only)
    assert names() == before
    print("tsuru (PyPI): apps, events, plans and users; a fault was set, seen and taken back")


main()
