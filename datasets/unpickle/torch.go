package unpickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"

	"github.com/nlpodyssey/gopickle/types"
)

// storageClass is the type of a tensor's numbers.
type storageClass struct {
	kind     Kind
	bytes    int
	unsigned bool
}

var storages = map[string]storageClass{
	"CharStorage": {Int8, 1, false}, "ByteStorage": {Int16, 1, true}, "BoolStorage": {Int8, 1, true},
	"ShortStorage": {Int16, 2, false}, "IntStorage": {Int32, 4, false}, "LongStorage": {Int64, 8, false},
	"FloatStorage": {Float32, 4, false}, "DoubleStorage": {Float64, 8, false},
}

// storage is a run of numbers that tensors look at.
type storage struct {
	class storageClass
	raw   []byte
}

func (s *storage) len() int { return len(s.raw) / s.class.bytes }

// integer gives a number of a storage of integers.
func (s *storage) integer(i int) int64 {
	b := s.raw[i*s.class.bytes:]
	switch s.class.bytes {
	case 1:
		if s.class.unsigned {
			return int64(b[0])
		}
		return int64(int8(b[0]))
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	}
	return int64(binary.LittleEndian.Uint64(b))
}

// rebuildTensor is torch._utils._rebuild_tensor_v2: storage, offset, size, stride,
// whether gradients are wanted, hooks.
func rebuildTensor(args ...any) (any, error) {
	if len(args) < 4 {
		return nil, errors.New("a tensor is built of too few arguments")
	}
	s, isStorage := args[0].(*storage)
	offset, isInt := args[1].(int)
	size, okSize := integers(args[2])
	stride, okStride := integers(args[3])
	if !isStorage || s == nil || !isInt || !okSize || !okStride || len(size) != len(stride) {
		return nil, errors.New("a tensor is built of arguments of other types than those of PyTorch")
	}
	return strided(s, offset, size, stride)
}

// integers reads a tuple of whole numbers.
func integers(v any) ([]int, bool) {
	tuple, ok := v.(*types.Tuple)
	if !ok {
		return nil, false
	}
	list := make([]int, len(*tuple))
	for i, v := range *tuple {
		if list[i], ok = v.(int); !ok {
			return nil, false
		}
	}
	return list, true
}

// mostDims is more than any array of data has.
const mostDims = 16

// strided copies what a tensor sees of its storage.
func strided(s *storage, offset int, size, stride []int) (*Array, error) {
	if len(size) > mostDims {
		return nil, fmt.Errorf("a tensor of %d dimensions, at most %d are accepted", len(size), mostDims)
	}
	total, ok := elements(size, s.len())
	if !ok {
		return nil, fmt.Errorf("a tensor of shape %v has more elements than the %d of its storage", size, s.len())
	}
	if total == 0 {
		return &Array{Kind: Int8, Shape: size}, nil
	}
	// Storages are shorter than 2^31: their strings are, and so no sum below overflows.
	last, inside := offset, offset >= 0 && offset < s.len() && s.len() <= math.MaxInt32
	for d, n := range size {
		if n > 1 {
			inside = inside && stride[d] >= 0 && stride[d] < s.len()
			last += (n - 1) * stride[d]
		}
	}
	if !inside || last >= s.len() {
		return nil, fmt.Errorf("a tensor of shape %v, strides %v, offset %d looks beyond the %d elements of its storage", size, stride, offset, s.len())
	}
	if s.class.kind >= Float32 {
		a := &Array{Kind: s.class.kind, Shape: size, raw: make([]byte, 0, total*s.class.bytes)}
		walk(total, offset, size, stride, func(at int) {
			a.raw = append(a.raw, s.raw[at*s.class.bytes:][:s.class.bytes]...)
		})
		return a, nil
	}
	least, most := int64(0), int64(0)
	walk(total, offset, size, stride, func(at int) {
		v := s.integer(at)
		least, most = min(least, v), max(most, v)
	})
	kind := narrowest(least, most)
	a := &Array{Kind: kind, Shape: size, raw: make([]byte, 0, total*kindBytes[kind])}
	walk(total, offset, size, stride, func(at int) { a.append(s.integer(at)) })
	return a, nil
}

// elements multiplies the sizes of a shape; ok is false where one is negative or there
// are more than most elements.
func elements(size []int, most int) (total int, ok bool) {
	total, empty := 1, false
	for _, n := range size {
		switch {
		case n < 0:
			return 0, false
		case n == 0:
			empty = true
		case total > most/n:
			total = math.MaxInt // too many, unless one of the sizes is 0
		default:
			total *= n
		}
	}
	if empty {
		return 0, true
	}
	return total, total <= most
}

// walk calls f with the place of each of the total elements, the last dimension varying
// fastest.
func walk(total, offset int, size, stride []int, f func(at int)) {
	var index [mostDims]int
	for at := offset; total > 0; total-- {
		f(at)
		for d := len(size) - 1; d >= 0; d-- {
			at += stride[d]
			if index[d]++; index[d] < size[d] {
				break
			}
			at -= size[d] * stride[d]
			index[d] = 0
		}
	}
}

// magic is the number that a file of torch.save begins with, and its version.
var magic, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)

const torchVersion = 1001

// loadStorage is torch.storage._load_from_bytes: it reads a file of torch.save in its old
// form that holds one storage. The file is five pickles (magic number, version, what the
// machine was like, the storage, the names of storages) and the numbers.
func (d *decoder) loadStorage(args ...any) (any, error) {
	var file []byte
	if len(args) == 1 {
		switch b := args[0].(type) {
		case []byte:
			file = b
		case string: // of Python 2
			file = []byte(b)
		}
	}
	if file == nil {
		return nil, errors.New("_load_from_bytes is known for bytes only")
	}
	inside := func(err error) error { return fmt.Errorf("in the file of a tensor: %w", err) }
	if d.inner == nil {
		// There are hundreds of thousands of tensors, and making a library's reader costs
		// more than what it has to read of each.
		d.inner = d.reader(newGuard(nil, d.g.limits), nil)
	}
	in := d.inner
	// The first three pickles are the same for all tensors of one machine.
	if len(d.prefix) > 0 && bytes.HasPrefix(file, d.prefix) {
		in.guard.begin(bytes.NewReader(file[len(d.prefix):]), int64(len(d.prefix)), d.g.ops)
	} else {
		in.guard.begin(bytes.NewReader(file), 0, d.g.ops)
		if err := preamble(in); err != nil {
			return nil, inside(err)
		}
		d.prefix = bytes.Clone(file[:in.guard.offset])
	}
	defer func() { d.g.ops = in.guard.ops }()
	var found *storage
	size := 0
	in.library.PersistentLoad = func(id any) (any, error) {
		t, ok := id.(*types.Tuple)
		if !ok || t.Len() < 5 || t.Get(0) != "storage" {
			return nil, errors.New("it is not a storage")
		}
		class, isClass := t.Get(1).(storageClass)
		n, isInt := t.Get(4).(int)
		if !isClass || !isInt || n < 0 || found != nil || t.Len() > 5 && t.Get(5) != nil {
			return nil, errors.New("its storage is not described as PyTorch does")
		}
		found, size = &storage{class: class}, n
		return found, nil
	}
	object, err := in.load()
	if err != nil {
		return nil, inside(err)
	}
	if found == nil || object != any(found) {
		return nil, inside(errors.New("it holds something else than a storage"))
	}
	keys, err := in.load()
	if err != nil {
		return nil, inside(err)
	}
	if list, ok := keys.(*types.List); !ok || list.Len() != 1 {
		return nil, inside(errors.New("it does not hold one storage"))
	}
	data := file[in.guard.offset:]
	if len(data) < 8 || binary.LittleEndian.Uint64(data) != uint64(size) || (len(data)-8)/found.class.bytes != size || (len(data)-8)%found.class.bytes != 0 {
		return nil, inside(fmt.Errorf("its %d bytes of numbers are not those of %d elements", len(data), size))
	}
	found.raw = data[8:]
	return found, nil
}

// preamble reads what stands in front of the storage.
func preamble(in *reader) error {
	number, err := in.load()
	if err != nil {
		return err
	}
	if n, ok := number.(*big.Int); !ok || n.Cmp(magic) != 0 {
		return errors.New("it is not one of torch.save")
	}
	version, err := in.load()
	if err != nil {
		return err
	}
	if version != any(torchVersion) {
		return fmt.Errorf("version %v of torch.save, expected %d", version, torchVersion)
	}
	machine, err := in.load()
	if err != nil {
		return err
	}
	if m, ok := machine.(*types.Dict); ok {
		if little, ok := m.Get("little_endian"); ok && little != true {
			return errors.New("it was written on a machine of the other byte order")
		}
	}
	return nil
}
