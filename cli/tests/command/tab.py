"""Presses Tab in a real shell on a pseudo-terminal.

    tab.py SHELL FOLDER < cases

FOLDER holds the completion script `script` and an executable `scout-auth` that prints its arguments.
A case is a line `TYPED|EXPECTED`: TYPED is typed, followed by Tab and Enter, and the shell must then
run the command with the arguments EXPECTED. The first case that differs ends the run with status 1.
"""

import os
import pty
import re
import select
import sys

SHELLS = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
LOADED = {
    "bash": ". ./script",
    "zsh": "autoload -U compinit; compinit -u -D; . ./script",
    "fish": "source ./script",
}
# Only a shell that hangs takes so long.
DEADLINE = 120


def main(shell: str, folder: str) -> int:
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        environment = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": folder, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        os.execvpe(shell, SHELLS[shell], environment)
    screen = Screen(terminal)
    screen.type(f"{LOADED[shell]}; scout-auth ready\n")
    screen.wait_for("ready")
    for case in sys.stdin.read().splitlines():
        typed, expected = case.split("|")
        screen.type(f"{typed}\t\n")
        if not screen.wait_for(expected):
            print(f"{typed}: expected {expected!r}, and the screen shows\n{screen.text}")
            return 1
        print(f"{typed}: {expected}")
    return 0


class Screen:
    def __init__(self, terminal: int) -> None:
        self.terminal = terminal
        self.text = ""

    def type(self, text: str) -> None:
        self.text = ""
        os.write(self.terminal, text.encode())

    def wait_for(self, arguments: str) -> bool:
        """Whether the next run of the command has these arguments."""
        while True:
            found = re.search(r"arguments<(.*?)>", self.text)
            if found:
                return found[1].rstrip() == arguments
            if not select.select([self.terminal], [], [], DEADLINE)[0]:
                return False
            try:
                self.text += os.read(self.terminal, 65536).decode(errors="replace")
            except OSError:
                return False


sys.exit(main(sys.argv[1], sys.argv[2]))
