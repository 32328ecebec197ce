"""The parts of grafana-foundation-sdk that the boards use; nothing else imports that package.

Importing its dashboard module warns that a newer schema exists. File provisioning loads the classic
one (schema version 42), so the warning is silenced here, once, and nowhere else.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import (
        barchart,
        bargauge,
        canvas,
        common,
        dashboard,
        geomap,
        stat,
        statetimeline,
        table,
        timeseries,
    )
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.variants import Dataquery
    from grafana_foundation_sdk.models import common as common_models
    from grafana_foundation_sdk.models import dashboard as models

__all__ = [
    "Builder",
    "Dataquery",
    "JSONEncoder",
    "barchart",
    "bargauge",
    "canvas",
    "common",
    "common_models",
    "dashboard",
    "geomap",
    "models",
    "stat",
    "statetimeline",
    "table",
    "timeseries",
]
