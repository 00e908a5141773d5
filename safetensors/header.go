package safetensors

import (
	"fmt"
	"math"
	"math/bits"
	"sort"
	"strconv"
)

// metadataKey is the one key of the header that is not a tensor.
const metadataKey = "__metadata__"

// maxDims bounds the dimensions of a shape, so that a header of "[1,1,1,..." does not grow fourfold in memory.
const maxDims = 64

// header is the checked text of a header with two indices over it. Entries are parsed again when they are asked for:
// an index of four bytes a key keeps memory within twice the text, also where the text is nothing but tiny entries.
type header struct {
	text    []byte
	tensors []uint32 // positions of the tensors' keys, ordered by name
	meta    []uint32 // positions of the metadata's keys, ordered by key
}

// entry is a tensor as the header describes it.
type entry struct {
	dtype      DType
	shapeAt    int // position of the shape's opening bracket
	dims       int
	begin, end int64 // data offsets
}

// parse checks the text of a header against everything that can be seen without the data's size.
func parse(text []byte) (*header, error) {
	h := &header{text: text}
	if len(text) == 0 || text[0] != '{' {
		return nil, headerError("the JSON text does not begin with '{'", "this is not a safetensors file")
	}
	// First count, then fill: growing the indices would take more memory than they need.
	tensors, meta, err := h.walk(nil, nil)
	if err != nil {
		return nil, err
	}
	h.tensors, h.meta = make([]uint32, tensors), make([]uint32, meta)
	if _, _, err := h.walk(h.tensors, h.meta); err != nil {
		return nil, err
	}
	for _, index := range [][]uint32{h.tensors, h.meta} {
		sort.Sort(&byKey{h.text, index})
	}
	if key, ok := h.twice(h.tensors); ok {
		return nil, tensorError(key, "the header names this tensor twice", "readers differ in which one they take, so the file is refused")
	}
	if key, ok := h.twice(h.meta); ok {
		return nil, headerError("the metadata have the key "+quote(key)+" twice", "readers differ in which one they take, so the file is refused")
	}
	return h, nil
}

// walk goes through the text once, counts tensors and metadata, and stores the positions of their keys where asked.
func (h *header) walk(tensors, meta []uint32) (tensorCount, metaCount int, err error) {
	s := &scanner{b: h.text}
	seen := false
	err = s.object(func(key int) error {
		if !s.is(key, metadataKey) {
			if tensors != nil {
				tensors[tensorCount] = uint32(key)
			}
			tensorCount++
			_, err := parseEntry(s, key)
			return err
		}
		if seen {
			return headerError("the key "+metadataKey+" stands twice", "")
		}
		seen = true
		if s.peek() != '{' {
			return headerError(metadataKey+" is not an object of strings", "")
		}
		return s.object(func(key int) error {
			if meta != nil {
				meta[metaCount] = uint32(key)
			}
			metaCount++
			if s.peek() != '"' {
				return headerError("the metadata value of "+quote(h.key(key))+" is not a string", "")
			}
			return s.skipString()
		})
	})
	if err != nil {
		return 0, 0, err
	}
	for ; s.pos < len(s.b); s.pos++ {
		if s.b[s.pos] != ' ' {
			return 0, 0, s.fail("only blanks may follow the JSON text, found " + s.here())
		}
	}
	return tensorCount, metaCount, nil
}

// key returns the string whose opening quote is at the position.
func (h *header) key(at int) string {
	s := scanner{b: h.text}
	return s.key(at)
}

// value returns the metadata string of the key at the position, and the position of the value's first character.
func (h *header) value(at int) (raw []byte, first int) {
	s := scanner{b: h.text, pos: at}
	_ = s.skipString()
	_ = s.expect(':')
	raw, _ = s.raw()
	return raw, s.pos - 1 - len(raw)
}

// find returns the position in an ordered index of the key with this content.
func (h *header) find(index []uint32, key string) (int, bool) {
	return sort.Find(len(index), func(i int) int {
		got := h.key(int(index[i]))
		switch {
		case key < got:
			return -1
		case key > got:
			return 1
		}
		return 0
	})
}

// twice returns a key that an ordered index holds more than once.
func (h *header) twice(index []uint32) (string, bool) {
	for i := 1; i < len(index); i++ {
		if compareKeys(h.text[index[i-1]+1:], h.text[index[i]+1:]) == 0 {
			return h.key(int(index[i])), true
		}
	}
	return "", false
}

// byKey sorts positions of keys by the content of the keys.
type byKey struct {
	text  []byte
	index []uint32
}

func (s *byKey) Len() int      { return len(s.index) }
func (s *byKey) Swap(i, j int) { s.index[i], s.index[j] = s.index[j], s.index[i] }
func (s *byKey) Less(i, j int) bool {
	return compareKeys(s.text[s.index[i]+1:], s.text[s.index[j]+1:]) < 0
}

// entry parses the entry of tensor i again.
func (h *header) entry(i int) entry {
	key := int(h.tensors[i])
	s := &scanner{b: h.text, pos: key}
	_ = s.skipString()
	_ = s.expect(':')
	e, _ := parseEntry(s, key) // checked by walk before
	return e
}

// shape returns the dimensions of an entry.
func (h *header) shape(e entry) []int {
	s := &scanner{b: h.text, pos: e.shapeAt}
	shape := make([]int, 0, e.dims)
	_ = s.list('[', ']', func() error {
		n, err := s.number()
		shape = append(shape, int(n))
		return err
	})
	return shape
}

// parseEntry reads and checks one tensor's object; key is the position of its name.
func parseEntry(s *scanner, key int) (e entry, err error) {
	wrong := func(what, hint string) error { return tensorError(s.key(key), what, hint) }
	if s.peek() != '{' {
		return e, wrong("its entry in the header is not an object", "")
	}
	elements := uint64(1)
	empty, tooLarge := false, false
	var dtype, shape, offsets bool
	field := func(at int) error {
		switch {
		case !dtype && s.is(at, "dtype"):
			dtype = true
			if s.peek() != '"' {
				return wrong("dtype is not a string", "")
			}
			raw, err := s.raw()
			if err != nil {
				return err
			}
			d, ok := known(raw)
			if !ok {
				return &UnsupportedError{Tensor: s.key(key), What: "unknown dtype " + quote(text(raw)), Hint: "the types are those of this package's DType constants"}
			}
			e.dtype = d
		case !shape && s.is(at, "shape"):
			shape = true
			if s.peek() != '[' {
				return wrong("shape is not a list of whole numbers", "")
			}
			e.shapeAt = s.pos
			return s.list('[', ']', func() error {
				n, err := s.number()
				if err != nil {
					return wrong("shape: "+err.(*FormatError).What, "")
				}
				if e.dims++; e.dims > maxDims {
					return &UnsupportedError{Tensor: s.key(key), What: "shape of more than " + strconv.Itoa(maxDims) + " dimensions"}
				}
				if n > math.MaxInt {
					tooLarge = true // on a machine of 32 bits
				}
				if n == 0 {
					empty, n = true, 1
				}
				over, product := bits.Mul64(elements, uint64(n))
				elements, tooLarge = product, tooLarge || over != 0
				return nil
			})
		case !offsets && s.is(at, "data_offsets"):
			offsets = true
			if s.peek() != '[' {
				return wrong("data_offsets is not a list of two whole numbers", "")
			}
			n := 0
			if err := s.list('[', ']', func() error {
				v, err := s.number()
				if err != nil {
					return wrong("data_offsets: "+err.(*FormatError).What, "")
				}
				if n++; n == 1 {
					e.begin = v
				} else {
					e.end = v
				}
				return nil
			}); err != nil {
				return err
			}
			if n != 2 {
				return wrong(fmt.Sprintf("data_offsets has %d numbers, begin and end are expected", n), "")
			}
		case s.is(at, "dtype"), s.is(at, "shape"), s.is(at, "data_offsets"):
			return wrong("the field "+quote(s.key(at))+" stands twice", "")
		default:
			return wrong("unknown field "+quote(s.key(at)), "an entry has dtype, shape and data_offsets")
		}
		return nil
	}
	if err := s.object(field); err != nil {
		return e, err
	}
	switch {
	case !dtype:
		return e, wrong("its entry has no dtype", "")
	case !shape:
		return e, wrong("its entry has no shape", "")
	case !offsets:
		return e, wrong("its entry has no data_offsets", "")
	case e.end < e.begin:
		return e, wrong(fmt.Sprintf("data_offsets [%d, %d] end before they begin", e.begin, e.end), "")
	}
	over, size := bits.Mul64(elements, uint64(e.dtype.Bits()))
	switch {
	case tooLarge || over != 0 || size > math.MaxInt64:
		return e, wrong("the product of its shape overflows", "the header lies about the shape")
	case empty:
		size = 0
	case size%8 != 0:
		return e, wrong(fmt.Sprintf("%d elements of %s do not fill whole bytes", elements, e.dtype), "")
	}
	if got := e.end - e.begin; uint64(got) != size/8 {
		return e, wrong(fmt.Sprintf("its shape needs %d bytes of %s, its data_offsets [%d, %d] hold %d", size/8, e.dtype, e.begin, e.end, got), "")
	}
	return e, nil
}
