"""Published figures of the West Midlands that more than one test compares with."""

#: April 2017 to March 2018, Home Office table by police force area: offences against people by crime type.
MIX_2017_18 = {
    "violence": 57778,
    "sexual_offences": 6585,
    "robbery": 6553,
    "domestic_burglary": 20918,
    "vehicle_and_other_theft": 66646,
    "criminal_damage": 26187,
    "public_order_and_hate": 11581,
}
