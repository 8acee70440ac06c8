package live

import (
	"errors"
	"fmt"
	"strings"
)

// CheckCondition reports a condition in SQL that would not stay inside the parentheses in which it is sent: one with a parenthesis
// that is not closed or not opened, with a semicolon, a comment, a parameter, or a text without an end. The quotes are those of
// PostgreSQL with standard_conforming_strings, and of DuckDB. Whether the text is a condition is for the database to say.
func CheckCondition(filter string) error {
	if strings.ContainsRune(filter, 0) {
		return errors.New("the filter contains a zero byte")
	}
	depth := 0
	for rest := filter; rest != ""; {
		size := 1
		switch {
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "/*"):
			return errors.New("the filter contains a comment")
		case rest[0] == ';':
			return errors.New("the filter contains a semicolon: it must be a single condition")
		case rest[0] == '(':
			depth++
		case rest[0] == ')':
			if depth--; depth < 0 {
				return errors.New("the filter closes a parenthesis that it does not open")
			}
		case rest[0] == '\'', rest[0] == '"', rest[0] == '$', isWord(rest[0]):
			var err error
			if size, err = token(rest); err != nil {
				return err
			}
		}
		rest = rest[size:]
	}
	if depth > 0 {
		return errors.New("the filter opens a parenthesis that it does not close")
	}
	return nil
}

// token returns the length of the quoted text, word, number or parameter at the beginning of a text.
func token(text string) (int, error) {
	if len(text) > 1 && text[1] == '\'' && (text[0] == 'e' || text[0] == 'E') {
		n, err := quoted(text[1:], true)
		return n + 1, err
	}
	switch {
	case text[0] == '\'', text[0] == '"':
		return quoted(text, false)
	case text[0] == '$':
		return dollar(text)
	}
	n := 1
	for n < len(text) && (isWord(text[n]) || text[n] == '$') {
		n++
	}
	return n, nil
}

// quoted returns the length of the text in quotes at the beginning of text. The quotes are doubled inside, or follow a backslash.
func quoted(text string, backslash bool) (int, error) {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch {
		case backslash && text[i] == '\\':
			i++
		case text[i] != quote:
		case i+1 < len(text) && text[i+1] == quote:
			i++
		default:
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("the filter has no end of the text that begins with %c", quote)
}

// dollar returns the length of the text between two tags, $$ or $tag$, at the beginning of text. A parameter is an error.
func dollar(text string) (int, error) {
	end := 1
	for end < len(text) && isWord(text[end]) {
		end++
	}
	if end > 1 && text[1] >= '0' && text[1] <= '9' {
		return 0, fmt.Errorf("the filter contains the parameter %s", text[:end])
	}
	if end == len(text) || text[end] != '$' {
		return 0, errors.New("the filter contains a $ outside of a text")
	}
	tag := text[:end+1]
	after := strings.Index(text[end+1:], tag)
	if after < 0 {
		return 0, fmt.Errorf("the filter has no end of the text that begins with %s", tag)
	}
	return end + 1 + after + len(tag), nil
}

// isWord reports whether a byte is a part of a name or a number. Bytes above 127 are letters.
func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
