"""Runs a command on a pseudo-terminal and types standard input when the command asks for it.

    typed.py COMMAND... < text

A NUL divides the text into parts. Each is typed when the command asks for it.
Prints what the screen shows, then a line with the exit status (negative: the signal) and whether the
terminal shows again what is typed.
"""

import os
import select
import signal
import subprocess
import sys
import termios
import time

# Only a command that does not hide its input takes so long.
DEADLINE = time.monotonic() + 60


def main(command: list[str]) -> None:
    terminal, inner = os.openpty()
    # A shell's background job ignores this signal, and its children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner)
    screen = b""
    for text in sys.stdin.buffer.read().split(b"\0"):
        screen += wait_until(terminal, lambda shown: b"Paste" in shown and is_hidden(inner))
        while text:
            text = text[os.write(terminal, text[:1024]) :]
    screen += wait_until(terminal, lambda _: process.poll() is not None)
    screen += wait_until(terminal, lambda _: not select.select([terminal], [], [], 0)[0])
    print(screen.decode(errors="replace"))
    print(f"status {process.returncode}, shows what is typed: {not is_hidden(inner)}")


def wait_until(terminal, is_true) -> bytes:
    """What the screen shows until then."""
    screen = b""
    while not is_true(screen):
        if time.monotonic() > DEADLINE:
            sys.exit(f"still waiting; the screen shows {screen!r}")
        if select.select([terminal], [], [], 0.01)[0]:
            screen += os.read(terminal, 65536)
    return screen


def is_hidden(terminal: int) -> bool:
    return not termios.tcgetattr(terminal)[3] & termios.ECHO


main(sys.argv[1:])
