"""Cases of the corpus: keys, tokens and signatures that others published, with their verdicts.

What is due where the verdict alone does not tell stands in expectations.py.
"""

from suite.cases import Case

from . import keys, signatures, tokens
from .folder import Corpus

ABSENT = "ran without the corpus: there is none in ../shared/corpus"


def load() -> list[Case]:
    """All cases. The list is empty if there is no corpus."""
    corpus = Corpus.locate()
    return [case for group in (keys, tokens, signatures) for case in group.cases(corpus)] if corpus else []
