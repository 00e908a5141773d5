package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// little returns the little-endian bytes of fixed-size values.
func little(t testing.TB, v any) []byte {
	t.Helper()
	b, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// typed is a file with one tensor of each type that is converted.
func typed(t testing.TB) []byte {
	t.Helper()
	inf := math.Inf(1)
	var b bytes.Buffer
	err := Write(&b, []Tensor{
		FromBytes("f64", F64, little(t, []float64{1.5, -inf, 1e-320, 1 / 3.}), 4),
		FromBytes("f64.big", F64, little(t, []float64{1, 1e39}), 2),
		FromFloat32("f32", []float32{1.5, -2, float32(inf)}, 3),
		// Values of IEEE 754 binary16: 1, -2, largest, smallest normal, smallest and largest subnormal, -0, inf, NaN, 1/3.
		FromBytes("f16", F16, little(t, []uint16{0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x03ff, 0x8000, 0xfc00, 0x7e00, 0x3555}), 10),
		FromBytes("bf16", BF16, little(t, []uint16{0x3f80, 0xc000, 0x7f80, 0x0001, 0x3eab}), 5),
		FromInt64("i64", []int64{math.MinInt64, 7}, 2),
		FromBytes("u64", U64, little(t, []uint64{0, math.MaxInt64}), 2),
		FromBytes("u64.big", U64, little(t, []uint64{1, 1 << 63}), 2),
		FromBytes("i32", I32, little(t, []int32{-5, math.MaxInt32}), 2),
		FromBytes("u32", U32, little(t, []uint32{5, math.MaxUint32}), 2),
		FromBytes("i16", I16, little(t, []int16{-5, 6}), 2),
		FromBytes("u16", U16, little(t, []uint16{5, 65535}), 2),
		FromBytes("i8", I8, little(t, []int8{-5, 127}), 2),
		FromBytes("u8", U8, []byte{5, 255}, 2),
		FromBytes("bool", Bool, []byte{0, 1}, 2),
		FromBytes("f8", F8E5M2, []byte{0, 1}, 2),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestConversions(t *testing.T) {
	strict, err := openBytes(typed(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := openBytes(typed(t), Options{Convert: true})
	if err != nil {
		t.Fatal(err)
	}
	floats := map[string]string{
		"f64":  "[1.5 -Inf 1e-320 0.3333333333333333]",
		"f32":  "[1.5 -2 +Inf]",
		"f16":  "[1 -2 65504 6.103515625e-05 5.960464477539063e-08 6.097555160522461e-05 -0 -Inf NaN 0.333251953125]",
		"bf16": "[1 -2 +Inf 9.183549615799121e-41 0.333984375]",
	}
	for name, want := range floats {
		got, shape, err := f.Float64(name)
		if err != nil || fmt.Sprint(got) != want || fmt.Sprint(shape) != fmt.Sprintf("[%d]", len(got)) {
			t.Errorf("Float64(%s) = %v %v %v, want %s", name, got, shape, err, want)
		}
		single, _, err := f.Float32(name)
		if err != nil {
			t.Error(err)
		}
		for i, v := range got {
			if math.Float32bits(single[i]) != math.Float32bits(float32(v)) {
				t.Errorf("Float32(%s)[%d] = %v, want %v", name, i, single[i], v)
			}
		}
	}
	ints := map[string]string{
		"i64": "[-9223372036854775808 7]", "u64": "[0 9223372036854775807]", "i32": "[-5 2147483647]", "u32": "[5 4294967295]",
		"i16": "[-5 6]", "u16": "[5 65535]", "i8": "[-5 127]", "u8": "[5 255]", "bool": "[0 1]",
	}
	for name, want := range ints {
		if got, _, err := f.Int64(name); err != nil || fmt.Sprint(got) != want {
			t.Errorf("Int64(%s) = %v %v, want %s", name, got, err, want)
		}
	}
	read32 := func(f *File, name string) error { _, _, err := f.Float32(name); return err }
	read64 := func(f *File, name string) error { _, _, err := f.Float64(name); return err }
	readInt := func(f *File, name string) error { _, _, err := f.Int64(name); return err }
	refused := []struct {
		err  error
		want string
	}{
		{read32(strict, "f64"), `tensor "f64": it is stored as F64, asked for is F32; set Options.Convert`},
		{read32(strict, "bf16"), `tensor "bf16": it is stored as BF16, asked for is F32`},
		{read64(strict, "f32"), `tensor "f32": it is stored as F32, asked for is F64`},
		{readInt(strict, "bool"), `tensor "bool": it is stored as BOOL, asked for is I64`},
		{read32(f, "i64"), `tensor "i64": it is stored as I64, which cannot be read as F32; read it by Bytes`},
		{read64(f, "f8"), `stored as F8_E5M2, which cannot be read as F64`},
		{readInt(f, "f32"), `stored as F32, which cannot be read as I64`},
		{read32(f, "f64.big"), `tensor "f64.big": the F64 value 1e+39 at element 1 is beyond float32`},
		{readInt(f, "u64.big"), `the U64 value 9223372036854775808 at element 1 is beyond int64`},
	}
	for _, r := range refused {
		var unsupported *UnsupportedError
		if r.err == nil || !strings.Contains(r.err.Error(), r.want) || !errors.As(r.err, &unsupported) {
			t.Errorf("error %v, want %q in it", r.err, r.want)
		}
	}
	missing := []error{read32(f, "no"), read64(f, "no"), readInt(f, "no")}
	_, err = f.Bytes("no")
	for _, err := range append(missing, err) {
		if !errors.Is(err, ErrNoTensor) || !strings.Contains(err.Error(), `no such tensor: "no"; the file has 16: "bf16", "bool"`) {
			t.Errorf("missing tensor: %v", err)
		}
	}
}

// TestOpen holds that errors name the path.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "none"), Options{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("folder: %v", err)
	}
	path := filepath.Join(dir, "a.safetensors")
	for _, test := range []struct {
		file []byte
		want string
	}{
		{[]byte("hello"), path + ": header: the file has 5 bytes"},
		{assemble(`{"a":{"dtype":"X"}}`, 0), path + `: tensor "a": unknown dtype "X"`},
	} {
		if err := os.WriteFile(path, test.file, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
	if err := os.WriteFile(path, damagedExample(t), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.Float32("no"); err == nil || !strings.Contains(err.Error(), path+" has 5:") {
		t.Errorf("missing tensor: %v", err)
	}
	if _, _, err := f.Float32("count"); err == nil || !strings.Contains(err.Error(), path+`: tensor "count"`) {
		t.Errorf("other type: %v", err)
	}
	if err := os.Truncate(path, 2000); err != nil {
		t.Fatal(err)
	}
	for _, read := range []func() error{
		func() error { _, err := f.Bytes("layer.0.weight"); return err },
		func() error { _, _, err := f.Float32("layer.0.weight"); return err },
		f.Verify,
	} {
		err := read()
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), path+`: tensor "layer.0.`) {
			t.Errorf("file cut while open: %v", err)
		}
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Bytes("mask"); err == nil || !strings.Contains(err.Error(), "file already closed") {
		t.Errorf("closed file: %v", err)
	}
}

// broken is a file whose bytes from an offset on cannot be read.
type broken struct {
	b    []byte
	from int64
}

func (r broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > r.from {
		return 0, fs.ErrPermission
	}
	return copy(p, r.b[off:]), nil
}

func TestReadErrors(t *testing.T) {
	b := damagedExample(t)
	for _, from := range []int64{0, 8} {
		if _, err := NewReader(broken{b, from}, int64(len(b)), Options{}); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "header: reading failed") {
			t.Errorf("%v", err)
		}
	}
	f, err := NewReader(broken{b, int64(len(b)) - 1}, int64(len(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Bytes("mask"); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), `tensor "mask": reading failed`) {
		t.Errorf("%v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestHeaderLimit(t *testing.T) {
	b := assemble("{}"+strings.Repeat(" ", DefaultMaxHeader-1), 0)
	_, err := openBytes(b, Options{})
	if err == nil || !strings.Contains(err.Error(), "header: its length of 16777217 bytes is above the limit of 16777216; raise Options.MaxHeader") {
		t.Errorf("%v", err)
	}
	if _, err := openBytes(b, Options{MaxHeader: DefaultMaxHeader + 1}); err != nil {
		t.Error(err)
	}
	huge := &sparse{head: assemble("{}", 0)}
	binary.LittleEndian.PutUint64(huge.head, LargestMaxHeader+1)
	_, err = NewReader(huge, 1<<40, Options{MaxHeader: LargestMaxHeader})
	if err == nil || !strings.Contains(err.Error(), "above the limit of 100000000; the format allows no more") {
		t.Errorf("%v", err)
	}
	for _, limit := range []int{-1, LargestMaxHeader + 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("MaxHeader %d: no panic", limit)
				}
			}()
			_, _ = openBytes(b, Options{MaxHeader: limit})
		}()
	}
}

// sparse is a long file of zeros behind its head.
type sparse struct{ head []byte }

func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(s.head)) {
		copy(p, s.head[off:])
	}
	return len(p), nil
}

// TestChecksumOptions holds when checksums are asked for, and that none may be missing or left over.
func TestChecksumOptions(t *testing.T) {
	if _, err := openBytes(typed(t), Options{RequireChecksums: true}); err == nil || !strings.Contains(err.Error(), "header: the file has no checksums") {
		t.Errorf("%v", err)
	}
	a := FromBytes("a", U8, []byte{1}, 1)
	sum := "crc32c.a"
	for _, test := range []struct {
		meta map[string]string
		want string
	}{
		{map[string]string{}, `tensor "a": its checksum is missing, others have theirs`},
		{map[string]string{sum: "a016d052", "crc32c.b": "00000000"}, "header: there are 2 tensor checksums for 1 tensors"},
		{map[string]string{sum: "a016d052"}, ""}, // the CRC-32C of the byte 1
	} {
		test.meta[sumKey] = emptySum
		head, at := encodeHeader([]*Tensor{&a}, test.meta)
		copy(head[at:], sumString(crc32.Checksum(head, sumTable())))
		f, err := openBytes(append(head, 1), Options{})
		if test.want == "" {
			if err != nil {
				t.Error(err)
			} else if err := f.Verify(); err != nil {
				t.Error(err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want %q", err, test.want)
		}
	}
}
