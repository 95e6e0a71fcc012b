"""Net: streams for whoever speaks line by line, and one HTTP client for all channels."""

import pytest

from monitord.net import Guard, Net, Reach
from monitord.net.egress import EgressError
from tests.fakes import zoo
from tests.fakes.zoo import Certificates, Target, cage


async def test_a_connection_is_a_pair_of_streams() -> None:
    async with cage(zoo.greet) as it:
        reader, writer = await Net().connect(it.host, it.port)
        line = await reader.readline()
        writer.transport.abort()

    assert b"220 mail.example.org ESMTP\r\n" == line


async def test_the_server_name_may_differ_from_the_host() -> None:
    certificates = Certificates()
    net = Net(authorities=certificates.pem)
    async with cage(zoo.greet, certificates.good("mail.example.org")) as it:
        context = net.context(verify=True)
        reader, writer = await net.connect(it.host, it.port, tls=context, server_name="mail.example.org")
        line = await reader.readline()
        writer.transport.abort()

    assert line.startswith(b"220 ")


async def test_the_guard_is_asked_at_connect_time() -> None:
    async with cage(zoo.hang) as it:
        with pytest.raises(EgressError, match="private address"):
            await Net(Guard()).open(lambda: None, "localhost", it.port, Reach.PUBLIC)  # type: ignore[arg-type, return-value]

    assert not it.arrived.is_set()


async def test_the_http_client_is_shared_and_follows_no_redirect() -> None:
    net = Net()
    async with Target(status=302, headers={"location": "http://169.254.169.254/"}) as target:
        reply = await net.http.get(target.url)

        assert 302 == reply.status_code
        assert net.http is net.http
        await net.close()


async def test_closing_what_nobody_used_is_nothing() -> None:
    net = Net()

    await net.close()

    assert "http" not in vars(net)
