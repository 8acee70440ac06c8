package tensorfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// modulePrefix is put before the module names in a pickle, so that package pickle calls findClass for every class. Its own
// OrderedDict does not accept the arguments that Python 2 pickles.
const modulePrefix = "pickled."

// findClass returns the object for a class or function that a pickle names: a function or storage type of torch's pickles of
// tensors, otherwise a foreign object. It returns an error for the names of modules that act on the system, although nothing
// would be executed.
func findClass(module, name string) (any, error) {
	full := strings.TrimPrefix(module, modulePrefix) + "." + name
	switch full {
	case "collections.OrderedDict":
		return callable(orderedDict), nil
	case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
		return callable(rebuildTensor), nil
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch.nn.parameter.Parameter":
		return callable(rebuildParameter), nil
	case "torch._tensor._rebuild_from_type_v2":
		return callable(rebuildFromType), nil
	}
	if n, ok := storageTypes[strings.Replace(full, "torch.cuda.", "torch.", 1)]; ok {
		return n, nil
	}
	root, _, _ := strings.Cut(full, ".")
	if slices.Contains(actingModules, root) && !slices.Contains(harmless, name) {
		return nil, fmt.Errorf("asks for %s, which no state dict of tensors needs: refused", full)
	}
	return &foreign{full}, nil
}

var (
	actingModules = strings.Fields("os posix nt sys subprocess shutil builtins __builtin__ runpy importlib socket pty ctypes webbrowser code")
	harmless      = strings.Fields("set frozenset dict list tuple int float complex bool str bytes bytearray object slice range getattr")
)

// storageTypes maps the classes of storages to their formats. Formats without decode cannot hold weights.
var storageTypes = map[string]number{
	"torch.FloatStorage": single, "torch.DoubleStorage": double, "torch.HalfStorage": half, "torch.BFloat16Storage": bfloat,
	"torch.LongStorage": integer("int64", 8), "torch.IntStorage": integer("int32", 4), "torch.ShortStorage": integer("int16", 2),
	"torch.CharStorage": integer("int8", 1), "torch.ByteStorage": integer("uint8", 1), "torch.BoolStorage": integer("bool", 1),
	"torch.QInt8Storage": integer("qint8 (quantised)", 1), "torch.QUInt8Storage": integer("quint8 (quantised)", 1),
	"torch.QInt32Storage": integer("qint32 (quantised)", 4), "torch.ComplexFloatStorage": integer("complex64", 8),
	"torch.ComplexDoubleStorage": integer("complex128", 16), "torch.storage.UntypedStorage": integer("untyped", 1),
}

// callable is a function that a pickle calls.
type callable func(args []any) (any, error)

// Call implements types.Callable.
func (f callable) Call(args ...any) (any, error) { return f(args) }

// foreign is an unknown class, or an object of an unknown class. Operations on it have no effect.
type foreign struct{ class string }

// description returns a noun phrase that describes the object.
func (f *foreign) description() string {
	switch {
	case strings.HasSuffix(f.class, "_rebuild_sparse_tensor"), strings.HasSuffix(f.class, "_rebuild_sparse_csr_tensor"):
		return "a sparse tensor"
	case strings.HasSuffix(f.class, "_rebuild_qtensor"):
		return "a quantised tensor"
	case strings.HasPrefix(f.class, "a "):
		return f.class
	}
	return "a Python object of class " + f.class
}

// Call, PyNew, PySetState, Set, Append and Add implement the operations of pickles on classes and objects.
func (f *foreign) Call(...any) (any, error)  { return f, nil }
func (f *foreign) PyNew(...any) (any, error) { return f, nil }
func (f *foreign) PySetState(any) error      { return nil }
func (f *foreign) Set(any, any)              {}
func (f *foreign) Append(any)                {}
func (f *foreign) Add(any)                   {}

// orderedDict returns a dict. It takes no arguments or, as Python 2 pickles it, a list of pairs.
func orderedDict(args []any) (any, error) {
	dict := types.NewOrderedDict()
	if len(args) == 0 {
		return dict, nil
	}
	list, ok := args[0].(*types.List)
	if !ok {
		return nil, fmt.Errorf("OrderedDict of a %T: want a list of pairs", args[0])
	}
	for _, item := range *list {
		pair, ok := item.(*types.List)
		if !ok || pair.Len() != 2 {
			return nil, fmt.Errorf("OrderedDict of %v: want pairs", item)
		}
		dict.Set(pair.Get(0), pair.Get(1))
	}
	return dict, nil
}

// rebuildTensor returns a view. It takes storage, offset, dimensions and strides, and arguments that inference does not need.
// The seventh argument may declare that the values are to be negated or conjugated, which is not supported.
func rebuildTensor(args []any) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("tensor of %d arguments: want at least 4", len(args))
	}
	source, isStorage := args[0].(*storage)
	offset, isOffset := args[1].(int)
	dims, isDims := integers(args[2])
	strides, isStrides := integers(args[3])
	if !isStorage || !isOffset || !isDims || !isStrides || len(dims) != len(strides) {
		return nil, fmt.Errorf("tensor of %v: want storage, offset, dimensions and as many strides", args)
	}
	if len(args) > 6 {
		if marks, ok := args[6].(*types.Dict); !ok || marks.Len() > 0 {
			return &foreign{"a tensor with pending negation or conjugation"}, nil
		}
	}
	return &view{source, offset, dims, strides}, nil
}

// rebuildParameter returns its first argument, a tensor. Inference does not need the others.
func rebuildParameter(args []any) (any, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("parameter without a tensor")
	}
	return args[0], nil
}

// rebuildFromType calls its first argument, a function, with the arguments in its third. The second is a subclass of tensors.
func rebuildFromType(args []any) (any, error) {
	if len(args) < 3 {
		return nil, fmt.Errorf("tensor subclass of %d arguments: want at least 3", len(args))
	}
	function, isFunction := args[0].(callable)
	inner, isTuple := args[2].(*types.Tuple)
	if !isFunction || !isTuple {
		return &foreign{"a tensor subclass"}, nil
	}
	return function(*inner)
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
