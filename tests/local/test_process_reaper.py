from local.process_reaper import unreleased


def test_the_reaper_knows_which_processes_still_run() -> None:
    assert unreleased(["+1\n", "+2\n", "-1\n", "+3\n", "-3\n"]) == {2}
