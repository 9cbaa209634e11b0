"""Facts of who may take part: addresses, certificates, versions."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from command_line import run
from local_cluster import processes, small_pieces
from small_evaluation import SCENARIO, SMALL

import victimsmodel as vm
from victimsmodel.cluster.address import TlsFiles, check_workers_near, checked_security
from victimsmodel.cluster.likeness import differences, versions_here
from victimsmodel.errors import InputError
from victimsmodel.pathway.pieces import others
from victimsmodel.pathway.simulate import run_piece
from victimsmodel.sealed import opened_text
from victimsmodel.stages import open_run
from victimsmodel.versions import other_workers

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("scheduler:8786", "VM209"),
        ("http://127.0.0.1:8786", "VM209"),
        ("tcp://127.0.0.1", "VM209"),
        ("tcp://me:secret@127.0.0.1:8786", "VM209"),
        ("tcp://127.0.0.1:99999", "VM209"),
        ("tcp://10.0.0.5:8786", "VM210"),
        ("tcp://scheduler.example:8786", "VM210"),
        ("tcp://0.0.0.0:8786", "VM210"),
        ("tcp://localhost.example:8786", "VM210"),
        ("tls://scheduler.example:8786", "VM210"),
    ],
)
def test_an_address_that_may_not_be_used_is_refused_before_anything_is_sent(address, code):
    with pytest.raises(InputError, match=rf"\[{code}\]"), vm.on_cluster(address):
        raise AssertionError


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "tcp://localhost:1", "tcp://[::1]:8786"])
def test_this_machine_needs_no_certificates(address):
    assert checked_security(address, TlsFiles()) is None


def test_certificates_that_are_missing_are_all_told(tmp_path):
    cert = tmp_path / "cert.pem"
    with pytest.raises(InputError) as caught:
        checked_security("tls://scheduler.example:8786", TlsFiles(cert=cert))
    assert [problem.where for problem in caught.value.problems] == ["--tls-cert", "--tls-ca", "--tls-key"]
    with pytest.raises(InputError, match="takes certificates only with tls://"):
        checked_security("tcp://127.0.0.1:8786", TlsFiles(cert=cert))


def test_workers_elsewhere_need_tls_though_the_scheduler_is_here():
    check_workers_near(["tcp://127.0.0.1:4001", "tls://10.0.0.5:4001"])
    with pytest.raises(InputError, match=r"tcp://10.0.0.5:4001: is a worker on another machine without TLS"):
        check_workers_near(["tcp://127.0.0.1:4001", "tcp://10.0.0.5:4001"])


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr("victimsmodel.cluster.connection._CONNECT_SECONDS", 0.3)
    with pytest.raises(InputError, match=r"tcp://127.0.0.1:9: no scheduler answers .+ \[VM212\]"):
        vm.on_cluster("tcp://127.0.0.1:9").__enter__()


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Return a folder with two authorities and what each has signed, such as cert.pem and cert2.pem."""
    folder = tmp_path_factory.mktemp("certificates")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for n in ("", "2"):
        authority = ("-x509", "-keyout", f"ca-key{n}.pem", "-out", f"ca{n}.pem", "-days", "2")
        openssl(folder, "req", *curve, *authority, "-subj", f"/CN=authority{n}")
        asked = ("-keyout", f"key{n}.pem", "-out", f"asked{n}.pem")
        openssl(folder, "req", *curve, *asked, "-subj", f"/CN=vm{n}")
        signed = ("-CA", f"ca{n}.pem", "-CAkey", f"ca-key{n}.pem", "-CAcreateserial", "-days", "2")
        openssl(folder, "x509", "-req", "-in", f"asked{n}.pem", "-out", f"cert{n}.pem", *signed)
    return folder


@pytest.mark.long
def test_over_tls_both_sides_show_certificates_of_the_same_authority(certificates, monkeypatch):
    from distributed import Security

    monkeypatch.setattr("victimsmodel.cluster.connection._CONNECT_SECONDS", 2)
    files = {name: str(certificates / f"{name}.pem") for name in ("ca", "cert", "key")}
    sides = {
        f"tls_{side}_{x}": files[x] for side in ("scheduler", "worker", "client") for x in ("cert", "key")
    }
    security = Security(tls_ca_file=files["ca"], require_encryption=True, **sides)
    own = TlsFiles(*(certificates / f"{name}.pem" for name in ("ca", "cert", "key")))
    strangers = TlsFiles(*(certificates / f"{name}2.pem" for name in ("ca", "cert", "key")))
    with processes(1, protocol="tls", security=security) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        piece = small_pieces(4)[0]
        with vm.on_cluster(address, tls=own):
            (found,) = others()([piece])
        np.testing.assert_array_equal(found.funnel, run_piece(piece).funnel)
        for refused in (strangers, own._replace(cert=strangers.cert, key=strangers.key)):
            with pytest.raises(InputError, match=r"\[VM212\]"), vm.on_cluster(address, tls=refused):
                raise AssertionError


@pytest.mark.long
def test_another_version_is_refused_unless_allowed_and_then_is_in_key_and_manifest(tmp_path):
    package = Path(vm.__file__).parent
    shutil.copytree(package, tmp_path / "victimsmodel", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "victimsmodel" / "rng.py").open("a") as source:
        source.write("# edited\n")
    with processes(0) as cluster, other_worker(cluster.scheduler_address, tmp_path):
        with pytest.raises(InputError, match=r"victimsmodel code = \w{12}: differs from \w{12} here.+VM213"):
            vm.on_cluster(cluster.scheduler_address).__enter__()
        opened = partial(open_run, SCENARIO, tmp_path, overrides=SMALL, profile="tiny")
        expected = opened().key
        with vm.on_cluster(cluster.scheduler_address, allow_mismatch=True) as table:
            assert table["what"].tolist() == ["victimsmodel code"]
            assert other_workers() == f"victimsmodel code {table['there'][0]}"
            assert opened().key != expected
            made = vm.evaluate(SCENARIO, overrides=SMALL, profile="tiny", out=tmp_path).folder
            noted = opened_text((made / "manifest.json").read_text())["workers_of_other_versions"]
            assert noted == other_workers()
    assert other_workers() == ""
    assert opened().key == expected


@contextmanager
def other_worker(address, folder):
    """Start a worker whose packages are looked for in a folder first."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    command += ["--host", "127.0.0.1", "--no-dashboard"]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    with subprocess.Popen(command, cwd=folder, env=env, stderr=subprocess.DEVNULL) as started:
        try:
            yield
        finally:
            started.terminate()


def test_versions_that_differ_are_told_by_worker_and_name():
    here = versions_here()
    there = {"tcp://a:1": here, "tcp://b:1": {**here, "Python": "3.10.1", "numba": "absent"}}
    table = differences(here, there)
    assert table.values.tolist() == [
        ["tcp://b:1", "Python", here["Python"], "3.10.1"],
        ["tcp://b:1", "numba", here["numba"], "absent"],
    ]


def test_without_dask_it_is_told_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'victimsmodel\[cluster\]'. \[VM211\]"):
        vm.on_cluster("tcp://127.0.0.1:8786").__enter__()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--cluster", "tcp://127.0.0.1:8786", "--jobs", "2"),
            "--jobs: jobs = 2: goes with --cluster local alone: the workers of a scheduler are as they were"
            " started. [VM320]",
        ),
        (
            ("--cluster", "local", "--tls-ca", "ca.pem"),
            "--cluster local: takes no certificates: its workers are of this machine. [VM320]",
        ),
        (("--cluster", "local", "--jobs", "0"), "--jobs: jobs = 0: must be from 1 to "),
        (("--jobs", "0"), "--jobs: jobs = 0: must be from 1 to "),
    ],
)
@pytest.mark.parametrize("command", ["simulate", "plan"])
def test_what_does_not_go_with_local_workers_is_refused(tmp_path, command, options, told):
    ran = run(tmp_path, command, SCENARIO, *options)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(told)


@pytest.mark.long
def test_a_program_that_starts_itself_again_is_told_how_not_to(tmp_path):
    program = tmp_path / "mine.py"
    program.write_text("import victimsmodel as vm\nwith vm.on_cluster('local', n_workers=1): pass\n")
    ran = subprocess.run([sys.executable, program], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "workers of this machine do not start (RuntimeError)" in ran.stderr.splitlines()[-1]
    assert 'must start them below if __name__ == "__main__". [VM321]' in ran.stderr.splitlines()[-1]
