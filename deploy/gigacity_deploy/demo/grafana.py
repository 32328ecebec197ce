"""Grafana beside the demo, where it is installed: which program, with which settings. Pure."""

import os
import shutil
from pathlib import Path

from gigacity_deploy.demo.plan import BUCKET, DemoPlan, ProcessPlan
from gigacity_deploy.processes import SYSTEM_FOLDERS
from gigacity_deploy.sockets import LOOPBACK

ROOT = Path(__file__).resolve().parents[3]
PROVISIONING = ROOT / "deploy" / "grafana" / "provisioning"
BOARDS = ROOT / "dashboards" / "generated"
HOMES = ("/usr/share/grafana", "/usr/local/share/grafana", "/opt/grafana")
"""Where its packages put what the program needs."""


def find_grafana(search_path: str) -> tuple[str, ...] | None:
    """The command that starts a Grafana server; None if there is none, or no boards for it."""
    path = os.pathsep.join((search_path, *SYSTEM_FOLDERS))
    if not (PROVISIONING.is_dir() and BOARDS.is_dir()):
        return None
    if found := shutil.which("grafana", path=path):
        return found, "server"
    if found := shutil.which("grafana-server", path=path):
        return (found,)
    return None


def grafana_process(plan: DemoPlan, command: tuple[str, ...]) -> ProcessPlan:
    """Grafana with our data source and boards, on loopback, calling nobody."""
    folder = plan.folder / "grafana"
    env = {k: v for k, v in plan.base_env.items() if not k.startswith(("GIGACITY_", "GF_"))}
    env |= {
        "GF_SERVER_HTTP_ADDR": LOOPBACK,
        "GF_SERVER_HTTP_PORT": str(plan.ports.grafana),
        "GF_PATHS_DATA": str(folder),
        "GF_PATHS_LOGS": str(folder / "logs"),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(PROVISIONING),
        "GF_LOG_MODE": "console",
        "GF_SECURITY_ADMIN_PASSWORD__FILE": str(plan.secrets.path("grafana_admin")),
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GIGACITY_DASHBOARDS_DIR": str(BOARDS),
        "GIGACITY_INFLUX_URL": plan.influx_url,
        "GIGACITY_INFLUX_BUCKET": BUCKET,
        "GIGACITY_INFLUX_GRAFANA_USERNAME": "gigacity-grafana",
        # Provisioning files take secrets from the environment.
        "GIGACITY_INFLUX_GRAFANA_PASSWORD": plan.secrets.value("influx_grafana").reveal(),
    }
    home = next((h for h in HOMES if Path(h).is_dir()), None)
    options = ("--homepath", home) if home else ()
    return ProcessPlan("grafana", (*command, *options), env)
