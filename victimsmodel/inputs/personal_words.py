"""Words that give personal data away: headings, given and family names, streets, postcode areas."""

from __future__ import annotations

from pathlib import Path

#: Headings by the kind of personal data below them: whole words in this order, anything around them.
HEADINGS: dict[str, tuple[str, ...]] = {
    "a name": (
        *("forename", "surname", "first name", "last name", "middle name", "full name", "given name"),
        *("family name", "known as", "maiden name", "alias", "initials", "victim name", "client name"),
        *("customer name", "caller name", "officer name", "staff name", "worker name", "contact name"),
        *(
            "person name",
            "user name",
            "names",
            "vict nm",
            "username",
            "caseworker",
            "called by",
            "spoke to",
            "next of kin",
        ),
    ),
    "a postcode": ("postcode", "post code", "postal code", "post cd", "pcode", "zip", "zipcode"),
    "a phone number": (
        *(
            "phone number",
            "phone no",
            "telephone",
            "mobile",
            "mob",
            "mobile number",
            "tel no",
            "tel number",
            "tel",
        ),
        *("contact number", "contact no", "number dialled", "number called", "landline", "msisdn"),
    ),
    "an e-mail address": ("email address", "e mail address", "mail address"),
    "a date of birth": (
        "date of birth",
        "birth date",
        "birthdate",
        "birthday",
        "year of birth",
        "birth year",
        "yob",
        "dob",
        "d o b",
        "born",
    ),
    "an NHS number": ("nhs number", "nhs no", "nhs num", "nhs id"),
    "a National Insurance number": ("ni number", "ni no", "nino", "national insurance"),
    "an address": (
        *("address", "addr", "address line", "street", "house number", "house name", "flat number", "uprn"),
        *("latitude", "longitude", "easting", "northing", "what3words"),
    ),
    "free text": (
        *("notes", "note", "comment", "comments", "free text", "freetext", "narrative", "description"),
        *("remarks", "details", "case details", "summary", "log entry", "message text", "transcript"),
    ),
}
#: Headings that are personal only when nothing else stands in them.
WHOLE_HEADINGS: dict[str, str] = {
    "name": "a name",
    "nhs": "an NHS number",
    "phone": "a phone number",
    "email": "an e-mail address",
    "e mail": "an e-mail address",
}
#: Words before "name" that make it the name of a thing.
THINGS = frozenset(
    (
        *("area", "authority", "borough", "category", "channel", "column", "council", "country", "county"),
        *("crime", "csp", "district", "geography", "la", "lad", "lsoa", "msoa", "partnership", "pfa"),
        *("file", "force", "group", "method", "offence", "office", "outcome", "provider"),
        *("label", "need", "needs", "priority", "reason", "region", "service", "sheet", "site", "source"),
        *("stage", "status", "team", "type", "ward"),
    )
)

TITLES = frozenset(("dr", "lady", "miss", "mr", "mrs", "ms", "mx", "prof", "rev", "sir"))

#: Given and family names that are common in England and Wales and hardly used as other words; a sample made
#: for this purpose, by no means complete: a column of names holds some of them.
NAMES = frozenset(Path(__file__).with_name("personal_names.txt").read_text(encoding="utf-8").split())

STREETS = (
    "street|st|road|rd|avenue|ave|lane|close|drive|way|court|crescent|gardens|grove|terrace|place|square|hill|"
    "walk|mews|parade|house|flats|park|row|view|green"
)

#: The letters that postcodes of the United Kingdom begin with.
POSTCODE_AREAS = (
    *("AB", "AL", "B", "BA", "BB", "BD", "BH", "BL", "BN", "BR", "BS", "BT", "CA", "CB"),
    *("CF", "CH", "CM", "CO", "CR", "CT", "CV", "CW", "DA", "DD", "DE", "DG", "DH", "DL"),
    *("DN", "DT", "DY", "E", "EC", "EH", "EN", "EX", "FK", "FY", "G", "GL", "GU", "GY"),
    *("HA", "HD", "HG", "HP", "HR", "HS", "HU", "HX", "IG", "IM", "IP", "IV", "JE", "KA"),
    *("KT", "KW", "KY", "L", "LA", "LD", "LE", "LL", "LN", "LS", "LU", "M", "ME", "MK"),
    *("ML", "N", "NE", "NG", "NN", "NP", "NR", "NW", "OL", "OX", "PA", "PE", "PH", "PL"),
    *("PO", "PR", "RG", "RH", "RM", "S", "SA", "SE", "SG", "SK", "SL", "SM", "SN", "SO"),
    *("SP", "SR", "SS", "ST", "SW", "SY", "TA", "TD", "TF", "TN", "TQ", "TR", "TS", "TW"),
    *("UB", "W", "WA", "WC", "WD", "WF", "WN", "WR", "WS", "WV", "YO", "ZE"),
)
