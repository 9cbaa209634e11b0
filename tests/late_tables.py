"""Tables that only thorough runs make: rows of a full run of the West Midlands, to be shown."""

import io

import pandas as pd

_TABLES = {
    "hold_out": """
observation,is_share,kind,observed,low,median,high,is_within,covered,standard_error,n_returns,trials,n_others
"supported of referred, 2017/18",True,published,0.115,0.0683,0.098,0.1326,True,,,,,0.0
"supported of referred, 2017/18",True,next_quarter,,0.0903,0.1112,0.1356,,,,,37468.0,
"supported of referred, 2017/18",True,after_four_quarters,,0.0933,0.1105,0.1294,,0.87,0.0095,1000.0,37468.0,
""",
    "waterfall": """
option,measure,unit,kind,part,value,low,high,standard_error,least,most,n_draws
phone_first,supported_in_need,victims,start,business_as_usual,8473.65,6000.55,10286.15,326.0637,,,20
phone_first,supported_in_need,victims,part,methods_enhanced,194.825,-34.8,978.425,77.2883,191.75,197.9,20
phone_first,supported_in_need,victims,part,methods_standard,185.325,38.725,469.6,33.9143,182.25,188.4,20
phone_first,supported_in_need,victims,end,phone_first,8853.8,6424.5,10707.95,323.7072,,,20
consent_at_report,supported_in_need,victims,start,business_as_usual,8473.65,6000.55,10286.15,326.0637,,,20
consent_at_report,supported_in_need,victims,part,referral,1216.2492,-1731.2233,3699.3167,441.8321,-147.7,2480.7,20
consent_at_report,supported_in_need,victims,part,screening,122.5825,-19.0658,344.57,27.297,-89.05,361.3,20
consent_at_report,supported_in_need,victims,part,channels,647.5367,159.8742,1450.2175,111.3008,264.9,1103.6,20
consent_at_report,supported_in_need,victims,part,methods_enhanced,239.8325,35.5592,758.6975,54.9016,48.5,507.1,20
consent_at_report,supported_in_need,victims,part,methods_standard,895.5992,162.6492,1719.6733,120.8143,182.25,1833.8,20
consent_at_report,supported_in_need,victims,end,consent_at_report,11595.45,8348.65,15975.4,525.9865,,,20
""",
    "plan_curve": """
situation,factor,fte,standard,probability,standard_error,option
average,0.8,33.5,enhanced first_attempt 2 working days 90%,0.425,0.0553,business_as_usual
average,0.8,33.5,enhanced contact 5 working days 90%,0.425,0.0553,business_as_usual
average,0.8,33.5,all support 15 working days 90%,0.825,0.0432,business_as_usual
average,0.8,33.5,all standards,0.3875,0.0545,business_as_usual
average,1.0,42.0,enhanced first_attempt 2 working days 90%,0.85,0.0408,business_as_usual
average,1.0,42.0,enhanced contact 5 working days 90%,0.85,0.0408,business_as_usual
average,1.0,42.0,all support 15 working days 90%,0.9125,0.0332,business_as_usual
average,1.0,42.0,all standards,0.8,0.0453,business_as_usual
average,1.2,50.5,enhanced first_attempt 2 working days 90%,0.9875,0.0172,business_as_usual
average,1.2,50.5,enhanced contact 5 working days 90%,0.9875,0.0172,business_as_usual
average,1.2,50.5,all support 15 working days 90%,0.975,0.021,business_as_usual
average,1.2,50.5,all standards,0.9625,0.0241,business_as_usual
""",
    "plan_staff": """
situation,role,title,fte,fte_now,cost_gbp,closed_form_fte,central_fte,option
average,contact_officer,Contact officers,27.5,20.0,866250.0,24.0,23.5,business_as_usual
average,caseworker,Caseworkers,6.5,4.0,224250.0,4.8,5.5,business_as_usual
average,volunteer,Volunteers,8.0,5.0,48000.0,5.0,5.5,business_as_usual
""",
    "plan_summary": """
situation,title,staff_cost_gbp,probability,standard_error,years,runs,correct_exactly,correct_within_indifference,rivals,option
average,an average year,1138500.0,0.8,0.0453,80,1368,0.046,0.7542,7,business_as_usual
""",
    "plan_frontier": """
grant_gbp,option,supported_in_need,standard_error,gain_per_10000,gain_error
569352.0,needs_flagged,7588.75,280.6176,102.6887,11.3627
877139.0,consent_at_report,10749.375,387.3285,108.1458,14.0115
948920.0,consent_at_report,11345.8281,323.7122,61.0419,5.6498
1184926.0,consent_at_report,12966.2812,492.8809,49.0631,7.175
1385000.0,consent_at_report,13611.25,428.827,23.8974,4.9867
1492713.0,consent_at_report,14205.3125,569.7638,14.3017,3.7198
1800500.0,consent_at_report,14645.5,599.2407,,
""",
    "plan_grants": """
grant_gbp,option,title,is_achievable,supported_in_need,cost_gbp,probability_within_grant,correct_within_indifference
948920.0,consent_at_report,Consent at the report,True,11345.8281,908698.6026,0.8281,0.9378
1385000.0,consent_at_report,Consent at the report,True,13611.25,1314168.8676,0.8438,0.8952
""",
}


def late_tables() -> dict[str, pd.DataFrame]:
    """Return the tables by name."""
    found = {name: pd.read_csv(io.StringIO(text.strip())) for name, text in _TABLES.items()}
    within = found["hold_out"]["is_within"].astype(object)
    found["hold_out"]["is_within"] = within.where(within.notna(), None)
    return found
