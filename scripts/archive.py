"""Packs a directory as a .tar.gz file that is the same for the same contents.

archive.py DIRECTORY ARCHIVE
"""

import gzip
import os
import sys
import tarfile
from pathlib import Path


def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who built it and when."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def main(directory: str, archive: str) -> None:
    """Write the archive, with the directory as its only top entry."""
    top = Path(directory)
    with (
        Path(archive).open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in [top, *sorted(top.rglob("*"))]:
            tar.add(path, path.relative_to(top.parent), recursive=False, filter=plain)


if __name__ == "__main__":
    main(*sys.argv[1:])
