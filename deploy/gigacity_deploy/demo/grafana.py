"""Grafana beside the demo, where it is installed: which program, with which settings."""

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
"""Where its packages put what the program needs; its archive has it beside the program."""


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
    """Grafana with our data source and boards, on loopback, calling nobody.

    Whoever reaches it may look without logging in, as a reader of the database; the administrator
    has a password of this demo.
    """
    folder = plan.folder / "grafana"
    (folder / "plugins").mkdir(parents=True, exist_ok=True)
    env = {k: v for k, v in plan.base_env.items() if not k.startswith(("GIGACITY_", "GF_"))}
    env |= {
        "GF_SERVER_HTTP_ADDR": LOOPBACK,
        "GF_SERVER_HTTP_PORT": str(plan.ports.grafana),
        "GF_PATHS_DATA": str(folder),
        "GF_PATHS_LOGS": str(folder / "logs"),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(PROVISIONING),
        "GF_LOG_MODE": "console",
        # The program reads it from the file itself; "...__FILE" is known to its image alone.
        "GF_SECURITY_ADMIN_PASSWORD": f"$__file{{{plan.secrets.path('grafana_admin')}}}",
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
        "GF_USERS_ALLOW_SIGN_UP": "false",
        "GF_NEWS_NEWS_FEED_ENABLED": "false",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_PLUGINS_PREINSTALL_DISABLED": "true",
        "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
        "GIGACITY_DASHBOARDS_DIR": str(BOARDS),
        "GIGACITY_INFLUX_URL": plan.influx_url,
        "GIGACITY_INFLUX_BUCKET": BUCKET,
        "GIGACITY_INFLUX_GRAFANA_USERNAME": "gigacity-grafana",
        # Provisioning files take secrets from the environment.
        "GIGACITY_INFLUX_GRAFANA_PASSWORD": plan.secrets.value("influx_grafana").reveal(),
    }
    beside = Path(command[0]).resolve().parents[1]
    home = next((str(h) for h in (beside, *map(Path, HOMES)) if _is_home(h)), None)
    options = ("--homepath", home) if home else ()
    return ProcessPlan("grafana", (*command, *options), env)


def _is_home(folder: Path) -> bool:
    """Whether the program finds there what it needs."""
    return (folder / "conf" / "defaults.ini").is_file()
