"""Untrusted files: opened only if they are regular, and never waited for."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.files import NotRegularError, open_below, open_regular, read_regular, write_whole


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


ODD: dict[str, Callable[[Path], object]] = {
    "a named pipe": os.mkfifo,
    "a socket": a_socket,
    "a folder": os.mkdir,
    "a symbolic link": lambda path: path.symlink_to("/etc/hostname"),
}


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_regular_file_is_refused_at_once_and_named(tmp_path: Path, kind: str) -> None:
    ODD[kind](tmp_path / "odd")
    for flags in (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_RDWR):
        with pytest.raises(NotRegularError, match=f"it is {kind}, not a regular file"):
            open_regular(tmp_path / "odd", flags)


def test_a_device_is_refused() -> None:
    with pytest.raises(NotRegularError, match="a device"):
        read_regular("/dev/zero", 10)


def test_a_link_is_followed_only_where_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link", 7, follow=True) == b"content"
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to-pipe").symlink_to("pipe")
    with pytest.raises(NotRegularError, match="a named pipe"):
        read_regular(tmp_path / "to-pipe", 7, follow=True)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(2**42)
    with pytest.raises(ValueError, match="larger than 1000 bytes"):
        read_regular(tmp_path / "file", 1000)


def test_folders_below_are_opened_without_following_links(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "run").mkdir(parents=True)
    (tmp_path / "logs").symlink_to("elsewhere")
    os.close(open_below(tmp_path / "logs", ["run"]))
    (elsewhere / "lesson").symlink_to(elsewhere)
    with pytest.raises(NotRegularError, match="it is a symbolic link, not a folder") as caught:
        open_below(elsewhere, ["lesson", "run"])
    assert caught.value.filename == "lesson"
    (elsewhere / "file").touch()
    with pytest.raises(NotRegularError, match="it is a file, not a folder"):
        open_below(elsewhere, ["run", "..", "file"])
    with pytest.raises(FileNotFoundError):
        open_below(elsewhere, ["new", "below"])
    os.close(open_below(elsewhere, ["new", "below"], make=True))
    assert (elsewhere / "new" / "below").is_dir()


def test_a_file_is_written_whole_and_through_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"theirs")
    for name in ("record", "record.tmp"):
        (tmp_path / name).symlink_to(outside)
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        write_whole("record", b"ours", folder)
    finally:
        os.close(folder)
    assert outside.read_bytes() == b"theirs"
    assert not (tmp_path / "record").is_symlink()
    assert (tmp_path / "record").read_bytes() == b"ours"
    assert not (tmp_path / "record.tmp").exists()
