package safetensors

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
)

// chunkSize is how many bytes are read, converted and summed at a time; a multiple of every element's size.
const chunkSize = 64 << 10

// stream hands the bytes of a tensor to take, piece by piece, and verifies their checksum at the end.
func (f *File) stream(name string, begin, end int64, take func(piece []byte) error) error {
	buffer := make([]byte, min(chunkSize, end-begin))
	table := sumTable()
	sum := uint32(0)
	for off := begin; off < end; {
		piece := buffer[:min(int64(len(buffer)), end-off)]
		if err := readAt(f.r, piece, f.data+off); err != nil {
			e := err.(*FormatError)
			e.Path, e.Tensor, e.header = f.path, name, false
			return e
		}
		if f.sums {
			sum = crc32.Update(sum, table, piece)
		}
		if err := take(piece); err != nil {
			return err
		}
		off += int64(len(piece))
	}
	return at(f.path, f.checkSum(name, sum))
}

// Bytes returns the data of a tensor as they are stored, whatever their type.
func (f *File) Bytes(name string) ([]byte, error) {
	info, err := f.Info(name)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, info.End-info.Begin)
	err = f.stream(name, info.Begin, info.End, func(piece []byte) error {
		out = append(out, piece...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Float32 returns the values and the shape of a tensor of type F32; with Options.Convert also of F64 (rounded; a finite
// value that float32 cannot hold is an error), F16 and BF16 (exact).
func (f *File) Float32(name string) ([]float32, []int, error) {
	info, err := f.Info(name)
	if err != nil {
		return nil, nil, err
	}
	if err := f.convertible(info, F32, F64, F16, BF16); err != nil {
		return nil, nil, err
	}
	width := int64(info.DType.Bits() / 8)
	out := make([]float32, 0, (info.End-info.Begin)/width)
	err = f.stream(name, info.Begin, info.End, func(piece []byte) error {
		switch info.DType {
		case F32:
			at := len(out)
			out = out[:at+len(piece)/4]
			for i := range out[at:] {
				out[at+i] = math.Float32frombits(binary.LittleEndian.Uint32(piece[4*i:]))
			}
		case F64:
			for ; len(piece) > 0; piece = piece[8:] {
				v := math.Float64frombits(binary.LittleEndian.Uint64(piece))
				if math.IsInf(float64(float32(v)), 0) && !math.IsInf(v, 0) {
					return at(f.path, &UnsupportedError{Tensor: name, What: fmt.Sprintf("the F64 value %g at element %d is beyond float32", v, len(out)), Hint: "read it by Float64"})
				}
				out = append(out, float32(v))
			}
		default:
			for ; len(piece) > 0; piece = piece[2:] {
				out = append(out, half(info.DType, binary.LittleEndian.Uint16(piece)))
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return out, info.Shape, nil
}

// Float64 returns the values and the shape of a tensor of type F64; with Options.Convert also of F32, F16 and BF16, all
// exactly.
func (f *File) Float64(name string) ([]float64, []int, error) {
	info, err := f.Info(name)
	if err != nil {
		return nil, nil, err
	}
	if err := f.convertible(info, F64, F32, F16, BF16); err != nil {
		return nil, nil, err
	}
	width := info.DType.Bits() / 8
	out := make([]float64, 0, (info.End-info.Begin)/int64(width))
	err = f.stream(name, info.Begin, info.End, func(piece []byte) error {
		for ; len(piece) > 0; piece = piece[width:] {
			switch info.DType {
			case F64:
				out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(piece)))
			case F32:
				out = append(out, float64(math.Float32frombits(binary.LittleEndian.Uint32(piece))))
			default:
				out = append(out, float64(half(info.DType, binary.LittleEndian.Uint16(piece))))
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return out, info.Shape, nil
}

// Int64 returns the values and the shape of a tensor of type I64; with Options.Convert also of the other whole numbers
// and BOOL (0 and 1). A U64 value above the largest int64 is an error.
func (f *File) Int64(name string) ([]int64, []int, error) {
	info, err := f.Info(name)
	if err != nil {
		return nil, nil, err
	}
	if err := f.convertible(info, I64, I32, I16, I8, U64, U32, U16, U8, Bool); err != nil {
		return nil, nil, err
	}
	width := info.DType.Bits() / 8
	out := make([]int64, 0, (info.End-info.Begin)/int64(width))
	err = f.stream(name, info.Begin, info.End, func(piece []byte) error {
		for ; len(piece) > 0; piece = piece[width:] {
			v := whole(info.DType, piece)
			if info.DType == U64 && v < 0 {
				return at(f.path, &UnsupportedError{Tensor: name, What: fmt.Sprintf("the U64 value %d at element %d is beyond int64", uint64(v), len(out)), Hint: "read it by Bytes"})
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return out, info.Shape, nil
}

// convertible sees that the tensor has the wanted type, or one of the others where conversions are allowed.
func (f *File) convertible(info Info, want DType, others ...DType) error {
	if info.DType == want {
		return nil
	}
	for _, d := range others {
		if d == info.DType {
			if f.opt.Convert {
				return nil
			}
			return at(f.path, &UnsupportedError{Tensor: info.Name, What: "it is stored as " + string(d) + ", asked for is " + string(want), Hint: "set Options.Convert to allow the conversion"})
		}
	}
	return at(f.path, &UnsupportedError{Tensor: info.Name, What: "it is stored as " + string(info.DType) + ", which cannot be read as " + string(want), Hint: "read it by Bytes"})
}

// whole reads one whole number; the top bit of a U64 becomes the sign.
func whole(d DType, b []byte) int64 {
	switch d {
	case I32:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case U32:
		return int64(binary.LittleEndian.Uint32(b))
	case I16:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case U16:
		return int64(binary.LittleEndian.Uint16(b))
	case I8:
		return int64(int8(b[0]))
	case U8:
		return int64(b[0])
	case Bool:
		if b[0] != 0 {
			return 1
		}
		return 0
	}
	return int64(binary.LittleEndian.Uint64(b))
}

// half returns the value of an F16 or BF16.
func half(d DType, h uint16) float32 {
	if d == BF16 {
		return math.Float32frombits(uint32(h) << 16)
	}
	sign := uint32(h>>15) << 31
	exponent := uint32(h>>10) & 0x1f
	fraction := uint32(h) & 0x3ff
	switch exponent {
	case 0: // zero and subnormals: fraction * 2^-24
		v := float32(fraction) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 0x1f: // infinities and NaN
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}
