"""What stands around a block that is a part of a program: its page and number, and the rest of the program."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Frame:
    """The program around a block in C or C++."""

    before: str = ""
    after: str = ""
    includes: list[str] = field(default_factory=lambda: ["#include <stdio.h>", "#include <string.h>"])


MAIN, END = "int main(void) {", "return rc != SCOUT_OK; }"
SIGNER = "scout_signer *signer = NULL; if (scout_signer_from_env(&signer) != SCOUT_OK) return 1;"
SCOUT = ["#include <stdio.h>", "#include <string.h>", "#include <scout_auth.h>"]
VERIFYING = """
char token[SCOUT_TOKEN_SIZE]; size_t token_length = 0;
if (scout_signer_bearer(signer, token, sizeof token, &token_length) != SCOUT_OK) return 1;
"""

#: Page and number of the block.
C = {
    ("README.md", 0): Frame(MAIN, END, SCOUT),
    ("c/README.md", 0): Frame(MAIN, END),
    ("c/README.md", 1): Frame(
        MAIN
        + SIGNER
        + """
const char *url = "https://api.scoutos.com/"; const char *date = NULL;
char authorization[SCOUT_TOKEN_SIZE]; size_t length = 0;
if (scout_signer_authorization_for(signer, url, authorization, SCOUT_TOKEN_SIZE, &length) != SCOUT_OK) return 1;
""",
        END,
        SCOUT,
    ),
    ("c/README.md", 2): Frame(MAIN + "scout_signer *signer = NULL;", END, SCOUT),
    ("c/README.md", 3): Frame(
        MAIN
        + SIGNER
        + VERIFYING
        + """
char pem[SCOUT_KEY_SIZE]; size_t pem_length = 0, length = token_length; char credential_id[256];
scout_public_key *key = NULL; scout_verifier *verifier = NULL; scout_claims *claims = NULL;
if (scout_signer_public_key(signer, &key) != SCOUT_OK) return 1;
if (scout_verifier_new(&verifier) != SCOUT_OK) return 1;
if (scout_verifier_add_key(verifier, key) != SCOUT_OK) return 1;
""",
        'if (strcmp(credential_id, "cred_123") != 0) rc = 1;\n' + END,
        SCOUT,
    ),
    ("docs/start.md", 0): Frame(),
    ("docs/verify.md", 0): Frame(
        MAIN
        + SIGNER
        + VERIFYING
        + """
char keys[8192]; FILE *file = fopen("keys.json", "r"); size_t keys_length = fread(keys, 1, sizeof keys, file);
""",
        END,
        SCOUT,
    ),
}
CPP = {
    ("c/README.md", 0): Frame(
        'int main() { const std::string url = "https://api.scoutos.com/";',
        "}",
        ["#include <iostream>", "#include <scout_auth.hpp>"],
    ),
    ("docs/start.md", 0): Frame(includes=[]),
}

REPOSITORY = "cd repository; git init --quiet; git config user.email a@example.org; git config user.name a; git add .; "
COMMITS = (
    "git commit --quiet --message first; git update-ref refs/remotes/origin/main HEAD; "
    "echo more > more.txt; git add .; git commit --quiet --message second; "
)
FRESH = "unset SCOUT_PRIVATE_KEY SCOUT_KID SCOUT_CREDENTIAL_ID; "
#: Page and first line -> what a user does before the lines of a block in a shell.
BEFORE = {
    ("README.md", "scout-auth scan --staged"): REPOSITORY,
    (
        "cli/README.md",
        "scout-auth completions",
    ): "fpath=(~/zsh); mkdir -p ~/zsh ~/.local/share/bash-completion/completions ~/.config/fish/completions; ",
    ("cli/README.md", "scout-auth import"): FRESH + "export SCOUT_CREDENTIAL_ID=cred_123; ",
    ("docs/scan.md", "scout-auth scan"): REPOSITORY + COMMITS,
    ("docs/scan.md", "#!/bin/sh"): REPOSITORY,
    ("docs/start.md", "scout-auth keygen"): FRESH,
}
#: The shells that are not bash.
SHELLS = {("cli/README.md", "scout-auth completions"): "zsh"}
#: The variable whose value is pasted into standard input.
INPUT = {("cli/README.md", "scout-auth import"): "SCOUT_PRIVATE_KEY"}
