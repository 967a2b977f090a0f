import os
import subprocess
import sys
import time

from local.processes import descendants, kill_tree, parents

PARENT = (
    "import subprocess, sys, time\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
    " start_new_session=True)\n"
    "time.sleep(60)\n"
)


def test_descendants_are_found_at_any_depth() -> None:
    assert sorted(descendants(1, {2: 1, 3: 2, 4: 3, 5: 9})) == [2, 3, 4]


def test_knows_the_parent_of_this_process() -> None:
    assert parents()[os.getpid()] == os.getppid()


def test_kills_what_is_in_a_session_of_its_own() -> None:
    leader = subprocess.Popen([sys.executable, "-c", PARENT], start_new_session=True)
    while not (found := descendants(leader.pid, parents())):
        time.sleep(0.02)
    kill_tree(leader.pid)
    leader.wait()
    while set(found) & set(parents()):
        time.sleep(0.02)
    assert leader.returncode == -9
