"""Highlights the code of GoNB's cells as nbconvert's filter highlight_code does that of other kernels."""

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import inherit
from pygments.lexers.go import GoLexer
from pygments.token import Comment


class CellLexer(GoLexer):
    """Go, and GoNB's own lines: commands to the kernel (%…) and to the shell (!…)."""

    name = "GoNB"
    tokens = {"root": [(r"^[%!][^\n]*", Comment.Preproc), inherit]}


def highlight_code(source, language=None, metadata=None):
    return highlight(source or " ", CellLexer(), HtmlFormatter(cssclass=" highlight hl-go"))
