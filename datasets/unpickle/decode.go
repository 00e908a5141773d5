package unpickle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/types"
)

// Limits guard against pickles that would fill memory. The zero value is the default.
type Limits struct {
	Bytes   int64 // of the pickle; 0 means 4 GiB
	String  int64 // of one string, in bytes; 0 means 16 MiB
	Opcodes int64 // of the pickle and those inside its tensors; 0 means 1,000 million
	Depth   int   // of lists in lists; 0 means 64
}

func (l Limits) filled() Limits {
	if l.Bytes == 0 {
		l.Bytes = 4 << 30
	}
	if l.String == 0 {
		l.String = 16 << 20
	}
	if l.Opcodes == 0 {
		l.Opcodes = 1e9
	}
	if l.Depth == 0 {
		l.Depth = 64
	}
	return l
}

// Decode reads the pickle that open gives, from its beginning both times. Bytes behind
// its end are left alone.
func Decode(ctx context.Context, open func() (io.ReadCloser, error), l Limits) (any, error) {
	l = l.filled()
	first, err := open()
	if err != nil {
		return nil, err
	}
	scan := newGuard(&ending{ctx, first}, l)
	scan.refers = map[uint32]bool{}
	for err == nil {
		scan.out = nil
		err = scan.step()
	}
	first.Close() // only read from
	if err != io.EOF {
		return nil, err
	}
	second, err := open()
	if err != nil {
		return nil, err
	}
	defer second.Close()
	g := newGuard(&ending{ctx, second}, l)
	g.keep = scan.refers
	return decode(g)
}

// DecodeBytes reads a pickle in memory.
func DecodeBytes(text []byte, l Limits) (any, error) {
	return Decode(context.Background(), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }, l)
}

// ending is a reader that ends with its context.
type ending struct {
	ctx context.Context
	io.Reader
}

func (e *ending) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.Reader.Read(p)
}

// decode reads what a guard lets through.
func decode(g *guard) (any, error) {
	d := &decoder{g: g}
	value, err := d.reader(g, func(any) (any, error) {
		return nil, errors.New("it refers to something outside of it: only pickles of single tensors are read, not files of torch.save")
	}).load()
	if err != nil {
		return nil, err
	}
	d.budget = g.ops
	return d.plain(value, g.limits.Depth)
}

// decoder gives values of gopickle their plain form.
type decoder struct {
	g      *guard
	budget int64   // values that may still be converted: the pickle has an opcode for each
	inner  *reader // of the files inside tensors
	prefix []byte  // how the file of the last tensor began, up to what differs
}

// reader is the library behind a guard.
type reader struct {
	guard   *guard
	library pickle.Unpickler
}

func (d *decoder) reader(g *guard, persistent func(any) (any, error)) *reader {
	r := &reader{g, pickle.NewUnpickler(g)}
	r.library.FindClass, r.library.PersistentLoad = d.class, persistent
	return r
}

// load reads the next pickle. The library panics on some pickles that no Python would
// write.
func (r *reader) load() (value any, err error) {
	g := r.guard
	defer func() {
		if p := recover(); p != nil {
			value, err = nil, g.fail("it makes no sense: %v", p)
		}
	}()
	g.next()
	value, err = r.library.Load()
	if err == nil {
		return value, nil
	}
	if g.err != nil && g.err != io.EOF {
		return nil, g.err // which the library may have hidden
	}
	return nil, &Error{Offset: g.at, Reason: fmt.Sprintf("%.300s", err), Err: err} // the library's texts may show whole values
}

// plain gives a value its plain form. Lists are changed in place.
func (d *decoder) plain(v any, depth int) (any, error) {
	if depth == 0 {
		return nil, d.g.fail("lists in lists in lists, deeper than %d", d.g.limits.Depth)
	}
	if d.budget--; d.budget < 0 {
		return nil, d.g.fail("it repeats what it has so often that it grows out of proportion")
	}
	switch v := v.(type) {
	case nil, bool, int, float64, string, *Array, List, Tuple, Dict:
		return v, nil
	case []byte:
		return string(v), nil
	case *types.List:
		return List(*v), d.each(*v, depth)
	case *types.Tuple:
		return Tuple(*v), d.each(*v, depth)
	case *types.Dict:
		entries := make(Dict, len(*v))
		for i, e := range *v {
			key, err := d.plain(e.Key, depth-1)
			if err != nil {
				return nil, err
			}
			value, err := d.plain(e.Value, depth-1)
			if err != nil {
				return nil, err
			}
			entries[i] = Entry{key, value}
		}
		return entries, nil
	case *types.OrderedDict:
		entries := make(Dict, 0, v.Len())
		for e := v.List.Front(); e != nil; e = e.Next() {
			entry := e.Value.(*types.OrderedDictEntry)
			key, err := d.plain(entry.Key, depth-1)
			if err != nil {
				return nil, err
			}
			value, err := d.plain(entry.Value, depth-1)
			if err != nil {
				return nil, err
			}
			entries = append(entries, Entry{key, value})
		}
		return entries, nil
	case *ndarray:
		return v.array()
	case *csr:
		return v.matrix()
	}
	return nil, d.g.fail("a value of type %T where plain data is wanted", v)
}

func (d *decoder) each(values []any, depth int) error {
	for i, v := range values {
		p, err := d.plain(v, depth-1)
		if err != nil {
			return err
		}
		values[i] = p
	}
	return nil
}

// class gives what a global name of a pickle stands for.
func (d *decoder) class(module, name string) (any, error) {
	switch module + "." + name {
	case "_codecs.encode":
		return function(encode), nil
	case "__builtin__.list", "builtins.list":
		return listClass{}, nil
	case "collections.defaultdict":
		return function(defaultDict), nil
	case "__builtin__.bytes", "builtins.bytes":
		return function(emptyBytes), nil
	case "torch._utils._rebuild_tensor_v2":
		return function(rebuildTensor), nil
	case "torch.storage._load_from_bytes":
		return function(d.loadStorage), nil
	case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct":
		return function(newArray), nil
	case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar":
		return function(scalar), nil
	case "numpy.ndarray":
		return ndarrayClass{}, nil
	case "numpy.dtype":
		return function(newDtype), nil
	case "scipy.sparse.csr.csr_matrix", "scipy.sparse._csr.csr_matrix":
		return csrClass{}, nil
	}
	if module == "torch" {
		if s, ok := storages[name]; ok {
			return s, nil
		}
	}
	return nil, fmt.Errorf("class %.80q is not known: only plain data, numpy, scipy.sparse and torch tensors are read", module+"."+name)
}

// function makes a Go function callable for a pickle.
type function func(args ...any) (any, error)

// Call calls the function.
func (f function) Call(args ...any) (any, error) { return f(args...) }

var _ types.Callable = function(nil)

// listClass is the class list, which stands in pickles as a default value.
type listClass struct{}

// encode is how Python 3 writes bytes for Python 2: as text of the first 256 characters.
func encode(args ...any) (any, error) {
	if len(args) == 2 {
		text, isText := args[0].(string)
		if code, ok := args[1].(string); isText && ok && (code == "latin1" || code == "latin-1") {
			b := make([]byte, 0, len(text))
			for _, r := range text {
				if r > 0xff {
					return nil, fmt.Errorf("the character %q is no byte", r)
				}
				b = append(b, byte(r))
			}
			return b, nil
		}
	}
	return nil, errors.New("_codecs.encode is known for latin1 only")
}

func emptyBytes(args ...any) (any, error) {
	if len(args) != 0 {
		return nil, errors.New("bytes is known without arguments only")
	}
	return []byte{}, nil
}

func defaultDict(args ...any) (any, error) {
	if len(args) > 1 {
		return nil, errors.New("defaultdict is known with one argument only")
	}
	return types.NewDict(), nil
}
