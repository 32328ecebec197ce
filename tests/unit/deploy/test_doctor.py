"""``gigacity doctor`` as a process: what it says where nothing can be reached."""

import json
import subprocess
import sys
from pathlib import Path

from tests.e2e.stack import gigacity_env
from tests.support.city import write_city
from tests.unit.deploy.test_broker_log import DENIED, RECEIVED


def _doctor(*words: str, stdin: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "gigacity_deploy", "doctor", *words],
        capture_output=True,
        input=stdin,
        text=True,
        check=False,
        env=gigacity_env(
            GIGACITY_MQTT_URL="mqtt://127.0.0.1:9",
            GIGACITY_INFLUX_URL="http://127.0.0.1:9",
            **settings,
        ),
        timeout=60,
    )


def test_it_names_everything_that_is_not_well(tmp_path: Path) -> None:
    city = write_city(tmp_path / "city")
    done = _doctor("--json", "--state-dir", str(tmp_path / "state"), GIGACITY_CITY=str(city))

    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["ok"] is False
    checks = found["checks"]
    assert {name: check["ok"] for name, check in checks.items()} == {
        "city": True,
        "broker": False,
        "database": False,
        "areas": False,
    }
    assert "mqtt://127.0.0.1:9" in checks["broker"]["detail"]
    assert "http://127.0.0.1:9" in checks["database"]["detail"]
    assert "the workers' rows cannot be read" in checks["areas"]["detail"]
    assert not (tmp_path / "state").exists(), "looking makes nothing"


def test_a_broken_city_file_is_a_finding_and_a_wrong_setting_a_wrong_call(tmp_path: Path) -> None:
    nowhere = _doctor("--city", str(tmp_path / "nowhere"))
    assert (nowhere.returncode, "FAIL city" in nowhere.stdout) == (1, True)

    city = write_city(tmp_path / "city")
    wrong = _doctor("--mqtt-areas", "999999", GIGACITY_CITY=str(city))
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "GIGACITY_MQTT_AREAS: 999999" in wrong.stderr


def test_it_names_publishers_that_the_broker_turned_away(tmp_path: Path) -> None:
    log = tmp_path / "mosquitto.log"
    log.write_text(f"{RECEIVED}\n{DENIED}\n")
    settings = {"GIGACITY_CITY": str(write_city(tmp_path / "city"))}
    for words, log_text in ((("--broker-log", str(log)), ""), (("--broker-log", "-"), DENIED)):
        found = json.loads(_doctor("--json", *words, stdin=log_text, **settings).stdout)
        part = found["checks"]["turned_away"]
        assert part["ok"] is False
        assert "371602/olt/olt-a: 1 outside its path" in part["detail"]
    nowhere = json.loads(_doctor("--json", "--broker-log", str(tmp_path / "x"), **settings).stdout)
    assert "No such file" in nowhere["checks"]["turned_away"]["detail"]
