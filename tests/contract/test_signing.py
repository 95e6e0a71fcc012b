"""Signing in at the console: who gets in, who does not, and that no answer says who there is."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from monitord.core.check import Instant
from monitord.engine.clock import VirtualClock
from monitord.engine.dispatch import Way
from monitord.kinds import Letter, Refused, Sent
from monitord.store.accounts import Account
from monitord.store.faults import StoreError
from monitord.web.access.limits import (
    LINK_LASTS,
    OF_A_PERSON,
    OF_AN_ACCOUNT,
    PASSWORDS_PER_VISITOR,
    PASSWORDS_WAITING_MAX,
)
from monitord.web.access.passwords import hashed
from monitord.web.console.post import LinkPost
from monitord.web.console.visit import Entry
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from monitord.web.requests import request_of
from monitord.web.threads import in_thread
from tests.fakes.night import night
from tests.fakes.shop import PostOffice, logbook
from tests.fakes.signed_in import SignedIn, signed_in
from tests.fakes.visitor import Reply, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "a long night in november"
URL = "https://ops.example.org"


@dataclass
class Letterbox:
    """Takes letters as the mail channel does."""

    letters: list[Letter] = field(default_factory=list)
    ways: Mapping[str, Way] = field(default_factory=lambda: {"email": PostOffice().way()})

    async def send(self, letter: Letter, way: Way) -> Sent | Refused:
        self.letters.append(letter)
        return Sent("250 accepted")


@dataclass
class Browser(Visitor):
    """Keeps its cookie, as browsers do."""

    cookie: str = ""

    async def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        sent = {"cookie": self.cookie} if self.cookie else {}
        reply = await super().ask(method, path, body, {**sent, **headers})
        if "set-cookie" in reply.headers:
            self.cookie = reply.headers["set-cookie"].partition(";")[0]
        return reply

    async def fill_in(self, page: str, action: str, **form: str) -> Reply:
        """Open a page, and send its form."""
        html = (await self.get(page)).text
        (token, *_) = re.findall(r'name="csrf" value="([^"]+)"', html)
        return await self.post(action, {"csrf": token, **form})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sources(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sources]:
    """One night for all of them: nobody here changes what has happened in it."""
    async with night(tmp_path_factory.mktemp("night") / "store") as made:
        yield made


@pytest.fixture
def letterbox() -> Letterbox:
    return Letterbox()


@pytest_asyncio.fixture(loop_scope="module")
async def door(sources: Sources, letterbox: Letterbox) -> AsyncIterator[OpsDoor]:
    log = logbook()[0]
    post = LinkPost(letterbox, sources.clock, log)
    made = ops_app(sources, log, Entry(URL, b"a secret of this test"), post)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(made.run())
        yield made
        running.cancel()


@pytest.fixture
def browser(door: OpsDoor) -> Browser:
    return Browser(door)


def now(door: OpsDoor) -> Instant:
    return door.clock.now()


def pass_time(door: OpsDoor, span: timedelta) -> None:
    clock = door.clock
    assert isinstance(clock, VirtualClock)
    clock.passed += span.total_seconds()


async def mailed_link(browser: Browser, letterbox: Letterbox, name: str = "ann", **form: str) -> str:
    """The path of the link that is mailed to somebody who asks for it."""
    before = len(letterbox.letters)
    await browser.fill_in("/sign-in", "/sign-in/link", name=name, **form)
    for _ in range(1000):
        if len(letterbox.letters) > before:
            (url,) = re.findall(rf"{URL}(/\S+)", letterbox.letters[-1].text)
            return str(url)
        await asyncio.sleep(0.01)
    raise AssertionError("no letter came")


async def with_password(door: OpsDoor, name: str, *, administrator: bool = False) -> None:
    account = Account(name, hashed(PASSWORD), administrator, now(door))
    await door.console.sessions.keep(account, "a shell")


async def test_whoever_has_not_signed_in_is_led_there_and_back(browser: Browser) -> None:
    reply = await browser.get("/tickets/3?state=open")
    page = await browser.get(reply.headers["location"])

    assert (303, "/sign-in?next=%2Ftickets%2F3%3Fstate%3Dopen") == (reply.status, reply.headers["location"])
    assert 'name="next" value="/tickets/3?state=open"' in page.text
    assert "cards is down" not in page.text


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/account/password", "/account"),
        ("/account/passkeys/0123456789ab/remove", "/account"),
        ("/tickets/3/acknowledge", "/tickets/3"),
        ("/oncall/overrides/o1/remove", "/oncall"),
        ("/silences", "/"),
        ("/sign-out", "/"),
    ],
)
async def test_whoever_was_signed_out_before_a_form_came_is_led_to_its_page(
    door: OpsDoor, form: str, page: str
) -> None:
    """Signing in leads back to where the form went; there is nothing to be seen at that address."""
    ann = await signed_in(door)
    reply = await ann.get(form)

    assert (303, page) == (reply.status, reply.headers["location"])


async def test_a_mailed_link_signs_in_once(browser: Browser, letterbox: Letterbox) -> None:
    link = await mailed_link(browser, letterbox, next="/tickets/3")
    done = await browser.fill_in(link, link.partition("?")[0], next="/tickets/3")
    again = await browser.fill_in("/sign-in", link.partition("?")[0])

    assert ["ann@example.org"] == [letter.address for letter in letterbox.letters]
    assert (303, "/tickets/3") == (done.status, done.headers["location"])
    assert "cards is down" in (await browser.get("/tickets/3")).text
    assert 410 == again.status


async def test_looking_at_a_link_does_not_use_it(browser: Browser, letterbox: Letterbox) -> None:
    link = await mailed_link(browser, letterbox)
    scanner = Browser(browser.door, client="203.0.113.9")
    looks = [await scanner.get(link), await scanner.get(link, method="HEAD"), await browser.get(link)]

    assert {200} == {look.status for look in looks}
    assert "Sign in as Ann Example" in looks[-1].text
    assert 303 == (await browser.fill_in(link, link)).status


async def test_a_link_ends_after_a_quarter_of_an_hour(
    door: OpsDoor, browser: Browser, letterbox: Letterbox
) -> None:
    link = await mailed_link(browser, letterbox)
    pass_time(door, LINK_LASTS)

    assert (410, 410) == ((await browser.get(link)).status, (await browser.fill_in("/sign-in", link)).status)


async def test_the_answer_is_the_same_for_names_that_nobody_has(
    browser: Browser, letterbox: Letterbox
) -> None:
    answers = [
        await browser.fill_in("/sign-in", "/sign-in/link", name=name)
        for name in ("bo", "bo@example.org", "nobody", "eve", "x" * 500, "")
    ]

    def unsigned(reply: Reply) -> str:
        return re.sub(r'value="[^"]*"|nonce="[^"]*"', "", reply.text)

    assert 1 == len({(reply.status, unsigned(reply)) for reply in answers})
    assert "If we know you" in answers[0].text


async def test_a_password_signs_in(door: OpsDoor, browser: Browser) -> None:
    await with_password(door, "ann")
    wrong = await browser.fill_in("/sign-in", "/sign-in", name="ann", password="a guess of mine")
    right = await browser.fill_in("/sign-in", "/sign-in", name="ann@example.org", password=PASSWORD)

    assert (403, 303) == (wrong.status, right.status)
    assert 200 == (await browser.get("/")).status


async def test_the_break_glass_account_works_when_nothing_else_does(door: OpsDoor, browser: Browser) -> None:
    await with_password(door, "root", administrator=True)
    await browser.fill_in("/sign-in", "/sign-in", name="root", password=PASSWORD)
    page = await browser.get("/account")

    assert "administrator" in page.text and "a local account" in page.text
    assert "I have it" in (await browser.get("/tickets/3")).text


async def test_whoever_guesses_waits_and_locks_out_nobody_else(door: OpsDoor, browser: Browser) -> None:
    await with_password(door, "ann")
    guesses = [
        (await browser.fill_in("/sign-in", "/sign-in", name="ann", password=f"a guess {each}")).status
        for each in range(PASSWORDS_PER_VISITOR.most + 1)
    ]
    elsewhere = Browser(door, client="192.0.2.44")

    assert [403] * PASSWORDS_PER_VISITOR.most + [429] == guesses
    assert 303 == (await elsewhere.fill_in("/sign-in", "/sign-in", name="ann", password=PASSWORD)).status


async def test_the_cookie_is_bound_to_this_host_and_drawn_anew_at_sign_in(
    door: OpsDoor, browser: Browser
) -> None:
    await with_password(door, "ann")
    page = await browser.get("/sign-in")
    before = browser.cookie
    await browser.fill_in("/sign-in", "/sign-in", name="ann", password=PASSWORD)

    attributes = page.headers["set-cookie"].split("; ")
    assert before.startswith("__Host-monitord=")
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(attributes)
    assert before != browser.cookie
    assert "max-age=31536000" == page.headers["strict-transport-security"]


async def test_over_plain_http_the_cookie_is_plainly_named(sources: Sources) -> None:
    door = ops_app(sources, logbook()[0], Entry("http://127.0.0.1:8082", b"a secret of this test"))
    reply = await Browser(door).get("/sign-in")

    assert reply.headers["set-cookie"].startswith("monitord-8082=")
    assert "Secure" not in reply.headers["set-cookie"]
    assert "strict-transport-security" not in reply.headers


async def test_neither_the_store_nor_a_page_holds_what_opens_it(
    door: OpsDoor, browser: Browser, letterbox: Letterbox, sources: Sources
) -> None:
    link = await mailed_link(browser, letterbox)
    await browser.fill_in(link, link)
    held = browser.cookie.partition("=")[2]
    store = door.console.sessions.store.store  # type: ignore[attr-defined]
    with store.reads.database.transaction() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())
    pages = [(await browser.get(path)).text for path in ("/", "/account", "/tickets/3")]

    assert held not in dump and link.removeprefix("/sign-in/") not in dump
    assert all(held not in page for page in pages)


async def test_no_log_line_holds_a_link(sources: Sources) -> None:
    log, lines = logbook()
    door = ops_app(sources, log, Entry(URL, b"a secret of this test"))
    door.console.signing.sessions = None  # type: ignore[assignment]  # a bug

    assert 500 == (await Visitor(door).get("/sign-in/canary-link")).status
    assert ["request failed"] == [line["event"] for line in lines]
    assert "canary-link" not in repr(lines)


async def test_a_visit_does_not_show_what_opens_it(door: OpsDoor) -> None:
    scope = {"method": "GET", "path": "/", "headers": [(b"cookie", b"__Host-monitord=canary-cookie")]}
    visit = await door.console.visit(request_of(scope), scope)

    assert "canary-cookie" == visit.held
    assert "canary-cookie" not in repr(visit) and "a secret of this test" not in repr(visit)


async def test_a_session_ends_when_it_is_not_used_and_in_any_case(door: OpsDoor) -> None:
    ann, root = await signed_in(door), await signed_in(door, "root", administrator=True)

    async def let_in() -> list[int]:
        return [(await each.get("/more")).status for each in (ann, root)]

    assert [200, 200] == await let_in()
    pass_time(door, OF_AN_ACCOUNT.idle)
    assert [200, 303] == await let_in()
    for _ in range(OF_A_PERSON.at_most // timedelta(days=6)):
        assert 200 == (await ann.get("/more")).status, "used every few days"
        pass_time(door, timedelta(days=6))
    assert 303 == (await ann.get("/more")).status


async def test_a_session_ends_with_its_person(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    others = {name: each for name, each in sources.configuration.people.items() if name != "ann"}
    before = sources.configuration
    sources.world.accept(replace(before, people=others))
    without = await ann.get("/")
    sources.world.accept(before)

    assert 303 == without.status


async def test_a_session_survives_a_restart(door: OpsDoor, sources: Sources) -> None:
    ann = await signed_in(door)
    again = ops_app(
        Sources(
            sources.engine, sources.store, sources.clock, sources.started, sources.status_page, sources.links
        ),
        logbook()[0],
        door.console.entry,
    )

    assert 200 == (await SignedIn(again, held=ann.held).get("/tickets/3")).status


async def test_one_sees_ones_sessions_and_ends_them(door: OpsDoor) -> None:
    here, lost, bos = [await signed_in(door, name) for name in ("cem", "cem", "bo")]
    page = await here.get("/account")
    (id,) = re.findall(r'name="session" value="([0-9a-f]+)"', page.text)
    told = await here.press("/account/sessions", session=id)

    assert "They are signed out there." in told.text
    assert [200, 303, 200] == [(await each.get("/more")).status for each in (here, lost, bos)]


async def test_signing_out_ends_the_session(door: OpsDoor) -> None:
    ann = await signed_in(door)
    reply = await ann.post("/sign-out", {"csrf": ann.token})

    assert (303, "/sign-in") == (reply.status, reply.headers["location"])
    assert "Max-Age=0" in reply.headers["set-cookie"]
    assert 303 == (await ann.get("/")).status


async def test_a_new_password_takes_the_old_one_and_signs_out_elsewhere(door: OpsDoor) -> None:
    await with_password(door, "ann")
    here, elsewhere = Browser(door), Browser(door)
    for each in (here, elsewhere):
        await each.fill_in("/sign-in", "/sign-in", name="ann", password=PASSWORD)
    short = await here.fill_in("/account", "/account/password", old=PASSWORD, new="short")
    assert "12 to 256 characters" in (await here.get(short.headers["location"])).text
    wrong = await here.fill_in("/account", "/account/password", old="not this one", new="a longer one now")
    assert "Your password does not fit." in (await here.get(wrong.headers["location"])).text
    done = await here.fill_in("/account", "/account/password", old=PASSWORD, new="a longer one now")

    assert "Your password is set." in (await here.get(done.headers["location"])).text
    assert 303 == (await elsewhere.get("/")).status


async def test_whoever_finds_a_telephone_does_not_try_passwords_on_it(door: OpsDoor) -> None:
    await with_password(door, "ann")
    phone, desk = await signed_in(door), await signed_in(door, client="203.0.113.9")
    for _ in range(PASSWORDS_PER_VISITOR.most):
        await phone.press("/account/password", old="a guess of mine", new="a longer one now")
    too_late = await phone.press("/account/password", old=PASSWORD, new="a longer one now")
    elsewhere = await desk.post(
        "/account/password", {"csrf": desk.token, "old": PASSWORD, "new": "a longer one now"}
    )

    assert "Too many passwords that did not fit. Wait a few minutes." in too_late.text
    assert (303, True) == (elsewhere.status, "set-cookie" in elsewhere.headers)


async def test_where_too_many_sign_in_a_new_password_can_wait(door: OpsDoor) -> None:
    await with_password(door, "ann")
    here = Browser(door)
    await here.fill_in("/sign-in", "/sign-in", name="ann", password=PASSWORD)
    door.console.signing.passwords.waiting = PASSWORDS_WAITING_MAX
    busy = await here.fill_in("/account", "/account/password", old=PASSWORD, new="a longer one now")

    assert "Many sign in just now." in (await here.get(busy.headers["location"])).text


@pytest.mark.parametrize(
    "form",
    [{}, {"csrf": ""}, {"csrf": "0" * 40}],
    ids=["no token", "an empty token", "a token of somebody else"],
)
@pytest.mark.parametrize("path", ["/tickets/3/acknowledge", "/sign-out", "/account/password", "/public"])
async def test_a_form_without_its_token_does_nothing(
    door: OpsDoor, sources: Sources, path: str, form: dict[str, str]
) -> None:
    ann = await signed_in(door)
    reply = await ann.post(path, form)

    assert 403 == reply.status
    assert "Nothing was done." in reply.text
    assert 200 == (await ann.get("/")).status


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}], ids=str
)
async def test_a_form_from_another_site_does_nothing(door: OpsDoor, headers: dict[str, str]) -> None:
    ann = await signed_in(door)

    assert 403 == (await ann.post("/tickets/3/acknowledge", {"csrf": ann.token}, **headers)).status


async def test_nobody_is_led_to_another_site(browser: Browser, door: OpsDoor) -> None:
    await with_password(door, "ann")
    for place in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        page = await browser.get(f"/sign-in?next={place}")
        assert 'name="next" value="/"' in page.text
        reply = await browser.fill_in("/sign-in", "/sign-in", name="ann", password=PASSWORD, next=place)
        assert "/" == reply.headers["location"]


async def test_eve_is_a_person_and_may_nothing(door: OpsDoor) -> None:
    eve = await signed_in(door, "eve")
    replies = [await eve.get(path) for path in ("/", "/tickets/3", "/probes", "/audit", "/tickets/new")]

    assert {403} == {reply.status for reply in replies}
    assert all("cards" not in reply.text for reply in replies)
    assert 200 == (await eve.get("/account")).status


async def test_the_log_of_access_is_for_operators(door: OpsDoor) -> None:
    ann, root = await signed_in(door), await signed_in(door, "root", administrator=True)
    page = await root.get("/access")

    assert 403 == (await ann.get("/access")).status
    assert "signed in by a mailed link" in page.text and "set the password of root" in page.text


async def test_a_letter_that_is_refused_is_sent_again(sources: Sources) -> None:
    """What the channel said stands in the log, the link does not."""
    log, lines = logbook()

    class Refusing(Letterbox):
        async def send(self, letter: Letter, way: Way) -> Sent | Refused:
            await super().send(letter, way)
            return Refused("450 try again later", permanent=False)

    box = Refusing()
    door = ops_app(sources, log, Entry(URL, b"a secret of this test"), LinkPost(box, sources.clock, log))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(door.run())
        link = await mailed_link(Browser(door), box)
        clock = sources.clock
        assert isinstance(clock, VirtualClock)
        await clock.advance(timedelta(minutes=2))
        running.cancel()

    assert 4 == len(box.letters)
    assert 1 == len({letter.message_id for letter in box.letters})
    assert link.removeprefix("/sign-in/") not in str(lines)


async def test_a_post_that_fails_closes_no_screen(sources: Sources, letterbox: Letterbox) -> None:
    """The daemon begins it anew; screens that were being looked at stay live."""

    class Failing(LinkPost):
        async def run(self) -> None:
            raise ArithmeticError("a bug")

    log = logbook()[0]
    door = ops_app(sources, log, Entry(URL, b"a secret of this test"), Failing(letterbox, sources.clock, log))
    with pytest.raises(ArithmeticError):
        await door.run()

    assert not door.console.live.closed


class FullDisk:
    """Reads, and writes nothing any more."""

    async def access(self, work: Any, *args: Any) -> Any:
        raise StoreError("database or disk is full")


@contextmanager
def disk_full(door: OpsDoor) -> Iterator[None]:
    """For a while; the sessions are those of every door of these tests."""
    sessions = door.console.sessions
    store, sessions.store = sessions.store, FullDisk()
    try:
        yield
    finally:
        sessions.store, sessions.open = store, None


async def test_a_store_that_does_not_answer_is_a_page_that_says_so(door: OpsDoor, browser: Browser) -> None:
    browser.cookie = f"{door.console.entry.cookie}=anything"
    with disk_full(door):
        door.console.sessions.open = None
        reply = await browser.get("/tickets")

    assert 503 == reply.status
    assert "<h1>The store does not answer</h1>" in reply.text
    assert 'id="screen"' in reply.text, "a button that was pressed shows it in its place"


async def test_the_letter_looks_like_the_others_of_ours(door: OpsDoor, letterbox: Letterbox) -> None:
    """Readable in the dark; the text says the same, and the link stands alone on its line."""
    link = await mailed_link(Browser(door), letterbox)
    (letter,) = letterbox.letters
    html = letter.html or ""

    assert f"{URL}{link}" in letter.text.splitlines()
    assert "prefers-color-scheme: dark" in html
    for words in ("It works once, within 15 minutes.", "without the link nobody gets in"):
        assert words in letter.text
        assert words in html


async def test_what_ended_while_the_disk_was_full_is_forgotten_as_soon_as_there_is_room(
    door: OpsDoor, sources: Sources
) -> None:
    ann, cem, lost = [await signed_in(door, name) for name in ("ann", "cem", "cem")]
    sessions = door.console.sessions
    store, sessions.store = sessions.store, FullDisk()
    await ann.post("/sign-out", {"csrf": ann.token})
    told = await cem.press("/account/sessions", session="others")
    sessions.store = store
    pass_time(door, timedelta(minutes=6))
    await cem.get("/more")
    again = ops_app(
        Sources(
            sources.engine, sources.store, sources.clock, sources.started, sources.status_page, sources.links
        ),
        logbook()[0],
        door.console.entry,
    )

    assert "They are signed out there. It could not be stored" in told.text
    assert [303, 200, 303] == [
        (await SignedIn(again, held=each.held).get("/tickets/3")).status for each in (ann, cem, lost)
    ]


async def test_a_full_disk_keeps_nobody_in_and_nobody_out(door: OpsDoor, browser: Browser) -> None:
    ann = await signed_in(door)
    account = Account("dee", await in_thread(hashed, PASSWORD), administrator=True, created=now(door))
    await door.console.sessions.keep(account, "a shell")
    with disk_full(door):
        out = await ann.post("/sign-out", {"csrf": ann.token})
        said = await ann.get(out.headers["location"])
        afterwards = await ann.get("/account")
        entered = await browser.fill_in("/sign-in", "/sign-in", name="dee", password=PASSWORD)
        looked = await browser.get("/account")

    assert (303, "/sign-in?ended=here") == (out.status, out.headers["location"])
    assert "You are signed out. It could not be stored" in said.text
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert 303 == afterwards.status, "the session has ended"
    assert (303, "/") == (entered.status, entered.headers["location"])
    assert 200 == looked.status


def started_again(sources: Sources) -> Sources:
    """What another start finds in the same store."""
    return Sources(
        sources.engine, sources.store, sources.clock, sources.started, sources.status_page, sources.links
    )
