"""The four sinks over HTTP, each rude in every way that it can be, in an order of chance, until it is told to stop."""

from contextlib import AsyncExitStack

from tests.sinks.crm_servers import HubSpotServer, SalesforceServer
from tests.sinks.scripted import Fault
from tests.sinks.slack_server import CLOSE, FORGET, HANG, Answer, SlackServer, rate_limited
from tests.sinks.webhook_server import WebhookServer, status

ROUNDS = 40
CHANNELS = 3  # of Slack, and queues of each CRM
SANE, SILLY = {"Retry-After": "1"}, {"Retry-After": "soon"}
UNSURE = (HANG, CLOSE, FORGET)
POST, EDIT = "chat.postMessage", "chat.update"
SLACK = (rate_limited("1"), rate_limited("soon"), Answer(status=500), *UNSURE)
HANGING = Fault(hangs=True, applied=True)
HANGS = (HANG, HANGING)
CRM = (
    Fault(status=429, headers=SANE),
    Fault(status=429, headers=SILLY),
    Fault(status=500, applied=True),
    HANGING,
    Fault(cuts=True),
    Fault(cuts=True, applied=True),
    None,  # in part: what is locked is refused, the rest taken
)
LOCKED = {
    "salesforce": {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "somebody else writes", "fields": []},
    "hubspot": {"category": "CONFLICT", "message": "somebody else writes"},
}


class Outages:
    """The servers; `begin` lets them all be rude at once, each by a script drawn from the same chance."""

    def __init__(self, rng):
        self.slack, self.salesforce, self.hubspot = SlackServer(), SalesforceServer(), HubSpotServer()
        self.webhook = WebhookServer()
        self._rng = rng
        self._stack = AsyncExitStack()

    async def __aenter__(self):
        """Listen."""
        for server in (self.slack, self.salesforce, self.hubspot, self.webhook):
            await self._stack.enter_async_context(server)
        return self

    async def __aexit__(self, *error):
        """Let go of who still waits."""
        await self._stack.aclose()

    def begin(self, locked):
        """Be rude; the CRMs refuse records of these cases for as long as it lasts."""
        self.slack.script(POST, *self._many(SLACK))
        self.slack.script(EDIT, *self._many(SLACK))
        self.salesforce.faults.extend(self._many(CRM))
        self.hubspot.faults.extend(self._many(CRM))
        self.webhook.answers.extend(self._many(self._of_webhook()))
        self.salesforce.refused = dict.fromkeys(locked, LOCKED["salesforce"])
        self.hubspot.refused = dict.fromkeys(locked, LOCKED["hubspot"])
        self._begun = self._left()

    def given(self):
        """Return how many rude answers each has given."""
        return {sink: self._begun[sink] - left for sink, left in self._left().items()}

    @property
    def rude(self):
        """Whether all of them go on being rude."""
        return all(self._left().values())

    def end(self):
        """Be as usual again."""
        self.slack.calm()
        for crm in (self.salesforce, self.hubspot):
            crm.faults.clear()
            crm.refused = {}
        self.webhook.answers.clear()

    def _left(self):
        return {
            "slack": self.slack.scripted(),
            "salesforce": len(self.salesforce.faults),
            "hubspot": len(self.hubspot.faults),
            "webhook": len(self.webhook.answers),
        }

    def _many(self, kinds):
        """Return a script of all kinds, but of what hangs, which is long in a CRM, only at its beginning."""
        short = [each for each in kinds if each not in HANGS]
        long = [each for each in kinds if each in HANGS]
        rest = [each for _ in range(ROUNDS) for each in self._rng.sample(short, len(short))]
        return [*self._rng.sample((*long, *short), len(kinds)), *rest]

    def _of_webhook(self):
        hook = self.webhook
        return (
            status(429, Retry_After="1"),
            status(429, Retry_After="soon"),
            status(500),
            hook.hang,
            hook.drop,
            hook.stall,
        )

    def settings(self):
        """Return the settings of the sinks as environment variables."""
        salesforce, hubspot = self.salesforce.settings(), self.hubspot.settings()
        webhook = self.webhook.settings(timeout=2)
        secrets = [each.get_secret_value() for each in webhook.secrets]
        return {
            "STREAM_APP_SLACK__TOKEN": "xoxb-1",
            "STREAM_APP_SLACK__API_URL": self.slack.api_url,
            "STREAM_APP_SALESFORCE__LOGIN_URL": salesforce.login_url,
            "STREAM_APP_SALESFORCE__CLIENT_ID": salesforce.client_id,
            "STREAM_APP_SALESFORCE__CLIENT_SECRET": salesforce.client_secret.get_secret_value(),
            "STREAM_APP_HUBSPOT__TOKEN": hubspot.token.get_secret_value(),
            "STREAM_APP_HUBSPOT__API_URL": hubspot.api_url,
            "STREAM_APP_WEBHOOK__URL": webhook.url.get_secret_value(),
            "STREAM_APP_WEBHOOK__SECRETS": f'["{secrets[0]}"]',
            "STREAM_APP_WEBHOOK__ALLOW": '["127.0.0.0/8"]',
            "STREAM_APP_WEBHOOK__TIMEOUT": "2",
        }


ROUTES = (
    """
[notify]
bundle_from = 1000
[[routes]]
name = "well"
sink = "file"
continue = true
"""
    + "".join(
        f"""
[[routes]]
name = "{sink}-{number}"
owner = ["team-{number}@example.com"]
sink = "{sink}"
{address}
continue = true
"""
        for number in range(CHANNELS)
        for sink, address in (
            ("slack", f'channel = "#c{number}"'),
            ("salesforce", f'queue = "00G00000000000{number}AAA"'),
            ("hubspot", f'queue = "{number + 1}"'),
        )
    )
    + """
[[routes]]
name = "webhook"
sink = "webhook"
[fallback]
sink = "file"
"""
)


def routes_of(alert):
    """Return the names of the routes that take an alert."""
    number = alert.customer.owner[5]
    return ("well", f"slack-{number}", f"salesforce-{number}", f"hubspot-{number}", "webhook")
