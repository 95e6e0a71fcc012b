"""A passkey from its making to its end, in a real browser with an authenticator of the debugger's."""

import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from playwright.async_api import CDPSession, Page, ViewportSize

from tests.e2e.browser import DESKTOP, PHONE, VIEWS, Surfer, axe, browser, scrolls_sideways
from tests.fakes.daemon import Daemon, daemon, doors, policy, until, write_tree
from tests.fakes.mailbox import Post, mail_server

pytestmark = pytest.mark.browser

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
# A device that always answers would take what the name's field offers before anybody could press a button.
NO_OFFERS = (
    """if (!localStorage.getItem("offers")) delete PublicKeyCredential.isConditionalMediationAvailable"""
)
EXPECTED = re.compile(r"ERR_ABORTED|status of 403")  # a page that is left; a passkey that was removed


@dataclass(frozen=True)
class Scene:
    daemon: Daemon
    surfer: Surfer
    ops: str  # by its name: browsers make no passkeys for an IP address
    post: Post


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    there = doors()
    ops = f"http://localhost:{there['ops']['listen'].rpartition(':')[2]}"
    there["ops"]["url"] = ops
    async with mail_server() as post, browser() as surfer:
        said = {
            "doors": there,
            "access": {"viewers": ["everybody"]},
            "policies": {"urgent": policy("bo", "cem")},
        }
        async with daemon(tmp_path, post, **said) as it:
            yield Scene(it, surfer, ops, post)


@dataclass(frozen=True)
class Telephone:
    """A page of a browser, and the authenticator in it."""

    page: Page
    session: CDPSession
    id: str

    async def credentials(self) -> list[object]:
        found = await self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    async def verifies(self, *, right: bool) -> None:
        """Is the next finger the right one?"""
        asked = {"authenticatorId": self.id, "isUserVerified": right}
        await self.session.send("WebAuthn.setUserVerified", asked)


async def telephone(page: Page) -> Telephone:
    await page.add_init_script(NO_OFFERS)
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return Telephone(page, session, made["authenticatorId"])


async def test_a_passkey_in_a_real_browser(scene: Scene) -> None:
    phone = await telephone(await scene.surfer.page(PHONE, "dark"))
    await signed_in_by_a_link(scene, phone.page)
    await adds_one(scene, phone)
    await everybody_can_use(scene, phone.page, "/account")
    await signs_out_and_in_with_it(scene, phone)
    await the_wrong_finger_opens_nothing(scene, phone)
    await the_field_of_the_name_offers_it(scene, phone)
    await what_is_removed_opens_nothing(scene, phone)
    await without_scripts_there_are_other_ways(scene)
    await who_leaves_the_tree_loses_theirs(scene, phone)

    assert [] == [said for said in scene.surfer.complaints if not EXPECTED.search(said)]


async def signed_in_by_a_link(scene: Scene, page: Page) -> None:
    await page.goto(scene.daemon.client.sign_in_link("ann").url)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(f"{scene.ops}/")


async def adds_one(scene: Scene, phone: Telephone) -> None:
    page = phone.page
    await page.goto(f"{scene.ops}/account")
    await page.get_by_label("How you will know it").fill("my telephone")
    await page.get_by_role("button", name="Add a passkey").tap()
    await page.get_by_text("The passkey my telephone is added.").wait_for()
    mail = await scene.post["ann@example.org"].expects("A passkey was added to your account: my telephone")
    assert "with Chrome on" in mail.text and "from 127.0.0.1." in mail.text
    await page.get_by_role("button", name="Add a passkey").tap()
    await page.get_by_text("This device has a passkey of yours already.").wait_for()

    assert 1 == len(await phone.credentials())
    assert [("ann", "my telephone", "localhost")] == [
        (row.account, row.name, row.site) for row in scene.daemon.client.passkeys()
    ]


async def signs_out_and_in_with_it(scene: Scene, phone: Telephone) -> None:
    page = phone.page
    await page.goto(f"{scene.ops}/account")
    await signs_out(scene, page)
    await everybody_can_use(scene, page, "/sign-in?next=/more")
    await page.get_by_role("button", name="Sign in with a passkey").tap()
    await page.wait_for_url(f"{scene.ops}/more")
    await page.goto(f"{scene.ops}/account")

    assert "by the passkey my telephone" in await page.inner_text("main")
    assert "last used" in await page.inner_text("#passkeys + ul")


async def signs_out(scene: Scene, page: Page) -> None:
    await page.get_by_role("button", name="Sign out").tap()
    await page.wait_for_url(f"{scene.ops}/sign-in")


async def the_wrong_finger_opens_nothing(scene: Scene, phone: Telephone) -> None:
    page = phone.page
    await phone.verifies(right=False)
    await signs_out(scene, page)
    await page.get_by_role("button", name="Sign in with a passkey").tap()
    await page.get_by_text("Nothing was chosen, or it took too long.").wait_for()
    await phone.verifies(right=True)
    await page.get_by_role("button", name="Sign in with a passkey").tap()
    await page.wait_for_url(f"{scene.ops}/")


async def the_field_of_the_name_offers_it(scene: Scene, phone: Telephone) -> None:
    """Where the browser can do that, nobody even presses a button."""
    page = phone.page
    await page.goto(f"{scene.ops}/account")
    await page.evaluate("localStorage.setItem('offers', 'yes')")
    await page.get_by_role("button", name="Sign out").tap()
    await page.wait_for_url(f"{scene.ops}/")
    await page.evaluate("localStorage.clear()")


async def what_is_removed_opens_nothing(scene: Scene, phone: Telephone) -> None:
    """It ends what it opened, and its device still offers it."""
    page = phone.page
    await page.goto(f"{scene.ops}/account")
    await page.get_by_role("button", name="Remove my telephone").tap()
    await page.wait_for_url(f"{scene.ops}/sign-in")
    await page.get_by_role("button", name="Sign in with a passkey").tap()
    await page.get_by_text("That passkey does not open this console.").wait_for()
    await usable(page, "the page that says no")

    assert () == scene.daemon.client.passkeys()


async def without_scripts_there_are_other_ways(scene: Scene) -> None:
    page = await scene.surfer.page(DESKTOP, "light", scripts=False)
    await page.goto(f"{scene.ops}/sign-in")

    assert not await page.get_by_role("button", name="Sign in with a passkey").is_visible()
    assert await page.get_by_role("button", name="Mail me a link").is_visible()
    await signed_in_by_a_link(scene, page)
    await page.goto(f"{scene.ops}/account")
    assert "needs a script" in await page.inner_text("main")


async def who_leaves_the_tree_loses_theirs(scene: Scene, phone: Telephone) -> None:
    page = phone.page
    await signed_in_by_a_link(scene, page)
    await phone.session.send("WebAuthn.clearCredentials", {"authenticatorId": phone.id})
    await page.goto(f"{scene.ops}/account")
    await page.get_by_role("button", name="Add a passkey").tap()
    await page.get_by_text("is added.").wait_for()
    tree = yaml.safe_load(scene.daemon.main.read_text(encoding="utf-8"))
    del tree["people"]["ann"]
    write_tree(scene.daemon.main.parent.parent, tree)
    assert scene.daemon.process is not None
    scene.daemon.process.send_signal(signal.SIGHUP)

    await until(lambda: scene.daemon.client.passkeys() == ())


async def everybody_can_use(scene: Scene, page: Page, path: str) -> None:
    await page.goto(scene.ops + path)
    await usable(page, path)


async def usable(page: Page, path: str) -> None:
    """axe-core finds nothing, and nothing is wider than the screen."""
    found = []
    for device, scheme in VIEWS:
        await page.set_viewport_size(ViewportSize(width=device.width, height=device.height))
        await page.emulate_media(color_scheme=scheme)
        found += [f"{path} on a {device} in the {scheme}: {said}" for said in await axe(page)]
        found += [f"{path} is wider than a {device}"] if await scrolls_sideways(page) else []
    await page.set_viewport_size(ViewportSize(width=PHONE.width, height=PHONE.height))

    assert [] == found
