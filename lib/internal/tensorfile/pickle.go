package tensorfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/nlpodyssey/gopickle/pickle"
)

// unpickle reads one pickle and returns its value. It adds the storages that the pickle refers to, without their values, to
// storages. Objects of classes that no state dict needs are represented by the names of their classes.
func unpickle(r *bufio.Reader, storages map[string]*storage) (value any, err error) {
	text, err := readPickle(r)
	if err != nil {
		return nil, fmt.Errorf("pickle: %w", err)
	}
	defer func() {
		if recover() != nil { // package pickle panics on invalid input
			value, err = nil, fmt.Errorf("damaged pickle")
		}
	}()
	u := pickle.NewUnpickler(bytes.NewReader(text))
	u.FindClass = findClass
	u.PersistentLoad = func(id any) (any, error) { return findStorage(id, storages) }
	value, err = u.Load()
	if err != nil {
		return nil, fmt.Errorf("pickle: %w", err)
	}
	return value, nil
}

// maxPickle is the maximum size of a pickle in bytes. The pickle of a ResNet-50 has about 50,000.
const maxPickle = 1 << 26

// operands holds the number of bytes of the operand of each operation of pickle protocols 2 to 5 that Python uses and whose
// operand has a fixed size.
var operands = map[byte]int{
	'(': 0, ')': 0, '.': 0, 'N': 0, 'Q': 0, 'R': 0, ']': 0, 'a': 0, 'b': 0, 'e': 0, 's': 0, 't': 0, 'u': 0, '}': 0,
	'0': 0, '1': 0, '2': 0, // pops and a copy
	0x81: 0, 0x92: 0, 0x93: 0, // new objects, a name from the stack
	0x85: 0, 0x86: 0, 0x87: 0, 0x88: 0, 0x89: 0, // tuples of one to three, True, False
	0x8f: 0, 0x90: 0, 0x91: 0, // sets
	'K': 1, 'M': 2, 'J': 4, 'G': 8, // numbers
	'h': 1, 'j': 4, 'q': 1, 'r': 4, 0x94: 0, // memo
	0x80: 1, // protocol
}

// prefixes holds, for the other operations, the number of bytes of the length that precedes the operand: integers, strings
// and bytes.
var prefixes = map[byte]int{
	0x8a: 1, 0x8b: 4, 'U': 1, 'T': 4, 'X': 4, 'B': 4, 'C': 1, 0x8c: 1, 0x8d: 8, 0x8e: 8, 0x96: 8,
}

// frame is the operation that starts a frame. A length of 8 bytes and the operations of the frame follow it.
const frame = 0x95

// readPickle returns the operations of one pickle. Package pickle allocates as many bytes as a length in the pickle says, so
// readPickle checks the lengths. It returns an error for operations that Python does not use, removes frames, which carry no
// information, and adds modulePrefix to module names.
func readPickle(r *bufio.Reader) ([]byte, error) {
	var text bytes.Buffer
	for text.Len() <= maxPickle {
		op, err := r.ReadByte()
		if err != nil {
			return nil, fmt.Errorf("truncated: %w", io.ErrUnexpectedEOF)
		}
		if op == frame {
			if _, err := r.Discard(8); err != nil {
				return nil, fmt.Errorf("truncated: %w", io.ErrUnexpectedEOF)
			}
			continue
		}
		text.WriteByte(op)
		if err := copyOperand(&text, r, op); err != nil {
			return nil, err
		}
		if op == '.' {
			return text.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("more than %d bytes", maxPickle)
}

func copyOperand(text *bytes.Buffer, r *bufio.Reader, op byte) error {
	n, fixed := operands[op]
	prefix, prefixed := prefixes[op]
	switch {
	case op == 'c':
		return copyName(text, r)
	case prefixed:
		length := make([]byte, 8)
		if _, err := io.ReadFull(r, length[:prefix]); err != nil {
			return fmt.Errorf("truncated: %w", err)
		}
		text.Write(length[:prefix])
		if size := binary.LittleEndian.Uint64(length); size <= maxPickle {
			n = int(size)
		} else {
			return fmt.Errorf("string of %d bytes", size)
		}
	case !fixed:
		return fmt.Errorf("operation 0x%x, which torch.save does not use: refused", op)
	}
	if copied, _ := io.CopyN(text, r, int64(n)); copied < int64(n) {
		return fmt.Errorf("truncated: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

// copyName copies two lines, module and name, and adds modulePrefix to the module.
func copyName(text *bytes.Buffer, r *bufio.Reader) error {
	text.WriteString(modulePrefix)
	for range 2 {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("name: truncated or too long")
		}
		text.Write(line)
	}
	return nil
}
