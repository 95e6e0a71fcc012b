"""Mistakes planted in the core, one at a time: the simulation must notice each of them.

`python -m tests.sim.mutants` plays them all and prints who was caught by which seed; exit 1 if one lives.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SEEDS = 24
DAYS = "4"
LONGEST = 1200


@dataclass(frozen=True)
class Mutant:
    """In `file`, `right` becomes `wrong`."""

    name: str
    file: str
    right: str
    wrong: str


MUTANTS = (
    Mutant(
        "one failure too late",
        "health.py",
        "if streak < needed(probe, result):",
        "if streak <= needed(probe, result):",
    ),
    Mutant(
        "a pass does not start the count anew",
        "health.py",
        "return settled(seeing), saw",
        "return seeing, saw",
    ),
    Mutant("unknown counts", "health.py", "if not result.outcome.conclusive:", "if result is None:"),
    Mutant("a held signal is forgotten", "stages/judge.py", "    VerdictDue: judge_again,\n", ""),
    Mutant("the parent's word is not heard", "stages/judge.py", "told or passes", "False"),
    Mutant("the parent holds for ever", "verdict.py", "and now < parent.word_by", ""),
    Mutant("the circle shrinks", "climbing.py", "*escalation.circle, *escalation.first, *named", "*named"),
    Mutant("the top is told once", "policy.py", "return lasts\n", "return lasts * 1000\n"),
    Mutant("an answer stops nothing", "stages/escalate.py", "    TicketAcknowledged: hold_for_holder,\n", ""),
    Mutant(
        "quiet hours hold an urgent page",
        "quiet.py",
        "        return priority is not Priority.URGENT\n",
        "        return True\n",
    ),
    Mutant("quiet hours hold nothing", "quiet.py", "if person.quiet is None:", "if person is not None:"),
    Mutant(
        "one is enough where two are needed",
        "quorum.py",
        "return have(found, acknowledged) >= found.needed",
        "return have(found, acknowledged) >= 1",
    ),
    Mutant(
        "who has it is paged with the others",
        "climbing.py",
        "answered = {*escalation.declined, *escalation.acknowledged}",
        "answered = {*escalation.declined}",
    ),
    Mutant(
        "working hours are no reason to wait",
        "climbing.py",
        "opening = opens(escalation.policy.only, now, reach.holidays)",
        "opening = None",
    ),
    Mutant("who could be called is not", "stages/reconsider.py", "    TicketMoved: follow,\n", ""),
    Mutant(
        "what moves drags others along",
        "stages/track.py",
        "            part(draft, ticket, signal)\n",
        "            draft.put(replace(ticket, service=signal.service, cause=signal.cause))\n",
    ),
    Mutant("a missed target wakes nobody", "stages/escalate.py", "    TargetMissed: widen,\n", ""),
    Mutant(
        "urgent by hand is the policy's business alone",
        "stages/escalate.py",
        "        mobilise(draft, event.ticket, event.by)\n",
        "        pass\n",
    ),
    Mutant(
        "a catastrophe calls nobody for what is open",
        "stages/escalate.py",
        "    CatastropheDeclared: call_everybody,\n",
        "",
    ),
    Mutant(
        "what a person sends up stays where it is",
        "stages/escalate.py",
        "    TicketEscalated: send_to_next_tier,\n",
        "",
    ),
    Mutant(
        "who has answered is called in again",
        "governing.py",
        "CALLED_LASTS, EACH),), remembers=True)",
        "CALLED_LASTS, EACH),), remembers=False)",
    ),
    Mutant("pages outlive the answer", "stages/page.py", "    TicketAcknowledged: tell_answered,\n", ""),
    Mutant("pages outlive the ticket", "stages/page.py", "    TicketResolved: tell_over,\n", ""),
    Mutant(
        "a refused page is retried after the answer",
        "stages/settle.py",
        "if not wanted(draft, before):",
        "if False:",
    ),
    Mutant(
        "an interrupted page is lost",
        "delivery.py",
        "waiting = replace(delivery, state=DeliveryState.PENDING, due=now, ambiguous=ambiguous)",
        "waiting = replace(delivery, due=now, ambiguous=ambiguous)",
    ),
    Mutant(
        "a ticket ends with its first signal's holder still asked",
        "stages/escalate.py",
        "    TicketResolved: stop,\n",
        "",
    ),
    Mutant(
        "a lapse leaves the ticket acknowledged",
        "stages/escalate.py",
        "ticket = reopened_for_others(ticket)",
        "pass",
    ),
    Mutant(
        "operational during an outage",
        "statuspage.py",
        "felt = dict.fromkeys(service.components, service.public.effect)",
        "felt = dict.fromkeys((), service.public.effect)",
    ),
    Mutant(
        "the story ends while it burns",
        "stages/publish.py",
        "if any(felt_signals(draft, service)):",
        "if False:",
    ),
    Mutant(
        "a removed reason never heals",
        "stages/publish.py",
        "if verdict.action is Action.CLEAR or",
        "if False or",
    ),
    Mutant(
        "a page is sent twice",
        "delivery.py",
        "done = replace(delivery, state=DeliveryState.SENT, due=None",
        "done = replace(delivery, state=DeliveryState.PENDING, due=delivery.date",
    ),
    Mutant(
        "a lone clear raises",
        "report.py",
        "return never_raised(report) if over else begun(report, now)",
        "return begun(report, now)",
    ),
    Mutant("what is not refreshed stays", "stages/listen.py", "    SignalDue: expire,\n", ""),
    Mutant("what gets worse is no news", "stages/track.py", "    SignalWorsened: follow_worse,\n", ""),
    Mutant(
        "a group ends with its first clear",
        "stages/track.py",
        "        if left.signals:\n",
        "        if 0:\n",
    ),
    Mutant(
        "a run may last for ever",
        "beating.py",
        "deadlines = [run_by(each, pulse, heartbeat) for each in pulse.runs]",
        "deadlines: list[Instant] = []",
    ),
    Mutant("a late ping is down at once", "beating.py", "pulse.expected + grace +", "pulse.expected +"),
    Mutant("deafness is others' fault", "stages/listen.py", "    Deaf: make_allowance,\n", ""),
    Mutant(
        "a silence outlives its end",
        "stages/judge.py",
        "    SilenceEnded: judge_no_longer_silenced,\n",
        "",
    ),
    Mutant("a silence holds nothing", "stages/judge.py", "silences=silences(draft, signal),", "silences=(),"),
    Mutant(
        "what was said once comes back for ever",
        "stages/judge.py",
        "if signal.not_said_again:",
        "if False:",
    ),
    Mutant("what sleeps is asked at once", "stages/escalate.py", "    TicketSnoozed: put_to_sleep,\n", ""),
    Mutant("who comes is paged on", "stages/page.py", "    PersonJoined: tell_coming,\n", ""),
    Mutant("a raised priority is nobody's", "stages/escalate.py", "    PriorityRaised: start_higher,\n", ""),
    Mutant(
        "who is called drives others out",
        "holding.py",
        "circle=tuple(dict.fromkeys((*escalation.circle, *people))),",
        "circle=people,",
    ),
    Mutant(
        "a webhook hears things in any order",
        "stages/inform.py",
        "due=draft.now if first",
        "due=draft.now if 1",
    ),
    Mutant(
        "a webhook hears the first thing only", "stages/inform.py", "    DeliverySent: take_notice,\n", ""
    ),
    Mutant("one ticket for everything", "course.py", "cause=signal.cause,", "cause=signal.service[:1],"),
)


def planted(mutant: Mutant, folder: Path) -> Path:
    """A copy of the sources with the mistake in it."""
    shutil.copytree(ROOT / "monitord", folder / "monitord", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "monitord/core" / mutant.file
    text = path.read_text()
    assert text.count(mutant.right) >= 1, f"{mutant.name}: {mutant.file} no longer says {mutant.right!r}"
    path.write_text(text.replace(mutant.right, mutant.wrong, 1))
    return folder


def caught(mutant: Mutant, seeds: int = SEEDS) -> str:
    """What the simulation said when it noticed; empty if it did not."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.sim", "1", str(seeds), DAYS]
        try:
            played = subprocess.run(
                command,
                check=False,
                cwd=planted(mutant, Path(folder)),
                capture_output=True,
                text=True,
                timeout=LONGEST,
            )
        except subprocess.TimeoutExpired:
            return "the week never ended"
    return played.stderr.strip().splitlines()[-1] if played.returncode else ""


def hunt() -> Iterator[tuple[Mutant, str]]:
    for mutant in MUTANTS:
        yield mutant, caught(mutant)


def main() -> None:
    alive = 0
    for mutant, said in hunt():
        alive += not said
        print(f"{'ALIVE ' if not said else 'caught'}  {mutant.name}: {said[:120]}", flush=True)
    sys.exit(bool(alive))


if __name__ == "__main__":
    main()
