"""What all subcommands share: help, version, settings."""

from importlib.metadata import version

from tests.cli.running import Start


def test_help_names_the_subcommands_in_order(start: Start) -> None:
    help_ = start("--help")
    assert help_.wait() == 0
    places = [help_.output.find(f"│ {name} ") for name in ("run", "serve", "worker", "extract")]
    assert all(place > 0 for place in places)
    assert places == sorted(places)


def test_version(start: Start) -> None:
    shown = start("--version")
    assert shown.wait() == 0
    assert shown.output == f"Tocsin {version('tocsin')}\n"


def test_a_setting_that_cannot_be_used_is_one_line(start: Start) -> None:
    for subcommand in ("run", "serve", "worker", "extract"):
        refused = start(subcommand, TOCSIN_JOB_TIMEOUT="soon")
        assert refused.wait() == 2
        assert refused.output == "tocsin: TOCSIN_JOB_TIMEOUT='soon': Expected `int`, got `str`.\n"


def test_serve_and_worker_need_a_redis(start: Start) -> None:
    for subcommand in ("serve", "worker"):
        refused = start(subcommand)
        assert refused.wait() == 2
        assert refused.output.startswith("tocsin: REDIS_URL is not set.")
