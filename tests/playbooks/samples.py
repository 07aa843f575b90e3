"""A playbook as somebody could write it, to be changed in one place; and what there is to be told."""

from stream_app.core.alerts import OUTAGE
from stream_app.core.rules import RULES

RULE_IDS = {rule.id for rule in RULES} | {OUTAGE}

GOOD = """
headline = "見出し"
meaning = "見直しの可能性があります。"

[how_sure]
"churn.cancellation-page" = "はっきりしません。"
"churn.leaving-prepared" = "確かではありません。"

[[options]]
case = "機能に不満がある"
ask = "「何が足りませんか」"
answer = "手順を示します。"

[[options]]
case = "使いこなせていない"
ask = "「何から始めますか」"
answer = "下位プランを提案します。"

[draft]
subject = "振り返りのお願い"
body = '''
{company}
{customer_name}様

{owner_name}です。
{owner_email}
'''
"""
