package resnet50

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// unpickle reads one pickle; the storages that it mentions, not yet read, are added to storages. Of the names that a pickle
// may ask for it knows those of a state dict; any other is an error.
func unpickle(r *bufio.Reader, storages map[string]*storage) (value any, err error) {
	text, err := readPickle(r)
	if err != nil {
		return nil, fmt.Errorf("pickle: %w", err)
	}
	defer func() {
		if p := recover(); p != nil { // package pickle trusts what it reads
			err = fmt.Errorf("damaged pickle: %v", p)
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

// maxPickle bounds a pickle, in bytes; that of ResNet-50 has some 50,000.
const maxPickle = 1 << 24

// operands is what follows the operations of a pickle of protocol 2, as far as torch.save uses them: so many bytes.
var operands = map[byte]int{
	'(': 0, ')': 0, '.': 0, 'N': 0, 'Q': 0, 'R': 0, ']': 0, 'a': 0, 'b': 0, 'e': 0, 's': 0, 't': 0, 'u': 0, '}': 0,
	0x85: 0, 0x86: 0, 0x87: 0, 0x88: 0, 0x89: 0, // tuples of one to three, True, False
	'K': 1, 'M': 2, 'J': 4, 'G': 8, // numbers
	'h': 1, 'j': 4, 'q': 1, 'r': 4, // memory
	0x80: 1, // protocol
}

// prefixes is the size of the length before the operand of the other operations: integers and strings.
var prefixes = map[byte]int{0x8a: 1, 'U': 1, 'T': 4, 'X': 4}

// readPickle reads up to the end of one pickle. Package pickle allocates what a length in the pickle asks for, terabytes if
// need be, so lengths are checked here, and operations that torch.save does not use are refused.
func readPickle(r *bufio.Reader) ([]byte, error) {
	var text bytes.Buffer
	for text.Len() <= maxPickle {
		op, err := r.ReadByte()
		if err != nil {
			return nil, fmt.Errorf("truncated: %w", io.ErrUnexpectedEOF)
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
	case op == 'c': // two lines, module and name
		for range 2 {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return fmt.Errorf("name: truncated, or too long")
			}
			text.Write(line)
		}
		return nil
	case prefixed:
		length := make([]byte, 8)
		if _, err := io.ReadFull(r, length[:prefix]); err != nil {
			return fmt.Errorf("truncated: %w", err)
		}
		text.Write(length[:prefix])
		n = int(binary.LittleEndian.Uint64(length))
	case !fixed:
		return fmt.Errorf("operation 0x%x, which torch.save does not use: refused", op)
	}
	if n > maxPickle {
		return fmt.Errorf("string of %d bytes", n)
	}
	if copied, _ := io.CopyN(text, r, int64(n)); copied < int64(n) {
		return fmt.Errorf("truncated: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

// findClass knows what torch's pickles of tensors ask for beyond package pickle's own containers.
func findClass(module, name string) (any, error) {
	switch module + "." + name {
	case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
		return callable(rebuildTensor), nil
	case "torch._utils._rebuild_parameter":
		return callable(rebuildParameter), nil
	case "torch.FloatStorage":
		return single, nil
	case "torch.HalfStorage":
		return half16, nil
	case "torch.BFloat16Storage":
		return brain, nil
	case "torch.LongStorage":
		return long, nil
	case "torch.DoubleStorage":
		return number{"float64", 8, nil}, nil
	}
	return nil, fmt.Errorf("asks for %s.%s, which belongs to no state dict of tensors: refused", module, name)
}

// callable is a function in a pickle.
type callable func(args []any) (any, error)

// Call implements types.Callable.
func (f callable) Call(args ...any) (any, error) { return f(args) }

// storage is a block of numbers that tensors are views of; values is nil until it is read, and stays nil if the
// numbers are of no format for weights.
type storage struct {
	number
	count  int
	values []float32
}

func (s *storage) bytes() int64 { return int64(s.count) * int64(s.number.bytes) }

// set takes what was read of the storage.
func (s *storage) set(data []byte, err error) error {
	if err != nil {
		return err
	}
	if int64(len(data)) != s.bytes() {
		return fmt.Errorf("truncated: %d bytes, want %d", len(data), s.bytes())
	}
	if s.decode != nil {
		s.values = s.floats(data)
	}
	return nil
}

// findStorage resolves torch's persistent id, ("storage", format, key, device, count), and in the old layout None.
func findStorage(id any, storages map[string]*storage) (any, error) {
	tuple, ok := id.(*types.Tuple)
	if !ok || tuple.Len() < 5 || tuple.Get(0) != "storage" || storages == nil {
		return nil, fmt.Errorf("reference to %v: want a storage", id)
	}
	format, isFormat := tuple.Get(1).(number)
	key, isKey := tuple.Get(2).(string)
	count, isCount := tuple.Get(4).(int)
	if !isFormat || !isKey || !isCount || count < 0 || count > maxElements || tuple.Len() > 5 && tuple.Get(5) != nil {
		return nil, fmt.Errorf("storage %v: want format, key, device and a count up to %d", id, maxElements)
	}
	if s := storages[key]; s != nil {
		return s, nil
	}
	storages[key] = &storage{number: format, count: count}
	return storages[key], nil
}

// view is a tensor in a pickle: element (i, j, …) is source[offset + i·strides[0] + j·strides[1] + …].
type view struct {
	source        *storage
	offset        int
	dims, strides []int
}

// rebuildTensor takes storage, offset, dimensions, strides, and what inference does not need.
func rebuildTensor(args []any) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("tensor of %d arguments", len(args))
	}
	source, isStorage := args[0].(*storage)
	offset, isOffset := args[1].(int)
	dims, isDims := integers(args[2])
	strides, isStrides := integers(args[3])
	if !isStorage || !isOffset || !isDims || !isStrides || len(dims) != len(strides) {
		return nil, fmt.Errorf("tensor of %v: want storage, offset, dimensions and as many strides", args)
	}
	return &view{source, offset, dims, strides}, nil
}

// rebuildParameter takes a tensor, and what inference does not need.
func rebuildParameter(args []any) (any, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("parameter without a tensor")
	}
	return args[0], nil
}

func integers(value any) ([]int, bool) {
	tuple, ok := value.(*types.Tuple)
	if !ok {
		return nil, false
	}
	list := []int{}
	for _, v := range *tuple {
		n, ok := v.(int)
		if !ok {
			return nil, false
		}
		list = append(list, n)
	}
	return list, true
}

// stateDict turns the pickle's value, a dict of tensors whose storages are read, into tensors.
func stateDict(value any) (map[string]Tensor, error) {
	dict, ok := value.(*types.OrderedDict)
	if !ok {
		return nil, fmt.Errorf("a %T, want a state dict of tensors (OrderedDict)", value)
	}
	all := map[string]Tensor{}
	for e := dict.List.Front(); e != nil; e = e.Next() {
		entry := e.Value.(*types.OrderedDictEntry)
		name, ok := entry.Key.(string)
		if !ok {
			return nil, fmt.Errorf("state dict: key %v, want a name", entry.Key)
		}
		v, ok := entry.Value.(*view)
		if !ok {
			return nil, fmt.Errorf("state dict: %s is a %T, want a tensor", name, entry.Value)
		}
		if isCounter(name) {
			continue
		}
		t, err := v.tensor()
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", name, err)
		}
		all[name] = t
	}
	return all, nil
}

// tensor copies the view's elements.
func (v *view) tensor() (Tensor, error) {
	if v.source.decode == nil {
		return Tensor{}, fmt.Errorf("type %s: want float32, float16 or bfloat16", v.source.name)
	}
	n, err := elements(v.dims)
	if err != nil {
		return Tensor{}, err
	}
	if err := v.check(); err != nil {
		return Tensor{}, err
	}
	t := Tensor{Dims: v.dims, Data: make([]float32, n)}
	index := make([]int, len(v.dims))
	at := v.offset
	for i := range t.Data {
		t.Data[i] = v.source.values[at]
		for axis := len(index) - 1; axis >= 0; axis-- {
			index[axis]++
			at += v.strides[axis]
			if index[axis] < v.dims[axis] {
				break
			}
			at -= v.strides[axis] * v.dims[axis]
			index[axis] = 0
		}
	}
	return t, nil
}

// check says whether all elements lie in the storage.
func (v *view) check() error {
	last, count := v.offset, len(v.source.values)
	for axis, d := range v.dims {
		if stride := v.strides[axis]; d > 1 {
			if stride < 0 || stride > count {
				return fmt.Errorf("stride %d in a storage of %d values", stride, count)
			}
			last += (d - 1) * stride
		}
	}
	if v.offset < 0 || v.offset > count || last >= count {
		return fmt.Errorf("elements %d to %d of a storage of %d values", v.offset, last, count)
	}
	return nil
}
