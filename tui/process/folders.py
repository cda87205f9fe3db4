"""The user's folders: for configuration, state, gdtui's own logs, compiled programs and large data."""

from __future__ import annotations

from pathlib import Path

from tui.process.options import AppOptions


def config_file() -> Path:
    """The configuration file."""
    import platformdirs

    return platformdirs.user_config_path("gdtui", appauthor=False) / "config.toml"


def own_logs() -> Path:
    """The folder of the logs of what other code wrote while the screen, or a run's output, was reserved."""
    import platformdirs

    return platformdirs.user_log_path("gdtui")


def program_cache() -> Path:
    """The folder of compiled programs."""
    import platformdirs

    return platformdirs.user_cache_path("gdtui", appauthor=False) / "programs"


def large_data() -> Path:
    """The folder of data that are too large for memory, in files without a name."""
    return program_cache().with_name("data")


def use_cache(options: AppOptions) -> None:
    """Keep compiled programs for the next start, or not, according to the options, and put data that are too large for
    memory beside them. Call it before TensorFlow is imported."""
    from engine import program_cache as programs
    from engine.training import large_arrays

    programs.use(program_cache() if options.cache else None)
    large_arrays.use(large_data())
