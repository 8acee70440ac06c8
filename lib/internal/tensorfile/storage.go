package tensorfile

import (
	"fmt"

	"github.com/nlpodyssey/gopickle/types"
)

// storage is a block of numbers that tensors are views of.
type storage struct {
	number
	count  int
	read   func() ([]byte, error)
	values []float32 // nil until one of its tensors is loaded
}

func (s *storage) bytes() int64 { return int64(s.count) * int64(s.number.bytes) }

// checkSize compares the size of the storage in the file with the size in the pickle.
func (s *storage) checkSize(size int64) error {
	if size != s.bytes() {
		return fmt.Errorf("truncated or damaged: %d bytes, want %d", max(size, 0), s.bytes())
	}
	return nil
}

func (s *storage) load() error {
	if s.values != nil {
		return nil
	}
	if s.read == nil {
		return fmt.Errorf("the storage of the tensor is not in the file")
	}
	data, err := s.read()
	if err != nil {
		return err
	}
	if err := s.checkSize(int64(len(data))); err != nil {
		return err
	}
	s.values = s.floats(data)
	return nil
}

// findStorage returns the object for a persistent id of torch. A storage is ("storage", format, key, device, count), which
// the old layout follows with None. In the old layout, a whole module is ("module", class, source file, source).
func findStorage(id any, storages map[string]*storage) (any, error) {
	tuple, ok := id.(*types.Tuple)
	if ok && tuple.Len() > 1 && tuple.Get(0) == "module" {
		return tuple.Get(1), nil
	}
	if !ok || tuple.Len() < 5 || tuple.Get(0) != "storage" || storages == nil {
		return nil, fmt.Errorf("reference to %v: want a storage", id)
	}
	format, isFormat := tuple.Get(1).(number)
	key, isKey := tuple.Get(2).(string)
	count, isCount := tuple.Get(4).(int)
	if !isFormat || !isKey || !isCount || count < 0 || count > maxElements || tuple.Len() > 5 && tuple.Get(5) != nil {
		return nil, fmt.Errorf("storage %v: want format, key, device and a count up to %d", id, maxElements)
	}
	s := storages[key]
	if s == nil {
		s = &storage{number: format, count: count}
		storages[key] = s
	}
	if s.name != format.name || s.count != count {
		return nil, fmt.Errorf("storage %s has both %d numbers of type %s and %d of type %s", key, s.count, s.name, count, format.name)
	}
	return s, nil
}

// view is a tensor in a pickle: element (i, j, …) is source[offset + i·strides[0] + j·strides[1] + …].
type view struct {
	source        *storage
	offset        int
	dims, strides []int
}

// tensor returns a copy of the view's elements.
func (v *view) tensor() (Tensor, error) {
	if err := v.source.number.check(); err != nil {
		return Tensor{}, err
	}
	n, err := Elements(v.dims)
	if err != nil {
		return Tensor{}, err
	}
	if err := v.check(); err != nil {
		return Tensor{}, err
	}
	if err := v.source.load(); err != nil {
		return Tensor{}, err
	}
	t := Tensor{Dims: v.dims, Data: make([]float32, n)}
	v.copyTo(t.Data)
	return t, nil
}

func (v *view) copyTo(data []float32) {
	index := make([]int, len(v.dims))
	at := v.offset
	for i := range data {
		data[i] = v.source.values[at]
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
}

// check returns an error unless all elements lie in the storage.
func (v *view) check() error {
	last, count := v.offset, v.source.count
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

// maxDepth and maxNames are the maximum depth of the nested dicts of a pickle and their maximum number of entries.
const (
	maxDepth = 8
	maxNames = 1 << 20
)

// flattening collects the tensors of nested dicts in a File. A name is the keys joined by dots.
type flattening struct {
	*File
	seen  map[any]bool // dicts, because a pickle may contain one twice
	names int
}

// pickled returns the tensors in the value of a pickle, which must be a dict of tensors, dicts and other objects.
func pickled(value any) (*File, error) {
	switch v := value.(type) {
	case *foreign:
		return nil, fmt.Errorf("a whole pickled object (%s), want a state dict: load it in Python and save model.state_dict() by torch.save", v.class)
	case *types.OrderedDict, *types.Dict:
	default:
		return nil, fmt.Errorf("a %T, want a state dict of tensors", value)
	}
	f := flattening{&File{map[string]Entry{}, map[string]string{}}, map[any]bool{}, 0}
	if err := f.value("", value, 0); err != nil {
		return nil, err
	}
	return f.File, nil
}

func (f *flattening) value(name string, value any, depth int) error {
	if f.names++; f.names > maxNames || depth > maxDepth {
		return fmt.Errorf("more than %d entries, or dicts nested more than %d deep", maxNames, maxDepth)
	}
	switch v := value.(type) {
	case *view:
		return f.add(name, Entry{v.source.name, v.dims, v.tensor})
	case *foreign:
		f.Objects[wrappers.Replace(name)] = v.description()
	case *types.OrderedDict:
		if f.seen[v] {
			return nil
		}
		f.seen[v] = true
		for e := v.List.Front(); e != nil; e = e.Next() {
			entry := e.Value.(*types.OrderedDictEntry)
			if err := f.entry(name, entry.Key, entry.Value, depth); err != nil {
				return err
			}
		}
	case *types.Dict:
		if f.seen[v] {
			return nil
		}
		f.seen[v] = true
		for _, entry := range *v {
			if err := f.entry(name, entry.Key, entry.Value, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// entry adds an entry of a dict. It ignores keys that are not strings, which no state dict has.
func (f *flattening) entry(dict string, key, value any, depth int) error {
	name, ok := key.(string)
	if !ok {
		return nil
	}
	if dict != "" {
		name = dict + "." + name
	}
	return f.value(name, value, depth+1)
}
