"""All settings in one frozen value, and what the rest of the product makes of them."""

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from platformdirs import user_data_path
from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from stream_app.core.calendar import Calendar
from stream_app.core.days import Days
from stream_app.core.events import SECOND
from stream_app.core.notify.mutes import Mute
from stream_app.core.notify.rules import NotifyRules
from stream_app.core.pages import PageTable
from stream_app.core.patterns import default_patterns
from stream_app.core.people import Person
from stream_app.core.policy import Policy
from stream_app.core.routes import DEFAULT_ROUTES, ESCALATION, Route, Routes
from stream_app.core.rule_set import RuleSet, RuleSetName
from stream_app.core.tuning import Feed, Tuning
from stream_app.settings.contact import ContactSettings
from stream_app.settings.feedback import FeedbackSettings
from stream_app.settings.inbox import InboxSettings
from stream_app.settings.notify import MuteEntry, NotifySettings, check_groups
from stream_app.settings.people import Email, HoursSettings, PersonSettings, check_once, check_people
from stream_app.settings.routing import FallbackEntry, RouteEntry, check_routes, check_user, entry
from stream_app.settings.rules import DayOfYear, LoyaltySettings, Rules, WaitsSettings
from stream_app.settings.sections import (
    AccessLog,
    AudienceSettings,
    Csv,
    GroupName,
    Kafka,
    Log,
    PageEntry,
    Rekey,
    Topics,
    Urls,
    Web,
)
from stream_app.settings.sinks import FileSettings, HubSpotSettings, SalesforceSettings, SlackSettings, WebhookSettings
from stream_app.settings.values import AlertsFrom, Span
from stream_app.topics import (
    InputTopic,
    Topic,
    TopicSpec,
    Worker,
    changelog_name,
    rekeyed_name,
    topic_name,
    topic_specs,
)

ENV_PREFIX = "STREAM_APP_"
ENV_DELIMITER = "__"


class SettingsError(Exception):
    """The settings cannot be used; one line per problem: where, which key, what is wrong, what is allowed."""


class Settings(BaseSettings):
    """Everything that can be set; times are microseconds."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=ENV_DELIMITER,
        validate_default=False,  # spans stand as microseconds here
    )

    bootstrap_servers: str = "127.0.0.1:9092"
    topic_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,100}$")] = ""
    group: GroupName = "stream-app-detect"
    store: Literal["memory", "rocksdb"] = "memory"
    data_dir: Path = Field(default_factory=lambda: user_data_path("stream-app", appauthor=False))
    checkpoint_interval: Span = SECOND
    reload_interval: Span = 5 * SECOND
    standby_replicas: Annotated[int, Field(ge=0, le=10)] = 0
    poison_floods: Literal["pause", "pass"] = "pause"
    alerts_from: AlertsFrom = "start"
    playbooks: Path | None = None
    feeds: tuple[Feed, ...] = ()
    rekey: Rekey = ()
    fiscal_year_end: DayOfYear = Tuning().fiscal_year_end
    pages_defaults: bool = True
    pages: tuple[PageEntry, ...] = ()
    topics: Topics = Topics()
    kafka: Kafka = Kafka()
    web: Web = Web()
    log: Log = Log()
    urls: Urls = Urls()
    audience: AudienceSettings = AudienceSettings()
    rules: Rules = Rules()
    loyalty: LoyaltySettings = LoyaltySettings()
    waits: WaitsSettings = WaitsSettings()
    access_log: AccessLog = AccessLog()
    csv: Csv | None = None
    hours: HoursSettings = HoursSettings()
    people: dict[Email, PersonSettings] = Field(default_factory=dict)
    routes: tuple[RouteEntry, ...] = tuple(map(entry, DEFAULT_ROUTES.ordered))
    fallback: FallbackEntry = FallbackEntry()
    contact: ContactSettings = ContactSettings()
    notify: NotifySettings = NotifySettings()
    mute: tuple[MuteEntry, ...] = ()
    feedback: FeedbackSettings = FeedbackSettings()
    inbox: InboxSettings = InboxSettings()
    slack: SlackSettings = SlackSettings()
    salesforce: SalesforceSettings = SalesforceSettings()
    hubspot: HubSpotSettings = HubSpotSettings()
    webhook: WebhookSettings = WebhookSettings()
    file: FileSettings = FileSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given and nothing else: reading files and environment is `load`'s part."""
        return (init_settings,)

    @field_validator("bootstrap_servers")
    @classmethod
    def _hosts(cls, servers: str) -> str:
        for server in servers.split(","):
            if not server.strip() or "/" in server or " " in server.strip():
                raise ValueError("must be 'host:port', several with commas between, and no 'kafka://' before them")
        return servers

    @field_validator("people", mode="before")
    @classmethod
    def _once(cls, people: Any) -> Any:  # noqa: ANN401 (whatever a file says)
        check_once(people)
        return people

    @field_validator("people")
    @classmethod
    def _deputies(cls, people: dict[str, PersonSettings], said: ValidationInfo) -> dict[str, PersonSettings]:
        if (team := said.data.get("hours")) is not None:  # None: they have a problem of their own
            check_people(people, team)
        return people

    @field_validator("routes")
    @classmethod
    def _users(cls, routes: tuple[RouteEntry, ...], said: ValidationInfo) -> tuple[RouteEntry, ...]:
        if (people := said.data.get("people")) is not None:
            check_routes(routes, people)
        return routes

    @field_validator("fallback")
    @classmethod
    def _last_user(cls, fallback: FallbackEntry, said: ValidationInfo) -> FallbackEntry:
        if (people := said.data.get("people")) is not None:
            check_user(fallback, people)
        return fallback

    @field_validator("notify")
    @classmethod
    def _notify_fits(cls, notify: NotifySettings, said: ValidationInfo) -> NotifySettings:
        if (group := said.data.get("group")) is not None:
            check_groups(group, notify.group)
        if notify.escalation is not None and (people := said.data.get("people")) is not None:
            check_user(notify.escalation, people)
        return notify

    def topic(self, topic: Topic) -> str:
        """Return the name of a topic in the cluster; of an input that is rekeyed, of the one that it is rekeyed to."""
        if isinstance(topic, InputTopic) and topic in self.rekey:
            return rekeyed_name(topic, self.topic_prefix)
        return topic_name(topic, self.topic_prefix)

    def source(self, topic: InputTopic) -> str:
        """Return the name of the topic that others write an input to; it may be rekeyed then."""
        return topic_name(topic, self.topic_prefix)

    def groups(self) -> dict[Worker, str]:
        """Return the consumer group of each worker."""
        return {Worker.DETECT: self.group, Worker.NOTIFY: self.notify.group}

    def changelog(self, worker: Worker) -> str:
        """Return the name of the topic that a worker's state is recovered from."""
        return changelog_name(self.groups()[worker], worker)

    def topic_specs(self) -> tuple[TopicSpec, ...]:
        """Return all topics as they should be."""
        return topic_specs(
            prefix=self.topic_prefix,
            groups=self.groups(),
            partitions=self.topics.partitions,
            replication_factor=self.topics.replication_factor,
            retention=self.topics.retention,
            rekey=self.rekey,
        )

    def rule_set(self) -> RuleSet:
        """Return what decides; `alerts_from = "start"` is left to the worker, who knows when it first started."""
        coarse = self.rules.set is RuleSetName.SIMPLE
        own = tuple(entry.pattern() for entry in self.pages)
        patterns = own + default_patterns(coarse=coarse) if self.pages_defaults else own
        return RuleSet(
            name=self.rules.set,
            rules=self.rules.chosen(),
            pages=PageTable(patterns, self.urls.query_keys, coarse=coarse),
            audience=self.audience.audience(),
            days=Days(self.hours.calendar().hours, self.contact.hours(self.hours.timezone)),
            tuning=self.tuning(),
            policy=Policy(
                lateness=self.rules.lateness,
                cancellation_lateness=self.rules.cancellation_lateness,
                inhibition=self.rules.inhibition,
                judge_unknown=self.rules.judge_unknown,
                alerts_from=self.alerts_from if isinstance(self.alerts_from, int) else None,
            ),
        )

    def tuning(self) -> Tuning:
        """Return what the settings say to the rules."""
        return Tuning(
            windows=self.rules.windows(),
            loyalty=self.loyalty.loyalty(),
            waits=self.waits.waits(),
            fiscal_year_end=self.fiscal_year_end,
            feeds=frozenset(self.feeds),
        )

    def route_table(self) -> Routes:
        """Return who is told of what."""
        return Routes(ordered=tuple(each.route() for each in self.routes), fallback=self.fallback.route())

    def escalation_route(self) -> Route:
        """Return who is told when nobody acted: the fallback's place where the settings name none."""
        named = self.notify.escalation
        return replace(self.fallback.route(), name=ESCALATION) if named is None else named.route()

    def notify_rules(self) -> NotifyRules:
        """Return what decides who is told of what, when."""
        return NotifyRules(
            routes=self.route_table(),
            second=self.escalation_route(),
            people=self.team(),
            calendars=self.calendars(),
            mutes=self.mutes(),
            max_age=self.notify.max_age.days(),
            response=self.notify.response.minutes(),
            quiet=self.notify.quiet,
            quiet_at_most=self.notify.quiet_at_most,
            open_for=self.notify.open_for,
            contact_counts=self.loyalty.contact_counts,
            daily_budget=self.notify.daily_budget,
            bundle_from=self.notify.bundle_from,
        )

    def mutes(self) -> tuple[Mute, ...]:
        """Return what nobody is told of for a while."""
        zone = ZoneInfo(self.hours.timezone)
        return tuple(each.mute(zone) for each in self.mute)

    def team(self) -> dict[str, Person]:
        """Return the people by e-mail address."""
        return {email: each.person(email, self.hours) for email, each in self.people.items()}

    def calendars(self) -> dict[str, Calendar]:
        """Return the hours of people by e-mail address, those of the team by an empty one."""
        hours = {email: each.hours.over(self.hours) for email, each in self.people.items()}
        made = {each: each.calendar() for each in {self.hours, *hours.values()}}
        return {email: made[each] for email, each in {"": self.hours, **hours}.items()}

    def client_options(self) -> dict[str, Any]:
        """Return what every aiokafka client is made with; SettingsError if a TLS file cannot be used."""
        kafka = self.kafka
        try:
            context = kafka.ssl_context()
        except OSError as error:
            raise SettingsError(f"kafka: a TLS file cannot be used: {error}; {kafka.tls_files()}") from error
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": kafka.security_protocol,
            "ssl_context": context,
        }
        if kafka.uses_sasl:
            options |= {
                "sasl_mechanism": kafka.sasl_mechanism,
                "sasl_plain_username": kafka.sasl_username,
                "sasl_plain_password": kafka.sasl_password.get_secret_value(),
            }
        return options
