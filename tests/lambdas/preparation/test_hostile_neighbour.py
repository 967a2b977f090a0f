"""Four honest uploads beside one whose code does what it can to them.

Scanner and loading policy are off: only the confinement and the digests stand between the code and
the others.
"""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.workers.hostile import UNGUARDED
from preparation.prepare import Preparer
from serving.records.verdicts import Candidate
from serving.repository.candidates import Candidates
from tests.lambdas.confinement import old_kernel
from tests.lambdas.deployment import Deployment, classifier, dumped
from tests.lambdas.preparation.malicious import Calls

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

pytestmark = pytest.mark.slow

ATTEMPT = """
def attempt(do):
    try:
        done.append(do())
    except BaseException as error:
        done.append(repr(error))
import glob, os, shutil, sys, time
done = []
own = next(word for word in sys.argv if "/candidates/" in word)
root, id = own.split("/candidates/")[0] + "/candidates", own.split("/candidates/")[1][:32]
others = [path for path in glob.glob(root + "/*") if os.path.basename(path) != id]
"""
ATTACKS = {
    "forges the compiled form": """
for path in others:
    for form in glob.glob(path + "/.compiled*"):
        attempt(lambda: open(form, "wb").write(b"forged"))
""",
    "forges the description": """
for path in others:
    attempt(lambda: open(path + "/description.json", "w").write('{}'))
""",
    "changes the uploaded files": """
for path in others:
    for file in glob.glob(path + "/files/*"):
        attempt(lambda: open(file, "wb").write(b"forged"))
""",
    "deletes them": "for path in others: attempt(lambda: shutil.rmtree(path))",
    "takes the folder of all": "attempt(lambda: os.chmod(root, 0))",
    "makes them look old": "for path in others: attempt(lambda: os.utime(path, (0, 0)))",
    "kills its parents": """
parent = os.getppid()
attempt(lambda: os.kill(parent, 9))
attempt(lambda: os.kill(-1, 9))
""",
    "leaves a daemon that does it later": """
def later():
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        time.sleep(1)
        for path in glob.glob(root + "/*"):
            shutil.rmtree(path, ignore_errors=True)
        os._exit(0)
attempt(later)
""",
}


def hostile(code: str) -> bytes:
    """Return a pickle of a model that runs code when it is loaded."""
    honest = pickle.dumps(classifier())
    text = f"[exec({ATTEMPT + code!r}, {{}}), __import__('pickle').loads({honest!r})][1]"
    return dumped(Calls(eval, text))


@pytest.fixture
def deployment(s3: "S3Client", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    monkeypatch.syspath_prepend(UNGUARDED)
    deployment = Deployment(s3, tmp_path)
    candidates = Candidates(tmp_path / "candidates")
    deployment.preparer = Preparer(
        candidates, deployment.trusted_formats, 4096, compile_seconds=30, scans=False
    )
    return deployment


def answers(deployment: Deployment, model: str) -> Any:
    body = json.dumps({"model": model, "instances": [[0.0, 0.0], [1.0, 1.0]]}).encode()
    return json.loads(deployment.call("POST", "/inference", body).body)["predictions"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_four_honest_uploads_beside_a_hostile_one(deployment: Deployment, attack: str) -> None:
    prepared = [
        deployment.judge(deployment.put(f"a{n}.joblib", dumped(classifier(n)))) for n in (0, 1)
    ]
    staged = [
        deployment.stager.judge(deployment.put(f"b{n}.joblib", dumped(classifier(n))))
        for n in (2, 3)
    ]
    outcome = deployment.upload("hostile.pkl", hostile(ATTACKS[attack]))
    later = [deployment.preparer.judge(verdict, 60) for verdict in staged if verdict]
    for verdict in (*prepared, *later):
        assert isinstance(verdict, Candidate), verdict
        assert deployment.publisher.act(verdict)["result"] == "activated"
    found = [answers(deployment, name) for name in ("a0", "a1", "b2", "b3")]
    assert found == [[n, n + 1] for n in range(4)]
    assert outcome is not None
    assert outcome["result"] == "activated", outcome


def _replace(form: Path, by: Callable[[Path], object]) -> None:
    form.unlink()
    by(form)


FORGERIES: dict[str, Callable[[Candidates, str], object]] = {
    "the compiled form": lambda all_, id_: all_.compiled(id_).write_bytes(b"forged"),
    "the description": lambda all_, id_: (all_.folder(id_) / "description.json").write_text("{}"),
    "no description": lambda all_, id_: (all_.folder(id_) / "description.json").unlink(),
    "no compiled form": lambda all_, id_: all_.compiled(id_).unlink(),
    "a folder": lambda all_, id_: _replace(all_.compiled(id_), Path.mkdir),
    "a link": lambda all_, id_: _replace(
        all_.compiled(id_), lambda form: form.symlink_to("/dev/zero")
    ),
}


@pytest.mark.parametrize("forged", FORGERIES)
def test_what_was_changed_after_the_preparation_is_not_published(
    deployment: Deployment, forged: str
) -> None:
    event = deployment.put("bank.joblib", dumped(classifier()))
    verdict = deployment.judge(event)
    assert isinstance(verdict, Candidate)
    FORGERIES[forged](deployment.repository.candidates, verdict.candidate)
    outcome = deployment.publisher.act(verdict)
    assert outcome["result"] == "rejected"
    assert "changed between its preparation and its publication" in outcome["reason"]
    (rejection,) = deployment.repository.models.status("bank").rejected
    assert rejection.code == "PREPARATION_TAMPERED"
    # The upload itself is unharmed, as the reason says.
    assert deployment.upload("bank.joblib", dumped(classifier()))["result"] == "activated"  # type: ignore[index]


def test_an_old_kernel_leaves_the_digests(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Landlock and filters the code finds others' folders here, where all have one user."""
    victim = deployment.judge(deployment.put("bank.joblib", dumped(classifier())))
    assert isinstance(victim, Candidate)
    old_kernel.pretend(monkeypatch)
    deployment.upload("hostile.pkl", hostile(ATTACKS["forges the compiled form"]))
    form = deployment.repository.candidates.compiled(victim.candidate)
    assert form.read_bytes() == b"forged"
    assert deployment.publisher.act(victim)["result"] == "rejected"


def test_an_old_kernel_leaves_no_daemon(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old_kernel.pretend(monkeypatch)
    mark = tmp_path / "daemon"
    code = f"""
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    open({str(mark)!r}, "w").write(str(os.getpid()))
    time.sleep(60)
    os._exit(0)
while not os.path.exists({str(mark)!r}):
    time.sleep(0.01)
"""
    deployment.judge(deployment.put("daemon.pkl", hostile(code)))
    assert mark.exists()
    assert not Path("/proc", mark.read_text()).exists()


@pytest.mark.parametrize(
    "reported",
    [
        b"",
        b"not json",
        b"[]",
        b'{"description": 3}',
        b'{"rejected": 3}',
        b'{"rejected": {"code": "' + b"X" * 999 + b'", "reason": 1}}',
        b'{"description": "\\ud800"}',
        b"[" * 99_999,
    ],
)
def test_a_nonsense_report_is_a_rejection(deployment: Deployment, reported: bytes) -> None:
    code = f"os.write(int(os.environ['CHILD_REPORT_FD']), {reported!r}); os._exit(0)"
    verdict = deployment.judge(deployment.put("m.pkl", hostile(code)))
    assert getattr(verdict, "code", None) == "LOAD_FAILED", verdict
