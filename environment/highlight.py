"""The filter highlight_code of nbconvert for cells of GoNB."""

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import inherit
from pygments.lexers.go import GoLexer
from pygments.token import Comment


class CellLexer(GoLexer):
    """Lexer of Go with the special lines of GoNB: commands to the kernel (%…) and to the shell (!…)."""

    name = "GoNB"
    tokens = {"root": [(r"^[%!][^\n]*", Comment.Preproc), inherit]}


def highlight_code(source, language=None, metadata=None):
    return highlight(source or " ", CellLexer(), HtmlFormatter(cssclass=" highlight hl-go"))
