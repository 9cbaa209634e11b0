"""Facts of workers elsewhere: the same bytes, lost workers, poisoned years, who may take part."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import dask
import numpy as np
import psutil
import pytest
from command_line import run
from local_cluster import Deadly, local_workers
from small_evaluation import SCENARIO, SMALL
from test_same_bytes import N_DRAWS, N_REPLICATIONS, OPTIONS, SEED, as_bytes

import victimsmodel as vm
from victimsmodel.cluster.address import TlsFiles, check_workers_near, checked_security
from victimsmodel.cluster.likeness import differences, versions_here
from victimsmodel.errors import InputError, InvariantError, PoisonError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.parquet import parquet_bytes
from victimsmodel.pathway.pieces import Piece, others
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.simulate import run_piece
from victimsmodel.sealed import opened_text
from victimsmodel.stages import open_run
from victimsmodel.sweeps import sweep
from victimsmodel.versions import other_workers

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")


@pytest.fixture(scope="module")
def scenario():
    return vm.load_scenario(SCENARIO, SMALL)


@pytest.fixture(scope="module")
def workers():
    with local_workers(2) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def plans(scenario):
    return build_plans(scenario, "business_as_usual", draw_points(scenario, N_DRAWS, SEED))


def pieces_of(plans, n_replications=4):
    return [Piece("today", plan, SEED, range(n_replications), draw) for draw, plan in enumerate(plans)]


def too_small(plan, replications):
    """Return a plan with memory for somewhat fewer victims than come in some years, and which these are."""
    for fewer in range(0, 5_000, 50):
        groups = plan.groups.copy()
        groups["opening_cases"][0] -= fewer
        piece = Piece("today", plan._replace(groups=groups), SEED, replications, 1)
        failing = [single.replications.start for single in piece.singles() if fails(single)]
        if failing:
            return piece, failing
    raise AssertionError("every year fits")


def fails(piece):
    try:
        run_piece(piece)
    except InvariantError:
        return True
    return False


def test_tables_are_those_of_threads_byte_for_byte(workers, scenario):
    expected = vm.simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED)
    told = []
    with vm.on_cluster(workers.scheduler_address) as differing:
        given = {"on_progress": lambda done, total: told.append((done, total))}
        found = vm.simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED, **given)
    assert as_bytes(found) == as_bytes(expected)
    assert len(differing) == 0
    assert told[-1] == (len(OPTIONS) * N_DRAWS * N_REPLICATIONS,) * 2
    assert others() is None  # threads again


def test_results_come_in_order_whatever_the_number_of_years_in_a_piece(workers, plans):
    pieces = [
        Piece("today", plans[draw], SEED, range(start, start + 1 + start % 3), draw)
        for draw in range(N_DRAWS)
        for start in range(12)
    ]
    with vm.on_cluster(workers.scheduler_address):
        found = list(others()(pieces))
    for piece, counters in zip(pieces, found, strict=True):
        for one, same in zip(counters, run_piece(piece), strict=True):
            np.testing.assert_array_equal(one, same)


def test_a_year_that_cannot_be_computed_is_named_and_the_rest_is_done(workers, plans):
    whole, poison = pieces_of(plans, 6)
    poison, failing = too_small(poison.plan, range(6))
    assert len(failing) < 6
    with vm.on_cluster(workers.scheduler_address):
        given = others()([whole, poison, *pieces_of(plans, 2)])
        np.testing.assert_array_equal(next(given).funnel, run_piece(whole).funnel)
        with pytest.raises(PoisonError) as caught:
            next(given)
    message = str(caught.value)
    assert message.startswith(
        f"{len(failing)} simulated years cannot be computed; the rest of 4 pieces is done"
    )
    names = [failure.names for failure in caught.value.failures]
    assert names == [f"option today, draw 1, replication {r}, seed {SEED}" for r in failing]
    assert "InvariantError: more victims arrived than their mean allows" in message
    assert caught.value.exit_status == 4


def test_what_a_lost_worker_had_is_computed_by_another(workers, plans):
    pieces = [piece for _ in range(8) for piece in pieces_of(plans, 6)]
    with vm.on_cluster(workers.scheduler_address):
        given = others()(pieces)
        first = next(given)
        children = [
            child
            for child in psutil.Process().children(recursive=True)
            if "spawn_main" in " ".join(child.cmdline())
        ]
        children[0].send_signal(signal.SIGKILL)
        found = [first, *given]
    assert len(found) == len(pieces)
    assert not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE
    for draw in range(N_DRAWS):
        expected = run_piece(pieces[draw])
        for counters in found[draw::N_DRAWS]:
            np.testing.assert_array_equal(counters.funnel, expected.funnel)


@pytest.mark.long
def test_a_year_that_ends_workers_is_named_and_the_rest_is_done(plans):
    whole, deadly = pieces_of(plans, 2)
    deadly = deadly._replace(plan=deadly.plan._replace(staff=deadly.plan.staff.view(Deadly)))
    few = dask.config.set({"distributed.scheduler.allowed-failures": 1})
    with few, local_workers(2) as cluster, vm.on_cluster(cluster.scheduler_address):
        with pytest.raises(PoisonError) as caught:
            list(others()([whole, deadly, whole]))
        names = [failure.names for failure in caught.value.failures]
        assert names == [f"option today, draw 1, replication {r}, seed {SEED}" for r in range(2)]
        assert "2 workers ended while computing it" in str(caught.value)
        assert len(list(others()([whole]))) == 1  # workers that ended were replaced


@pytest.mark.long
def test_a_sweep_is_the_same_on_workers_and_resumes(workers, tmp_path):
    vary = {"staff.contact_officer.fte": ["1", "2"]}
    given = {"overrides": SMALL, "options": ["business_as_usual"], "n_draws": 1, "n_replications": 1}
    given["overrides"] = {name: value for name, value in SMALL.items() if name not in vary}
    here = sweep(SCENARIO, vary, out=tmp_path / "here", **given)
    with vm.on_cluster(workers.scheduler_address):
        there = sweep(SCENARIO, vary, out=tmp_path / "there", **given)
    assert parquet_bytes(there.table) == parquet_bytes(here.table)
    assert there.folder.name == here.folder.name
    assert sweep(SCENARIO, vary, out=tmp_path / "there", **given).n_resumed == 2


@pytest.mark.long
def test_plans_are_the_same_on_workers(workers, scenario):
    standard = ["enhanced first_attempt 2 working days 60%"]
    here = vm.plan_for_standards(scenario, standard)
    with vm.on_cluster(workers.scheduler_address):
        there = vm.plan_for_standards(scenario, standard)
    for name in ("staff", "standards", "summary", "curve"):
        assert parquet_bytes(getattr(there, name)) == parquet_bytes(getattr(here, name)), name


def test_commands_take_an_address(workers, tmp_path):
    overrides = [part for name, value in SMALL.items() for part in ("--set", f"{name}={value}")]
    command = ["simulate", SCENARIO, "--option", "business_as_usual", "--json", *overrides]
    here = run(tmp_path, *command)
    there = run(tmp_path, *command, "--cluster", workers.scheduler_address)
    assert there.returncode == 0, there.stderr
    assert there.stdout == here.stdout


def test_every_listener_is_of_this_machine_alone(workers):
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    hosts = {
        found.laddr.ip
        for process in processes
        for found in process.net_connections("inet")
        if found.status == psutil.CONN_LISTEN
    }
    assert hosts == {"127.0.0.1"}


# Who may take part


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
def test_over_tls_both_sides_show_certificates_of_the_same_authority(certificates, plans, monkeypatch):
    from distributed import Security

    monkeypatch.setattr("victimsmodel.cluster.connection._CONNECT_SECONDS", 2)
    files = {name: str(certificates / f"{name}.pem") for name in ("ca", "cert", "key")}
    sides = {
        f"tls_{side}_{x}": files[x] for side in ("scheduler", "worker", "client") for x in ("cert", "key")
    }
    security = Security(tls_ca_file=files["ca"], require_encryption=True, **sides)
    own = TlsFiles(*(certificates / f"{name}.pem" for name in ("ca", "cert", "key")))
    strangers = TlsFiles(*(certificates / f"{name}2.pem" for name in ("ca", "cert", "key")))
    with local_workers(1, protocol="tls", security=security) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        with vm.on_cluster(address, tls=own):
            (found,) = others()(pieces_of(plans)[:1])
        np.testing.assert_array_equal(found.funnel, run_piece(pieces_of(plans)[0]).funnel)
        for refused in (strangers, own._replace(cert=strangers.cert, key=strangers.key)):
            with pytest.raises(InputError, match=r"\[VM212\]"), vm.on_cluster(address, tls=refused):
                raise AssertionError


@pytest.mark.long
def test_another_version_is_refused_unless_allowed_and_then_is_in_key_and_manifest(tmp_path):
    package = Path(vm.__file__).parent
    shutil.copytree(package, tmp_path / "victimsmodel", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "victimsmodel" / "rng.py").open("a") as source:
        source.write("# edited\n")
    with local_workers(0) as cluster, other_worker(cluster.scheduler_address, tmp_path):
        with pytest.raises(InputError, match=r"victimsmodel code = \w{12}: differs from \w{12} here.+VM213"):
            vm.on_cluster(cluster.scheduler_address).__enter__()
        run = partial(open_run, SCENARIO, tmp_path, overrides=SMALL, profile="tiny")
        expected = run().key
        with vm.on_cluster(cluster.scheduler_address, allow_mismatch=True) as table:
            assert table["what"].tolist() == ["victimsmodel code"]
            assert other_workers() == f"victimsmodel code {table['there'][0]}"
            assert run().key != expected
            made = vm.evaluate(SCENARIO, overrides=SMALL, profile="tiny", out=tmp_path).folder
            noted = opened_text((made / "manifest.json").read_text())["workers_of_other_versions"]
            assert noted == other_workers()
    assert other_workers() == ""
    assert run().key == expected


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
