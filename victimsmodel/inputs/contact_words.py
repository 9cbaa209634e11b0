"""Columns of a contact log and the words in them, with the variants that services use."""

from __future__ import annotations

from typing import Literal

from victimsmodel.inputs.downloads.layouts import Column, Layout
from victimsmodel.inputs.service import Channel

Outcome = Literal["reached", "not_reached", "wrong_details"]
OUTCOMES: tuple[Outcome, ...] = ("not_reached", "reached", "wrong_details")

CONTACT_LOG = Layout(
    "a contact log, one row an attempt",
    (
        Column(
            "victim",
            "victim_id",
            (
                *("victim ref", "victim reference", "case id", "case ref", "case reference", "case number"),
                *(
                    "case",
                    "id",
                    "ref",
                    "reference",
                    "referral id",
                    "client id",
                    "pseudonym",
                    "urn",
                    "victim no",
                ),
            ),
        ),
        Column(
            "group", "group", ("victim group", "priority", "category", "crime type", "offence type"), False
        ),
        Column(
            "channel",
            "channel",
            ("contact channel", "method", "contact method", "attempt type", "contact type"),
        ),
        Column(
            "date",
            "date",
            (
                "attempt date",
                "date of attempt",
                "contact date",
                "date time",
                "datetime",
                "attempted at",
                "timestamp",
            ),
        ),
        Column("time", "time", ("attempt time", "time of attempt", "contact time", "time of day"), False),
        Column("outcome", "outcome", ("result", "attempt outcome", "contact outcome", "status")),
        Column(
            "crime_date",
            "crime_date",
            ("date of crime", "offence date", "incident date", "date of offence"),
            False,
        ),
        Column("referral_date", "referral_date", ("date of referral", "referred", "date referred"), False),
        Column(
            "minutes",
            "minutes",
            ("duration", "staff minutes", "mins", "minutes taken", "call minutes"),
            False,
        ),
        Column(
            "reply_date", "reply_date", ("date of reply", "replied", "date replied", "response date"), False
        ),
        Column("consent", "consent", ("consented", "consent given", "consents"), False),
        Column("accepted", "accepted", ("support accepted", "accepts", "accepted support"), False),
    ),
)

CHANNEL_WORDS: dict[str, Channel] = {
    **dict.fromkeys(("phone", "call", "telephone", "phone call", "mobile", "voice", "tel"), "phone"),
    **dict.fromkeys(("text", "sms", "text message", "txt", "whatsapp"), "text"),
    **dict.fromkeys(("letter", "post", "mail", "postal"), "letter"),
    **dict.fromkeys(("email", "e mail", "electronic mail"), "email"),
    **dict.fromkeys(("visit", "home visit", "face to face", "in person"), "visit"),
}

OUTCOME_WORDS: dict[str, Outcome] = {
    **dict.fromkeys(
        (
            *(
                "reached",
                "contacted",
                "contact made",
                "spoke",
                "spoken to",
                "answered",
                "success",
                "successful",
            ),
            *("yes", "y", "1", "replied", "reply", "responded", "reply received", "engaged with service"),
        ),
        "reached",
    ),
    **dict.fromkeys(
        (
            *(
                "not reached",
                "no answer",
                "no reply",
                "no response",
                "voicemail",
                "left voicemail",
                "unsuccessful",
            ),
            *(
                "not contacted",
                "no contact",
                "busy",
                "line busy",
                "engaged",
                "no",
                "n",
                "0",
                "sent",
                "message left",
            ),
            *("left message", "awaiting reply", "hung up", "not in", "out"),
        ),
        "not_reached",
    ),
    **dict.fromkeys(
        (
            *(
                "wrong details",
                "wrong number",
                "number not recognised",
                "invalid number",
                "dead line",
                "bounced",
            ),
            *("undelivered", "not delivered", "returned", "return to sender", "wrong address", "no details"),
        ),
        "wrong_details",
    ),
}

ANSWERS: dict[str, bool] = {
    **dict.fromkeys(("yes", "y", "true", "1", "given", "consented", "accepted", "agreed"), True),
    **dict.fromkeys(("no", "n", "false", "0", "refused", "declined", "withheld", "not given"), False),
}
