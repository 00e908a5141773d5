package unpickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/nlpodyssey/gopickle/types"
)

// dtype is the type of an array's numbers.
type dtype struct {
	class storageClass
	big   bool // the highest byte comes first
}

// newDtype is numpy.dtype with a name such as "f8".
func newDtype(args ...any) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("numpy.dtype without a name")
	}
	name, _ := args[0].(string)
	for _, t := range []struct {
		name  string
		class storageClass
	}{
		{"f4", storageClass{Float32, 4, false}}, {"f8", storageClass{Float64, 8, false}},
		{"i1", storageClass{Int8, 1, false}}, {"i2", storageClass{Int16, 2, false}}, {"i4", storageClass{Int32, 4, false}}, {"i8", storageClass{Int64, 8, false}},
		{"u1", storageClass{Int16, 1, true}}, {"b1", storageClass{Int8, 1, true}},
	} {
		if t.name == name {
			return &dtype{class: t.class}, nil
		}
	}
	return nil, fmt.Errorf("numpy.dtype %.20q is not known", name)
}

// PySetState reads (version, byte order, ...).
func (t *dtype) PySetState(state any) error {
	s, ok := state.(*types.Tuple)
	if !ok || s.Len() < 2 {
		return errors.New("the state of a numpy.dtype is not as numpy writes it")
	}
	order, _ := s.Get(1).(string)
	switch order {
	case "<", "|", "=":
		t.big = false
	case ">":
		t.big = true
	default:
		return fmt.Errorf("byte order %.10q of a numpy.dtype is not known", order)
	}
	return nil
}

// ndarrayClass is the class numpy.ndarray, which stands in pickles as an argument.
type ndarrayClass struct{}

// ndarray is an array whose content is set by BUILD.
type ndarray struct{ content *Array }

// newArray is numpy's _reconstruct, which makes an empty array.
func newArray(args ...any) (any, error) {
	if len(args) != 3 {
		return nil, errors.New("a numpy array is made of another number of arguments than numpy gives")
	}
	if _, ok := args[0].(ndarrayClass); !ok {
		return nil, errors.New("a numpy array of another class than ndarray")
	}
	return &ndarray{}, nil
}

// PySetState reads (version, shape, dtype, whether columns come first, bytes).
func (a *ndarray) PySetState(state any) error {
	s, ok := state.(*types.Tuple)
	if !ok || s.Len() != 5 {
		return errors.New("the state of a numpy array is not as numpy writes it")
	}
	shape, okShape := integers(s.Get(1))
	t, okType := s.Get(2).(*dtype)
	columns, okOrder := flag(s.Get(3))
	raw, okRaw := byteString(s.Get(4))
	if !okShape || !okType || !okOrder || !okRaw {
		return errors.New("the state of a numpy array has other types than numpy writes")
	}
	content := &storage{class: t.class, raw: raw}
	want, ok := elements(shape, len(raw))
	if !ok || len(raw)%t.class.bytes != 0 || content.len() != want {
		return fmt.Errorf("a numpy array of shape %.100v in %d bytes of %v", fmt.Sprint(shape), len(raw), t.class.kind)
	}
	if t.big {
		content.raw = swapped(raw, t.class.bytes)
	}
	stride, step := make([]int, len(shape)), 1
	for k := range shape {
		d := len(shape) - 1 - k
		if columns {
			d = k
		}
		stride[d] = step
		step *= max(shape[d], 1) // no more than there are elements, unless there are none
		if want == 0 {
			step = 1
		}
	}
	var err error
	a.content, err = strided(content, 0, shape, stride)
	return err
}

// swapped turns the bytes of each number around.
func swapped(raw []byte, width int) []byte {
	out := make([]byte, len(raw))
	for i := range raw {
		out[i] = raw[i/width*width+width-1-i%width]
	}
	return out
}

func (a *ndarray) array() (*Array, error) {
	if a.content == nil {
		return nil, &Error{Reason: "a numpy array without content"}
	}
	return a.content, nil
}

// flag reads a boolean, which old pickles write as a number.
func flag(v any) (bool, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case int:
		return v != 0, v == 0 || v == 1
	}
	return false, false
}

// byteString reads bytes, which Python 2 calls a string.
func byteString(v any) ([]byte, bool) {
	switch v := v.(type) {
	case []byte:
		return v, true
	case string:
		return []byte(v), true
	}
	return nil, false
}

// scalar is numpy's scalar: a dtype and the bytes of one number.
func scalar(args ...any) (any, error) {
	if len(args) == 2 {
		t, okType := args[0].(*dtype)
		raw, okRaw := byteString(args[1])
		if okType && okRaw && len(raw) == t.class.bytes {
			if t.big {
				raw = swapped(raw, len(raw))
			}
			switch t.class.kind {
			case Float32:
				return float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))), nil
			case Float64:
				return math.Float64frombits(binary.LittleEndian.Uint64(raw)), nil
			}
			n := (&storage{class: t.class, raw: raw}).integer(0)
			if strconv.IntSize == 32 && int64(int(n)) != n {
				return nil, errors.New("a number beyond the range of this machine")
			}
			return int(n), nil
		}
	}
	return nil, errors.New("a numpy scalar is not as numpy writes it")
}

// csrClass is the class scipy.sparse.csr_matrix.
type csrClass struct{}

// PyNew makes an empty matrix.
func (csrClass) PyNew(args ...any) (any, error) { return &csr{}, nil }

// csr is a sparse matrix whose content is set by BUILD.
type csr struct{ state *types.Dict }

// PySetState reads the attributes.
func (m *csr) PySetState(state any) error {
	d, ok := state.(*types.Dict)
	if !ok {
		return errors.New("the state of a sparse matrix is not as scipy writes it")
	}
	m.state = d
	return nil
}

// matrix checks the attributes and gives the matrix they make.
func (m *csr) matrix() (*Sparse, error) {
	bad := func(format string, args ...any) (*Sparse, error) {
		return nil, &Error{Reason: "a sparse matrix " + fmt.Sprintf(format, args...)}
	}
	if m.state == nil {
		return bad("without content")
	}
	s := new(Sparse)
	for _, part := range []struct {
		name string
		into **Array
	}{{"data", &s.Data}, {"indices", &s.Indices}, {"indptr", &s.Offsets}} {
		v, _ := m.state.Get(part.name)
		a, ok := v.(*ndarray)
		if !ok || a.content == nil || len(a.content.Shape) != 1 {
			return bad("whose %s is no row of numbers", part.name)
		}
		*part.into = a.content
	}
	v, ok := m.state.Get("_shape")
	if !ok {
		v, _ = m.state.Get("shape")
	}
	shape, ok := integers(v)
	if !ok || len(shape) != 2 || shape[0] < 0 || shape[1] < 0 {
		return bad("of shape %v", shape)
	}
	s.Rows, s.Cols = shape[0], shape[1]
	if s.Indices.Kind >= Float32 || s.Offsets.Kind >= Float32 || s.Offsets.Len() == 0 || s.Offsets.Len()-1 != s.Rows || s.Data.Len() != s.Indices.Len() {
		return bad("of %d rows with %d offsets, %d columns and %d values", s.Rows, s.Offsets.Len(), s.Indices.Len(), s.Data.Len())
	}
	last := int64(0)
	for i := range s.Offsets.Len() {
		o := s.Offsets.Int(i)
		if o < last || o > int64(s.Indices.Len()) || i == 0 && o != 0 {
			return bad("whose offset %d is %d", i, o)
		}
		last = o
	}
	for k := range s.Indices.Len() {
		if c := s.Indices.Int(k); c < 0 || c >= int64(s.Cols) {
			return bad("of %d columns with column %d", s.Cols, c)
		}
	}
	return s, nil
}
