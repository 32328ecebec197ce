"""The composition root: settings in, a running application out."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI

from gigacity_api import as_of_service
from gigacity_api.evaluator.alarm_service import AlarmService
from gigacity_api.evaluator.background import Background, Task
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.driver import Core, Driver
from gigacity_api.evaluator.feeding import Feed
from gigacity_api.evaluator.follower import FollowerCore
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.recompute_job import RecomputeJob
from gigacity_api.evaluator.revision_writer import LiveEvaluation
from gigacity_api.evaluator.self_report import SelfReport
from gigacity_api.evaluator.worst_objects import WorstObjects
from gigacity_api.http.app import create_app
from gigacity_api.http.as_of_process import AsOfProcess
from gigacity_api.http.context import Context
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.rollups.daily_rollups import DailyRollups
from gigacity_api.settings import ApiSettings
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.storage.city_versions import CityVersions
from gigacity_api.storage.influx import InfluxStore
from gigacity_api.storage.key_file import KeyFile
from gigacity_contract.clock import Clock, SystemClock


@contextmanager
def service(settings: ApiSettings, clock: Clock | None = None) -> Iterator[FastAPI]:
    """Build everything; the database connections are closed at the end.

    Raises:
        ConfigError: a setting or the keys file is wrong.
        CityError: the city folder is.
    """
    clock = clock or SystemClock()
    keys = KeyFile(settings.api_keys_file, clock)
    cities = CityVersions(settings.city, settings.state_dir, clock)
    cache, metrics = PublicationCache(Inventory(cities.current)), ApiMetrics()
    with InfluxStore(settings.endpoint) as store:
        alarms = AlarmService(
            store=store, cache=cache, cities=cities, settings=settings.evaluation, clock=clock,
            metrics=metrics, is_leading=settings.evaluate,
        )  # fmt: skip
        core = _core(settings, store, cache, cities, alarms, clock, metrics)
        driver = Driver(
            core=core, cache=cache, settings=settings.evaluation, clock=clock, metrics=metrics
        )
        tasks: list[Task] = []
        if settings.rolls_up:
            tasks.append(DailyRollups(store, cities, clock, metrics))
        daily = DailyFigures(store, clock)
        revising: RecomputeJob | None = None
        if isinstance(core, EvaluatorCore):
            revising = RecomputeJob(
                store=store, cities=cities, live=LiveEvaluation.of(core, cache), daily=daily,
                settings=settings.evaluation, clock=clock, metrics=metrics,
            )  # fmt: skip
            tasks += (daily, revising, alarms.trends)
        background = Background(tasks, is_busy=lambda: driver.is_busy, clock=clock, metrics=metrics)
        declarations = DeclarationLog(store, clock)
        as_of = AsOfProcess(as_of_service.MODULE, as_of_service.given(settings), cities.mend)
        context = Context.over(
            cache=cache, store=store, cities=cities, keys=keys, clock=clock, metrics=metrics,
            evaluation=settings.evaluation, declarations=declarations,
            takes_declarations=settings.evaluate, alarms=alarms, share_settings=settings.shares,
            public=PublicScope.of(
                settings.public_level, settings.public_figures, settings.public_licence,
                settings.public_contact, settings.page_url,
            ),
            as_of_process=as_of, under_way=lambda: driver.under_way,
            revision_backlog=lambda: None if revising is None else revising.backlog,
        )  # fmt: skip
        feeds = [
            Feed("declarations", declarations.refresh),
            Feed("alarms", alarms.refresh),
            Feed("revisions", context.revisions.refresh),
            Feed("pages", context.site.memory.refresh),
        ]
        if settings.evaluate:
            report = SelfReport(store, alarms, clock, metrics, page_url=settings.page_url)
            tick_ms = settings.evaluation.tick_ms
            worst = WorstObjects(store, cache, alarms.trends, clock, tick_ms=tick_ms)
            feeds += [Feed("self report", report.refresh), Feed("worst objects", worst.refresh)]
        yield create_app(context, (driver, *feeds, background, as_of))


def _core(  # noqa: PLR0917 - everything that the service has built so far
    settings: ApiSettings, store: InfluxStore, cache: PublicationCache, cities: CityVersions,
    alarms: AlarmService, clock: Clock, metrics: ApiMetrics,
) -> Core:  # fmt: skip
    """What evaluates, or what follows another process that does."""
    if settings.evaluate:
        return EvaluatorCore(
            store=store, cache=cache, cities=cities, settings=settings.evaluation, clock=clock,
            metrics=metrics, evaluated=alarms.evaluated,
        )  # fmt: skip
    return FollowerCore(
        store=store, cache=cache, cities=cities, settings=settings.evaluation, clock=clock
    )
