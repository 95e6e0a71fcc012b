"""`python -m tests.e2e.scim_tester URL TOKEN`: scim2-tester asks a server; prints a line of JSON per check.

In a process of its own, because importing it takes longer than all that it asks.
"""

import json
import sys

import httpx2 as httpx
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server


def main(url: str, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        for result in check_server(SyncSCIMClient(client)):
            print(json.dumps([result.status.name, f"{result.title}: {result.reason}"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
