"""The identity provider canaille with people and one client of its own, for the tests.

The first line of standard input is JSON: a folder of its own, client, people, and what each of them is.
It prints a list with its one address when it answers there, and ends when standard input does.
"""

import asyncio
import json
import os
import socket
import sys

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from asgiref.wsgi import WsgiToAsgi
from hypercorn.asyncio import serve
from hypercorn.config import Config


def application(port, folder):
    """Canaille as it is, with what its operator must decide."""
    return create_app(
        config={
            "SECRET_KEY": "kunci-untuk-uji-saja",
            "SERVER_NAME": f"127.0.0.1:{port}",
            "PREFERRED_URL_SCHEME": "http",
            # Browsers keep cookies per host and not per port.
            "SESSION_COOKIE_NAME": f"canaille_{port}",
            "CANAILLE": {"DATABASE": "sql", "SMTP": None, "JAVASCRIPT": False, "HTMX": False},
            "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{folder}/canaille.sqlite"},
            # It gives claims of the standard only: a government whose provider is so names one of
            # them as the one that holds the NIP.
            "CANAILLE_OIDC": {
                "TRUSTED_DOMAINS": [],
                "USERINFO_MAPPING": {
                    "NAME": "{{ user.formatted_name }}",
                    "PREFERRED_USERNAME": "{{ user.employee_number }}",
                },
            },
        }
    )


def fill(wanted):
    """Its people and its client."""
    for name, person in wanted["people"].items():
        Backend.instance.save(
            models.User(
                user_name=name,
                password=person["password"],
                formatted_name=person["name"],
                family_name=person["name"],
                emails=[f"{name}@contoh.go.id"],
                employee_number=person["nip"],
            )
        )
    client = models.Client(
        **wanted["client"],
        client_name="E-Kinerja",
        contacts=["admin@contoh.go.id"],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile"],
        token_endpoint_auth_method="client_secret_basic",
    )
    Backend.instance.save(client)
    # Its page for new clients does the same. Without it tokens would be for nobody, and we let nobody
    # in with such a token.
    client.audience = [client]
    Backend.instance.save(client)


async def main():
    wanted = json.loads(sys.stdin.readline())
    # Answers belong to the one who started us, whatever a library prints.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    app = application(port, wanted["folder"])
    with app.app_context(), Backend.instance.session():
        fill(wanted)
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]

    async def told_to_end():
        await asyncio.to_thread(sys.stdin.read)

    # Whoever comes from now on waits in the listener's queue until it serves.
    print(json.dumps([f"http://127.0.0.1:{port}"]), file=answers, flush=True)
    await serve(WsgiToAsgi(app), config, shutdown_trigger=told_to_end)


asyncio.run(main())
