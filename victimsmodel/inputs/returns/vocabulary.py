"""The words of the field: which stage a label may mean, and what it counts.

Providers, commissioners and the Ministry of Justice name the same step differently. Each rule is a pattern of
words and how firmly it points to a stage, from 0 to 1; a stage has its firmest rule. The figures are a
judgement (assumption), tested on labels of published reports.
"""

from __future__ import annotations

import re
from typing import Literal

Unit = Literal["case", "victim", "contact", "unstated"]

#: No step of the pathway: what it is instead.
_ELSE = (
    (r"%|percent|proportion|\brates?\b|\bratio\b|\bshare\b|conversion", "a percentage or rate, not a count"),
    (r"\bper (?!cent)\w+|average|\bmean\b|median|per head", "an average, not a count"),
    (r"£|gbp|\bcosts?\b|spend|budget|funding|salar|grant|invoice", "money"),
    (r"\bfte\b|staff|volunteer|caseworkers?\b|vacanc|sickness|headcount|officers?\b", "about staff"),
    (r"target|forecast|\bplan(?:ned)? (?:volume|number)|trajectory|profile", "a target, not a count"),
    (
        r"variance|difference|change (?:on|from|since)|\brag\b|trend|previous|last (?:year|quarter)|\+/-",
        "a comparison",
    ),
    (r"complain|complim|satisf|feedback|survey|questionnaire|respondent", "about feedback"),
    (r"\bdays?\b|\bhours?\b|minutes|\bwithin \d|waiting time|response time|timel", "about time"),
    (
        r"training|trained|event|meetings? attended|website|social media|leaflet|awareness"
        r"|page views|visits to",
        "other work",
    ),
    (r"perpetrator|offender|suspect|witness(?:es)? (?!and victim)", "not about victims"),
)

#: Pattern, stage, firmness. Later steps and reasons for leaving are written so as to win over the bare noun.
_WORDS = (
    (r"transferred (?:from|by) (?:the )?police|cases loaded|loaded (?:from|by)", "referred", 0.8),
    (r"tried to \w+|first contact attempts?", "attempted", 0.9),
    (r"\b(?:telephoned|phoned|called|rung|texted|written to)\b", "attempted", 0.5),
    (r"got through|established contact|contact established", "contacted", 0.9),
    (r"needs? (?:analysis|review)", "assessed", 0.8),
    (r"said yes|opted for|opted into support", "accepted", 0.8),
    (r"(?:getting|gets|were given) help", "supported", 0.8),
    (r"(?:finish|complet)\w* (?:\w+ ){0,2}(?:support|plan)|plan complet\w*", "completed", 0.9),
    (
        r"victims? of (?:recorded |all )?crime|recorded (?:crimes?|victims?|offences)|"
        r"crimes? recorded|crime victims|police recorded", "victims",
        0.85,
    ),
    (r"^(?:all |total |known |identified )?victims(?: total)?$", "victims", 0.5),
    (
        r"estimated (?:victims )?(?:in )?need|victims? (?:in|with) need of|in need$|"
        r"in need of support", "in_need",
        0.8,
    ),
    (
        r"referrals? received|received referrals?|new referrals?|referrals? in\b|incoming|"
        r"\bintake\b|inbound", "referred",
        0.95,
    ),
    (
        r"referred (?:in|to (?:us|the service|service|vs|victim support|victim care|hub|the hub|"
        r"car))\b|referred by", "referred",
        0.95,
    ),
    (
        r"\badt\b|automat\w* (?:data )?(?:transfer|referral)|data transfer|self referr\w+|"
        r"agency referr\w+|police referr\w+", "referred",
        0.9,
    ),
    (r"^(?:\w+ ){0,2}referrals?(?: \w+)?$|^referred$|\breferrals\b", "referred", 0.85),
    (
        r"(?:victims|people|clients|cases|individuals) referred|referred (?:victims|cases|clients|"
        r"people)", "referred",
        0.9,
    ),
    (
        r"(?:cases|victims|contacts|notifications) received|received$|new cases|"
        r"came (?:through )?(?:in)?to|new (?:victims|clients)|notifications|cases? created|"
        r"sent (?:over )?by (?:the )?police", "referred",
        0.8,
    ),
    (r"\ballocat|opened|triage|screened", "referred", 0.4),
    (
        r"contacts? attempted|attempted (?:to )?contact|attempts? to contact|tried to (?:contact|"
        r"reach)|attempted", "attempted",
        0.95,
    ),
    (
        r"contact attempts?|attempts? (?:made|at contact)|call attempts|\battempts\b|outbound|"
        r"outgoing|dialled|letters? sent|texts? sent|sms sent|emails? sent|"
        r"calls? made", "attempted",
        0.85,
    ),
    (
        r"success\w* (?:\w+ )?contact\w*|contact\w* success\w*|contact (?:was )?(?:made|achieved|"
        r"established)|made contact|two way contact|effective contact", "contacted",
        0.95,
    ),
    (
        r"\bcontacted\b|spoken (?:to|with)|spoke (?:to|with)|\breached\b|live contact|"
        r"conversation", "contacted",
        0.9,
    ),
    (r"\bengag(?:ed|ing|ement)\b|responded|answered|replied", "contacted", 0.75),
    (r"initial contact|first contact|contacts? with victim|^(?:total )?contacts?$", "contacted", 0.6),
    (r"offered (?:support|service)|support offer(?:ed)?|offers? of support", "contacted", 0.45),
    (r"consent\w*|opted? in|permission|gdpr agree", "consented", 0.9),
    (
        r"needs? assess\w*|assess\w* of needs?|assessments? (?:completed|undertaken|done|"
        r"carried out|made)|assessed|completed assessments?|\bnas?\b|\bina\b", "assessed",
        0.95,
    ),
    (r"\bassessments?\b", "assessed", 0.8),
    (
        r"assessments? (?:offered|booked|due|pending|requested)|offered (?:an |"
        r"a )?(?:needs )?assessment", "assessed",
        0.35,
    ),
    (
        r"needs? (?:were )?(?:identified|recognised|found)|(?:identified|recognised|unmet|with|"
        r"have|had|having) (?:\w+ ){0,2}needs?\b|support needs", "need_recognised",
        0.8,
    ),
    (
        r"accept\w* (?:of )?(?:an |the )?(?:offer of )?(?:support|service|help|offer)|(?:support|"
        r"service|offer|help) (?:was )?accept\w*|agreed (?:to )?(?:\w+ )?support|took up|taken up|"
        r"take up|wanted support|want(?:ing)? support|requested support|"
        r"support requested", "accepted",
        0.9,
    ),
    (r"\baccepted\b|uptake", "accepted", 0.7),
    (
        r"referrals? accepted|accepted referrals?|accepted (?:in|on)to|eligible|"
        r"valid referrals?", "accepted",
        0.4,
    ),
    (
        r"(?:receiv\w*|provided with|given|got|offered and received) (?:\w+ ){0,4}(?:support|help|"
        r"service)|support\w* (?:provided|given|received|delivered)|"
        r"provided (?:\w+ ){0,3}support", "supported",
        0.9,
    ),
    (
        r"\bsupported\b|in receipt of|in depth|ongoing support|support plans?|casework|"
        r"case managed|(?:enhanced|practical|emotional|tailored|immediate|one to one|1 to 1|"
        r"1 1) support|helped|advocacy", "supported",
        0.9,
    ),
    (
        r"^(?:\w+ )?support$|services? (?:received|delivered)|started support|support started|"
        r"interventions?", "supported",
        0.7,
    ),
    (
        r"onward|referred on|referred (?:out|to (?:specialist|other|partner|another|external))|"
        r"signpost\w*|specialist", "supported",
        0.5,
    ),
    (
        r"planned (?:closure|exit|ending)|closed as planned|completed (?:support|service|programme"
        r"|plan)|support (?:plan )?(?:was )?(?:completed|ended|finished)|"
        r"complet\w* (?:of )?support|cases? completed|goals? met", "completed",
        0.9,
    ),
    (r"^completed$|\bcompletions?\b", "completed", 0.75),
    (r"\bclosed\b|closures?|cases? ended|exited|discharged|\bexits?\b", "completed", 0.5),
    (
        r"improv\w+|positive outcomes?|outcomes? (?:achieved|improved)|feel\w* safer|"
        r"recovered", "improved",
        0.75,
    ),
    (
        r"cope|better able|well ?being|informed and empowered|increased (?:feelings of )?safety",
        "improved",
        0.6,
    ),
    # Reasons for leaving: a word that denies wins over the step that it denies.
    (
        r"exclu\w+|out of scope|ineligible|not eligible|outside (?:the )?(?:criteria|remit|scope)|"
        r"inappropriate referral|reject\w+|duplicate|did not meet (?:the )?criteria", "excluded",
        0.96,
    ),
    (
        r"unsafe|not safe|safety concern|(?:sent|referred|fed) back to (?:the )?(?:police|"
        r"referrer)|suspended", "unsafe",
        0.94,
    ),
    (
        r"(?:no|in(?:sufficient|correct|valid|complete|accurate)|wrong|missing|bad|poor|"
        r"without) (?:\w+ ){0,2}(?:details?|numbers?|telephone|phone|address(?:es)?|information)|"
        r"uncontactable details", "no_details",
        0.97,
    ),
    (
        r"(?:left|withdrew|dropped out|gave up|declined) (?:while|whilst|before|on) (?:waiting|"
        r"contact|wait\w*|first contact)", "reneged",
        0.97,
    ),
    (
        r"(?:contacts?|calls?|attempts?) not (?:\w+ )?success\w*|un(?:able|"
        r"successful\w*) (?:to )?(?:\w+ ){0,2}(?:contact\w*|reach\w*|attempt\w*)|"
        r"unsuccess\w+|uncontactable|unreach\w+|not (?:been )?(?:contacted|reached)|(?:no|failed|"
        r"non) (?:\w+ )?(?:contact(?! details| number| info)|response|reply|answer|engagement)"
        r"|contact (?:failed|not made|"
        r"unsuccess\w+)|could not (?:be )?(?:contact|reach)\w*|did not (?:respond|reply|answer|"
        r"engage)|not (?:respond|engag)\w+|exhausted", "unreachable",
        0.97,
    ),
    (
        r"declin\w+|refus\w+|(?:did not|didn t|do not|don t|does not) (?:want|wish|consent|"
        r"accept|require)|(?:no|"
        r"without|withheld|withdrawn) consent|not consent\w*|not accepted|opted? out|(?:no|"
        r"not) (?:\w+ )?(?:support |help )?(?:wanted|required)|turned down|not want\w*|"
        r"not interested", "declined",
        0.97,
    ),
    (
        r"did not attend|\bdna\b|failed to attend|not attend\w*|missed (?:appointments?|"
        r"assessments?)|no show", "not_attended",
        0.97,
    ),
    (r"need(?:s)? (?:was |were )?(?:missed|overlooked)|not recognised", "need_missed", 0.9),
    (
        r"withdrew|withdrawn|withdrawals?|dis ?engag\w+|dropp?ed out|dropouts?|unplanned|"
        r"left early|ended early", "withdrew",
        0.94,
    ),
    (
        r"no (?:\w+ ){0,2}needs?\b|not in need|no (?:further )?(?:action|support) (?:needed|"
        r"necessary)|needs? not identified|without needs?", "not_in_need",
        0.97,
    ),
    (
        r"\bopen\b|active|caseload|ongoing(?! support)|carried (?:forward|over)|in progress|still|"
        r"live cases|outstanding|backlog|awaiting|pending|at (?:the )?end of (?:the )?(?:quarter|"
        r"period)", "open",
        0.92,
    ),
)  # fmt: skip
RULES = tuple((re.compile(pattern), stage, firmness) for pattern, stage, firmness in _WORDS)
ELSEWHERE = tuple((re.compile(pattern), what) for pattern, what in _ELSE)
LEAVING = frozenset(rule[1] for rule in _WORDS[[r[1] for r in _WORDS].index("excluded") :])
#: Of two steps a label names, this one is meant: "needs assessments completed" counts assessments.
MEANT = {
    frozenset(pair): meant
    for pair, meant in (
        (("assessed", "completed"), "assessed"),
        (("assessed", "need_recognised"), "assessed"),
        (("accepted", "supported"), "accepted"),
        (("completed", "supported"), "completed"),
        (("attempted", "contacted"), "attempted"),
        (("consented", "assessed"), "consented"),
        (("declined", "withdrew"), "declined"),
        (("improved", "supported"), "improved"),
        (("improved", "completed"), "improved"),
    )
}
_UNIT_WORDS: tuple[tuple[str, Unit], ...] = (
    (
        r"\battempts\b|\bcalls?\b|letters?\b|texts? sent|\bsms\b|emails?|sessions?\b|contacts\b|"
        r"interventions|activit|\bactions\b|signpost\w*s\b",
        "contact",
    ),
    (
        r"victims?\b|people|persons?\b|individuals?|clients?\b|survivors?|service users?|adults?\b"
        r"|young people|children|unique|beneficiar",
        "victim",
    ),
    # a referral or an assessment may be of a victim or of a case: the provider is asked
    (r"\bcases?\b|\bcrimes?\b|\bincidents?\b|\boffences\b", "case"),
)  # fmt: skip
UNITS = tuple((re.compile(pattern), unit) for pattern, unit in _UNIT_WORDS)
CUMULATIVE = re.compile(r"\bytd\b|year to date|cumulative|to date|running total")
NOISE = re.compile(
    r"\b(?:number|no|nos|num|count|counts|total|totals|volume|of|the|who|were|was|have|has"
    r"|been|which|that|and/or|n)\b"
)
