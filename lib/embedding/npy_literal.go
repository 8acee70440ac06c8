package embedding

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// value is a Python value with its source text.
type value struct {
	text string
	data any // string, int64, bool, nil, tuple, list or dict
}

type (
	tuple []value
	list  []value
	dict  map[string]value
)

// literal is a parser of Python literals: strings, integers, True, False, None, tuples, lists and dictionaries whose
// keys are strings. Escape sequences in strings are not interpreted. Comments, sums and adjacent strings are rejected.
type literal struct {
	text string
	at   int
	long bool // whether integers may end in L, as in Python 2
}

var errEarlyEnd = errors.New("it ends early")

// parseDict parses a text that contains one dictionary, surrounded by optional white space.
func parseDict(text string, long bool) (dict, error) {
	p := literal{text: strings.TrimLeft(text, " \t"), long: long}
	if !strings.HasPrefix(p.text, "{") {
		return nil, errors.New("it is not a dictionary")
	}
	data, err := p.data()
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.unexpected()
	}
	return data.(dict), nil
}

func (p *literal) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// peek skips white space and returns the next character, 0 at the end.
func (p *literal) peek() byte {
	if p.space(); p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *literal) unexpected() error {
	if p.at >= len(p.text) {
		return errEarlyEnd
	}
	return fmt.Errorf("%q is not expected at character %d", p.text[p.at], p.at)
}

// skip consumes c, which must be the next character.
func (p *literal) skip(c byte) error {
	if p.peek() != c {
		return p.unexpected()
	}
	p.at++
	return nil
}

func (p *literal) value() (value, error) {
	p.space()
	from := p.at
	data, err := p.data()
	return value{p.text[from:p.at], data}, err
}

func (p *literal) data() (any, error) {
	switch c := p.peek(); c {
	case '\'', '"':
		return p.str()
	case '(':
		return p.parentheses()
	case '[':
		items, _, err := p.items(']')
		return list(items), err
	case '{':
		return p.dict()
	case '-', '+':
		p.at++
		n, err := p.integer()
		if c == '-' {
			n = -n
		}
		return n, err
	}
	if c := p.peek(); c >= '0' && c <= '9' {
		return p.integer()
	}
	return p.name()
}

// word consumes and returns letters, digits and underscores.
func (p *literal) word() string {
	from := p.at
	for p.at < len(p.text) && (p.text[p.at] == '_' || isAlphanumeric(p.text[p.at])) {
		p.at++
	}
	return p.text[from:p.at]
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// name parses a constant, or a string with the Unicode prefix of Python 2.
func (p *literal) name() (any, error) {
	from := p.at
	switch p.word() {
	case "True":
		return true, nil
	case "False":
		return false, nil
	case "None":
		return nil, nil
	case "u", "U":
		if p.at < len(p.text) && strings.IndexByte(`'"`, p.text[p.at]) >= 0 {
			return p.str()
		}
	}
	p.at = from
	return nil, p.unexpected()
}

func (p *literal) str() (string, error) {
	quote, from := p.text[p.at], p.at+1
	for i := from; i < len(p.text); i++ {
		switch p.text[i] {
		case quote:
			p.at = i + 1
			return p.text[from:i], nil
		case '\\':
			i++
		case '\r', '\n':
			return "", fmt.Errorf("the string at character %d does not end on its line", p.at)
		}
	}
	return "", errEarlyEnd
}

func (p *literal) integer() (int64, error) {
	p.space()
	digits := p.word()
	if digits == "" {
		return 0, p.unexpected()
	}
	if p.long {
		digits = strings.TrimSuffix(digits, "L")
	}
	if len(digits) > 1 && digits[0] == '0' && isDigit(digits[1]) && strings.Trim(digits, "0_") != "" {
		return 0, fmt.Errorf("the integer %s begins with 0", digits)
	}
	n, err := strconv.ParseInt(digits, 0, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("the integer %s is too large", digits)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not an integer", digits)
	}
	return n, nil
}

func isDigit(c byte) bool { return c == '_' || '0' <= c && c <= '9' }

// parentheses parses a tuple, or a single value in parentheses without a comma.
func (p *literal) parentheses() (any, error) {
	items, commas, err := p.items(')')
	if err == nil && len(items) == 1 && commas == 0 {
		return items[0].data, nil
	}
	return tuple(items), err
}

// items parses values from the opening bracket, which is next, to the closing bracket end.
func (p *literal) items(end byte) (items []value, commas int, err error) {
	p.at++
	for p.peek() != end {
		if commas < len(items) {
			return nil, 0, p.unexpected()
		}
		item, err := p.value()
		if err != nil {
			return nil, 0, err
		}
		if items = append(items, item); p.peek() == ',' {
			p.at++
			commas++
		}
	}
	p.at++
	return items, commas, nil
}

// dict parses a dictionary. The last of equal keys counts, as in Python.
func (p *literal) dict() (dict, error) {
	p.at++
	d := dict{}
	for comma := true; p.peek() != '}'; {
		if !comma {
			return nil, p.unexpected()
		}
		key, err := p.value()
		if err != nil {
			return nil, err
		}
		name, ok := key.data.(string)
		if !ok {
			return nil, fmt.Errorf("its key %s is not a string", key.text)
		}
		if err := p.skip(':'); err != nil {
			return nil, err
		}
		if d[name], err = p.value(); err != nil {
			return nil, err
		}
		if comma = p.peek() == ','; comma {
			p.at++
		}
	}
	p.at++
	return d, nil
}
