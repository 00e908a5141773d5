package safetensors

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Tensor is a named array to be written. The data are in the one of the three slices that is not nil: Float32 for type
// F32, Int64 for type I64, Bytes (little-endian, as they are to be stored) for any type; all may be nil when the shape
// holds a 0.
type Tensor struct {
	Name    string
	DType   DType
	Shape   []int
	Float32 []float32
	Int64   []int64
	Bytes   []byte
}

// FromFloat32 returns an F32 tensor over data, which is not copied.
func FromFloat32(name string, data []float32, shape ...int) Tensor {
	return Tensor{Name: name, DType: F32, Shape: shape, Float32: data}
}

// FromInt64 returns an I64 tensor over data, which is not copied.
func FromInt64(name string, data []int64, shape ...int) Tensor {
	return Tensor{Name: name, DType: I64, Shape: shape, Int64: data}
}

// FromBytes returns a tensor of any type over its little-endian bytes, which are not copied.
func FromBytes(name string, dtype DType, data []byte, shape ...int) Tensor {
	return Tensor{Name: name, DType: dtype, Shape: shape, Bytes: data}
}

// Write writes a file without checksums. The order of tensors does not matter: the same content gives the same bytes. What
// a reader would refuse (a name twice, a shape that does not fit the data, text that is not UTF-8) is an error, before a
// byte is written.
func Write(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	return write(w, tensors, metadata, false)
}

// WriteChecked is [Write] with checksums of the header and of each tensor.
func WriteChecked(w io.Writer, tensors []Tensor, metadata map[string]string) error {
	return write(w, tensors, metadata, true)
}

func write(w io.Writer, tensors []Tensor, metadata map[string]string, checked bool) error {
	order, err := arrange(tensors)
	if err != nil {
		return err
	}
	meta := make(map[string]string, len(metadata))
	for key, value := range metadata {
		switch {
		case reserved(key):
			return headerError("the metadata key "+quote(key)+" is reserved for checksums", "choose another key")
		case !utf8.ValidString(key) || !utf8.ValidString(value):
			return headerError("the metadata key "+quote(key)+" or its value is not UTF-8", "")
		}
		meta[key] = value
	}
	if checked {
		meta[sumKey] = emptySum
		for _, t := range order {
			sum := uint32(0)
			table := sumTable()
			_ = t.encode(func(piece []byte) error { sum = crc32.Update(sum, table, piece); return nil })
			meta[sumKey+"."+t.Name] = sumString(sum)
		}
	}
	head, sumAt := encodeHeader(order, meta)
	if n := len(head) - 8; n > LargestMaxHeader {
		return headerError(fmt.Sprintf("it would have %d bytes, the format allows %d", n, LargestMaxHeader), "")
	}
	if checked {
		copy(head[sumAt:], sumString(crc32.Checksum(head, sumTable())))
	}
	if _, err := w.Write(head); err != nil {
		return fmt.Errorf("safetensors: writing the header: %w", err)
	}
	for _, t := range order {
		if err := t.encode(func(piece []byte) error { _, err := w.Write(piece); return err }); err != nil {
			return fmt.Errorf("safetensors: writing tensor %s: %w", quote(t.Name), err)
		}
	}
	return nil
}

// arrange checks the tensors and returns them in the order of the file: the largest elements first, so that all data
// stay aligned, then by name.
func arrange(tensors []Tensor) ([]*Tensor, error) {
	order := make([]*Tensor, len(tensors))
	for i := range tensors {
		order[i] = &tensors[i]
		if err := order[i].check(); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(order, func(a, b *Tensor) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(order); i++ {
		if order[i].Name == order[i-1].Name {
			return nil, tensorError(order[i].Name, "there are two tensors of this name", "")
		}
	}
	slices.SortStableFunc(order, func(a, b *Tensor) int { return cmp.Compare(b.DType.Bits(), a.DType.Bits()) })
	return order, nil
}

func (t *Tensor) check() error {
	wrong := func(what string) error { return tensorError(t.Name, what, "") }
	switch {
	case !utf8.ValidString(t.Name):
		return wrong("its name is not UTF-8")
	case t.Name == metadataKey:
		return wrong("this name is reserved for the metadata")
	case t.DType.Bits() == 0:
		return wrong("unknown dtype " + quote(string(t.DType)))
	case len(t.Shape) > maxDims:
		return wrong("shape of more than " + strconv.Itoa(maxDims) + " dimensions")
	}
	elements, empty := uint64(t.DType.Bits()), false
	for _, d := range t.Shape {
		if d < 0 || int64(d) > maxNumber {
			return wrong(fmt.Sprintf("dimension %d in its shape %v", d, t.Shape))
		}
		if d == 0 {
			empty, d = true, 1
		}
		over, product := bits.Mul64(elements, uint64(d))
		if over != 0 || product > math.MaxInt64 {
			return wrong(fmt.Sprintf("the product of its shape %v overflows", t.Shape))
		}
		elements = product
	}
	need := int64(elements / 8)
	if empty {
		need = 0
	} else if elements%8 != 0 {
		return wrong(fmt.Sprintf("its shape %v of %s does not fill whole bytes", t.Shape, t.DType))
	}
	slices, got := 0, int64(0)
	if t.Float32 != nil {
		if t.DType != F32 {
			return wrong("Float32 data for the type " + string(t.DType))
		}
		slices, got = slices+1, 4*int64(len(t.Float32))
	}
	if t.Int64 != nil {
		if t.DType != I64 {
			return wrong("Int64 data for the type " + string(t.DType))
		}
		slices, got = slices+1, 8*int64(len(t.Int64))
	}
	if t.Bytes != nil {
		slices, got = slices+1, int64(len(t.Bytes))
	}
	switch {
	case slices > 1:
		return wrong("data in more than one of Float32, Int64 and Bytes")
	case got != need:
		return wrong(fmt.Sprintf("its shape %v of %s needs %d bytes, its data have %d", t.Shape, t.DType, need, got))
	}
	return nil
}

// size returns the number of data bytes of a checked tensor.
func (t *Tensor) size() int64 {
	return 4*int64(len(t.Float32)) + 8*int64(len(t.Int64)) + int64(len(t.Bytes))
}

// encode hands the bytes of the data to emit, in pieces.
func (t *Tensor) encode(emit func(piece []byte) error) error {
	if t.Bytes != nil {
		return emit(t.Bytes)
	}
	buffer := make([]byte, 0, min(chunkSize, t.size()))
	for data := t.Float32; len(data) > 0; {
		n := min(len(data), chunkSize/4)
		buffer = buffer[:4*n]
		for i, v := range data[:n] {
			binary.LittleEndian.PutUint32(buffer[4*i:], math.Float32bits(v))
		}
		if err := emit(buffer); err != nil {
			return err
		}
		data = data[n:]
	}
	for data := t.Int64; len(data) > 0; {
		n := min(len(data), chunkSize/8)
		buffer = buffer[:8*n]
		for i, v := range data[:n] {
			binary.LittleEndian.PutUint64(buffer[8*i:], uint64(v))
		}
		if err := emit(buffer); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// encodeHeader returns the length bytes and the padded JSON text, and where the value of the header's checksum begins
// when meta has one.
func encodeHeader(order []*Tensor, meta map[string]string) (head []byte, sumAt int) {
	head = append(make([]byte, 8), '{')
	if len(meta) > 0 {
		head = append(appendQuoted(head, metadataKey), ":{"...)
		keys := make([]string, 0, len(meta))
		for key := range meta {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for i, key := range keys {
			if i > 0 {
				head = append(head, ',')
			}
			head = append(appendQuoted(head, key), ':')
			if key == sumKey {
				sumAt = len(head) + 1
			}
			head = appendQuoted(head, meta[key])
		}
		head = append(head, '}')
	}
	offset := int64(0)
	for i, t := range order {
		if i > 0 || len(meta) > 0 {
			head = append(head, ',')
		}
		head = append(appendQuoted(head, t.Name), `:{"dtype":`...)
		head = append(appendQuoted(head, string(t.DType)), `,"shape":[`...)
		for j, d := range t.Shape {
			if j > 0 {
				head = append(head, ',')
			}
			head = strconv.AppendInt(head, int64(d), 10)
		}
		head = append(head, `],"data_offsets":[`...)
		head = append(strconv.AppendInt(head, offset, 10), ',')
		offset += t.size()
		head = append(strconv.AppendInt(head, offset, 10), "]}"...)
	}
	head = append(head, '}')
	for len(head)%8 != 0 {
		head = append(head, ' ')
	}
	binary.LittleEndian.PutUint64(head, uint64(len(head)-8))
	return head, sumAt
}

// appendQuoted appends s as a JSON string, with no more escapes than JSON asks for.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = fmt.Appendf(b, `\u%04x`, c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}
