"""What a worker says of its own machine: room on its disk, certificates that run out."""

import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.clock import ManualClock
from gigacity_ingest.adapters.certificates import expires_ms, file_expires_ms
from gigacity_ingest.adapters.machine_watch import EVERY_S, MachineWatch
from gigacity_ingest.adapters.mqtt_socket import SessionSocket
from gigacity_ingest.adapters.status import MachineState, WorkerStatus
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.adapters.worker_values import worker_values
from tests.support.certificates import self_signed, server_context
from tests.support.programs import program

NOW_MS = 1_800_000_000_000
MACHINE = {"state_disk_bytes", "state_disk_free_bytes", "certificate_expires_ms"}


def der_of(certificate: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))


def end_by_openssl_ms(certificate: Path) -> int:
    command = [program("openssl"), "x509", "-enddate", "-noout", "-in", str(certificate)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return 1000 * round(ssl.cert_time_to_seconds(said.strip().removeprefix("notAfter=")))


def test_the_end_of_a_certificate_is_what_openssl_says(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path)
    assert file_expires_ms(certificate) == end_by_openssl_ms(certificate)
    assert expires_ms(der_of(certificate)) == end_by_openssl_ms(certificate)


def test_a_certificate_of_the_far_future_has_the_other_kind_of_time(tmp_path: Path) -> None:
    command = [
        program("openssl"),
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "36500",
    ]
    file = tmp_path / "far.pem"
    command += ["-subj", "/CN=x", "-keyout", str(tmp_path / "key.pem"), "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    assert file_expires_ms(file) == end_by_openssl_ms(file)


@given(st.binary(max_size=80))
def test_what_is_no_certificate_has_no_end(data: bytes) -> None:
    assert expires_ms(data) is None


def test_a_certificate_that_is_cut_off_anywhere_is_no_error(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path)
    whole = der_of(certificate)
    assert {expires_ms(whole[:size]) for size in range(len(whole))} == {None}


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----", "key"])
def test_a_file_that_holds_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "cert.pem").write_text(text)
    assert file_expires_ms(tmp_path / "cert.pem") is None
    assert file_expires_ms(tmp_path / "absent.pem") is None


def watch(folder: Path, certificate: str = "") -> tuple[MachineWatch, WorkerStatus, ManualClock]:
    status, clock = WorkerStatus("w-0", NOW_MS), ManualClock(NOW_MS)
    return MachineWatch(status, folder, certificate, clock), status, clock


def test_without_tls_a_worker_speaks_of_its_disk_alone(tmp_path: Path) -> None:
    machine, status, _ = watch(tmp_path)
    assert not MACHINE & set(worker_values(status))
    machine.look_if_due(None)
    values = worker_values(status)
    assert MACHINE & set(values) == {"state_disk_bytes", "state_disk_free_bytes"}
    assert 0 <= int(values["state_disk_free_bytes"]) <= int(values["state_disk_bytes"])


def test_the_certificate_that_runs_out_first_is_told(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path)
    end_ms = end_by_openssl_ms(certificate)
    machine, status, _ = watch(tmp_path, str(certificate))
    machine.look_if_due(None)
    assert worker_values(status)["certificate_expires_ms"] == end_ms
    machine, status, _ = watch(tmp_path)
    machine.look_if_due(der_of(certificate))
    assert worker_values(status)["certificate_expires_ms"] == end_ms


def test_it_looks_now_and_then_and_a_folder_that_is_gone_is_unknown(tmp_path: Path) -> None:
    machine, status, clock = watch(tmp_path / "gone")
    status.machine = MachineState(1, 1)
    machine.look_if_due(None)
    assert status.machine == MachineState()
    (tmp_path / "gone").mkdir()
    clock.advance_s(EVERY_S / 2)
    machine.look_if_due(None)
    assert status.machine == MachineState()
    clock.advance_s(EVERY_S)
    machine.look_if_due(None)
    assert status.machine.disk_bytes


def test_the_brokers_certificate_is_that_of_the_present_connection(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    waker = Waker()
    session = SessionSocket(waker)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_greet, args=(server, certificate, key))
        thread.start()
        trusting = ssl.create_default_context(cafile=str(certificate))
        plain = socket.create_connection(server.getsockname())
        with trusting.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
            session.opened(connection)
            assert session.certificate == der_of(certificate)
            session.closed(connection)
        thread.join()
    waker.close()


def _greet(server: socket.socket, certificate: Path, key: Path) -> None:
    """One TLS handshake."""
    plain, _ = server.accept()
    with server_context(certificate, key).wrap_socket(plain, server_side=True):
        pass
