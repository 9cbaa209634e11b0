"""What the report leaves out, what it assumes and how it was made."""

from __future__ import annotations

from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, say
from victimsmodel.reporting.content.evidence import INTERVAL, Evidence
from victimsmodel.reporting.content.exhibits import Shown, exhibits
from victimsmodel.reporting.content.methods import EVERY_MEASURE
from victimsmodel.reporting.content.model import (
    Block,
    Bullets,
    Facts,
    Heading,
    Inline,
    Link,
    Paragraph,
    Section,
    Text,
)
from victimsmodel.reporting.content.scale import FEW, SCALE_ADDRESS, SCALE_SOURCE, draws_needed
from victimsmodel.reporting.content.tabulated import Col, long_table

#: What the model leaves out, and how its numbers may not be read.
LIMITS = (
    "The capacity and the costs of specialist services are not modelled unless the scenario states them: a "
    "referral on to them counts as support.",
    "The time of police officers who assess needs, flag victims or ask for consent at the report is in no "
    "cost to "
    "the grant. Where the scenario states it, it is in the full cost.",
    "Every year of a contract repeats the demand of the evaluated one.",
    "Costs per victim and shares are the average cost or number over the average number of victims, as they "
    "are printed side by side; their intervals are those of the draws’ own ratios.",
    "Effects on re-offending, on repeat victimisation and on the criminal justice process are not modelled.",
    "Handling times of calls, assessments and casework are assumptions; no published durations were found.",
    "The share of improvement that is owed to support is an assumption; no study was found that measures it.",
    "Attrition is one less the share of referred victims who are supported. An option that refers fewer "
    "victims "
    "can lower it without supporting more of them: read it together with coverage.",
    "Intervals cover the uncertainty of the inputs as it is stated. They do not cover what the structure of "
    "the "
    "model leaves out or gets wrong.",
    "Victims who never reported the crime are in the evaluated demand only where the scenario adds them.",
)
#: Words that have one meaning throughout.
MEANINGS = (
    ("Victim in need", "A victim who needs support that was not given at the first report."),
    ("Supported", "Support has begun: practical help, casework, or a specialist service."),
    ("Coverage", "Supported victims in need, of all victims in need, referred or not."),
    ("Attrition", "The share of referred victims who are not supported, for whatever reason."),
    ("Cost to the grant", "What the commissioner’s grant pays for: staff, calls, goods, fixed costs."),
    ("Full cost", "The cost to the grant and what others bear, such as the time of police officers."),
    (
        "Best buy",
        "The option with the most net benefit: victims in need supported, times what one is worth, less "
        "cost.",
    ),
    ("Draw", "One set of values for all uncertain inputs, taken from their stated ranges."),
)


#: Said where the scenario states ``allow_growth``.
_GROWTH = (
    "The scenario lets queues that nobody leaves grow (allow_growth). Where more work comes than staff can "
    "do, waits and backlogs depend on the length of the period and settle at no level."
)


def limits(e: Evidence) -> Section:
    """Return the section on limits."""
    texts = (*LIMITS, _GROWTH) if e.scenario.allow_growth else LIMITS
    return Section("limits", "Limits", "Limits", (Bullets(tuple((text,) for text in texts)),))


AGREEMENT = (
    Claim(
        "engines_agree",
        "With unlimited staff and every input at its middle value, the number of persons at every stage and "
        "end of "
        "the pathway was computed twice: by simulation, and exactly by a second method. Over {n} comparisons "
        "the "
        "largest difference is {z} standard errors; the largest of so many is expected between three and "
        "four by "
        "chance alone, now and then more. Beyond {limit} the run would have been refused.",
        lambda e: {
            "n": e.run("agreement.n", "exact"),
            "z": e.run("agreement.largest_z", "decimal1"),
            "limit": e.run("agreement.limit", "count"),
        },
        lambda e: "agreement" in e.manifest,
        of_nobody=True,
    ),
)
#: Words of the scale, and the probability from which each is used; those for the unlikely mirror them.
_LIKELY = (
    ("Almost certain", 0.99, "at least 99%"),
    ("Very likely", 0.90, "at least 90%"),
    ("Likely", words.LIKELY, "at least 66%"),
)
_UNLIKELY = (
    ("Unlikely", words.LIKELY, "at most 33%"),
    ("Very unlikely", 0.90, "at most 10%"),
    ("Extremely unlikely", 0.99, "at most 1%"),
)


def _scale(e: Evidence) -> Facts:
    """Return the scale, and for few draws of how many of them something must hold to be given a word."""
    n = e.n_draws
    facts: list[tuple[str, Text]] = []
    for word, least, limit in _LIKELY:
        k = draws_needed(least, n)
        facts.append((word, (f"{limit}{_in_this_run(_at_least(k, n), n)}",)))
    facts.append(("About as likely as not", ("between 33% and 66%, or too few draws to say more",)))
    for word, least, limit in _UNLIKELY:
        k = draws_needed(least, n)
        facts.append((word, (f"{limit}{_in_this_run(_at_most(n - k, n) if k else '', n)}",)))
    return Facts(tuple(facts))


def _at_least(k: int, n: int) -> str:
    return "" if not k else f"all {n} draws" if k == n else f"at least {k} of {n} draws"


def _at_most(k: int, n: int) -> str:
    return f"at most {k} of {n} draws" if k else f"none of {n} draws"


def _in_this_run(needed: str, n_draws: int) -> str:
    if not 0 < n_draws < FEW:
        return ""
    return f"; in this run {needed or 'never, for want of draws'}"


_RULES = Shown(
    "rules_table",
    "The rules of the appraisal, with what is verified",
    lambda e: long_table(
        e,
        "rules_table",
        "rule",
        [Col("Value", "value", "text"), Col("Unit", "unit", "text"), Col("Status", "status", "text")],
        head="Rule",
    ),
    is_simulated=False,
    is_folded=True,
)
_NOTEBOOKS = (
    ("demand", "1_demand"),
    ("attrition", "2_attrition"),
    ("contact methods", "3_contact_methods"),
    ("capacity", "4_capacity"),
    ("value for money", "5_value_for_money"),
    ("evaluation", "6_evaluation"),
)


def _run_facts(e: Evidence) -> Facts:
    items: tuple[tuple[str, Text], ...] = (
        ("Run", (e.run("run_id"),)),
        ("Scenario", (e.stated("title"),)),
        ("Draws of the inputs", (e.run("n_draws", "count"),)),
        ("Simulated years in each draw", (e.run("n_replications", "count"),)),
        ("Seed", (e.run("seed"),)),
        ("Version of the model", (e.run("version"),)),
    )
    return Facts(items)


def method(e: Evidence) -> Section:
    """Return the section on how the numbers were made and how to read them."""
    books: list[Inline] = []
    for title, name in _NOTEBOOKS:
        books += [", " if books else "", Link((title,), f"notebooks/{name}.ipynb")]
    how = (
        "A scenario file states demand, staff, contact methods, chances and costs, each uncertain number "
        "with its "
        "range and source. Every year is simulated victim by victim: referral, attempts at contact, consent, "
        "assessment, support, with the staff in post. In every simulated year each referral was in exactly "
        "one "
        "place: lost for one stated reason, without need, completed, or still open; a run in which a victim "
        "is "
        "lost or counted twice is refused."
    )
    two = (
        f"Two kinds of uncertainty are kept apart. The {INTERVAL} of the mean says what we believe about the "
        f"average "
        "year, given what is known about the inputs. The range of single years says how much one year "
        "differs "
        "from the next by chance, if the inputs were known."
    )
    scale: Text = (
        "Probabilities are shares of draws of the inputs, put into words on a fixed scale. Its limits are "
        "those of ",
        Link((SCALE_SOURCE,), SCALE_ADDRESS),
        ". With few draws a share could easily have come out otherwise. Before a word is chosen, the share "
        "is taken to be nearer to a half, by as much as chance may have moved it (its standard error): the "
        "fewer the draws, the more of them must agree. Every sentence with a figure or a judgement is tied "
        "to cells of the tables and to a condition; where the condition fails, the sentence is not printed.",
    )
    blocks: tuple[Block, ...] = (
        Paragraph((how,)),
        Paragraph(say(AGREEMENT, e)),
        Paragraph((two,)),
        Heading("Words for probabilities"),
        Paragraph(scale),
        _scale(e),
        Heading("Words used"),
        Facts(tuple((title, (text,)) for title, text in MEANINGS)),
        *exhibits(e, [EVERY_MEASURE, _RULES]),
        Heading("This run"),
        _run_facts(e),
        Paragraph(
            (
                "Beside this report stand the notebooks that made it: ",
                *books,
                "; tables and figures as files.",
            ),
            "note",
        ),
    )
    return Section(
        "method", "Method", "Method", tuple(b for b in blocks if not isinstance(b, Paragraph) or b.text)
    )
