package safetensors

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

// TestWrittenBytes holds the format to the letter.
func TestWrittenBytes(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, []Tensor{
		FromBytes("m", Bool, []byte{1}, 1),
		FromFloat32("b", []float32{1}, 1),
		FromInt64("c", []int64{-1}),
		FromFloat32("a\"\x01", []float32{}, 2, 0),
	}, map[string]string{"z": "<&>", "k": "v\n"})
	if err != nil {
		t.Fatal(err)
	}
	text := `{"__metadata__":{"k":"v\u000a","z":"<&>"},"c":{"dtype":"I64","shape":[],"data_offsets":[0,8]},` +
		`"a\"\u0001":{"dtype":"F32","shape":[2,0],"data_offsets":[8,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},` +
		`"m":{"dtype":"BOOL","shape":[1],"data_offsets":[12,13]}}`
	text += strings.Repeat(" ", (8-len(text)%8)%8)
	want := append(assemble(text, 0), "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x80\x3f\x01"...)
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got  %q\nwant %q", b.Bytes(), want)
	}
}

func TestWriteRefuses(t *testing.T) {
	one := FromFloat32("a", []float32{1}, 1)
	tests := []struct {
		name    string
		tensors []Tensor
		meta    map[string]string
		want    string
	}{
		{"twice", []Tensor{one, one}, nil, `tensor "a": there are two tensors of this name`},
		{"name not UTF-8", []Tensor{FromFloat32("\xff", nil, 0)}, nil, `tensor "\xff": its name is not UTF-8`},
		{"reserved name", []Tensor{FromFloat32(metadataKey, nil, 0)}, nil, "reserved for the metadata"},
		{"dtype", []Tensor{FromBytes("a", "F31", nil, 0)}, nil, `unknown dtype "F31"`},
		{"no dtype", []Tensor{{Name: "a"}}, nil, `unknown dtype ""`},
		{"dimensions", []Tensor{FromFloat32("a", []float32{1}, make([]int, 65)...)}, nil, "more than 64 dimensions"},
		{"negative", []Tensor{FromFloat32("a", nil, -1)}, nil, "dimension -1 in its shape [-1]"},
		{"overflow", []Tensor{FromFloat32("a", nil, 1<<30, 1<<30, 1<<30, 0)}, nil, "the product of its shape [1073741824 1073741824 1073741824 0] overflows"},
		{"overflow by one", []Tensor{FromBytes("a", U8, nil, 1<<30, 1<<30)}, nil, "overflows"},
		{"half a byte", []Tensor{FromBytes("a", F4, []byte{1}, 1)}, nil, "its shape [1] of F4 does not fill whole bytes"},
		{"too little", []Tensor{FromFloat32("a", []float32{1}, 2)}, nil, "its shape [2] of F32 needs 8 bytes, its data have 4"},
		{"too much", []Tensor{FromInt64("a", []int64{1})}, nil, ""},
		{"nothing", []Tensor{FromInt64("a", nil)}, nil, "its shape [] of I64 needs 8 bytes, its data have 0"},
		{"floats as ints", []Tensor{{Name: "a", DType: I64, Shape: []int{1}, Float32: []float32{1}}}, nil, "Float32 data for the type I64"},
		{"ints as floats", []Tensor{{Name: "a", DType: F64, Shape: []int{1}, Int64: []int64{1}}}, nil, "Int64 data for the type F64"},
		{"two", []Tensor{{Name: "a", DType: F32, Shape: []int{1}, Float32: []float32{1}, Bytes: []byte{1, 2, 3, 4}}}, nil, "data in more than one of"},
		{"reserved key", nil, map[string]string{"crc32c": ""}, `header: the metadata key "crc32c" is reserved`},
		{"reserved key of a tensor", nil, map[string]string{"crc32c.a": ""}, `header: the metadata key "crc32c.a" is reserved`},
		{"key not UTF-8", nil, map[string]string{"\xff": ""}, "is not UTF-8"},
		{"value not UTF-8", nil, map[string]string{"k": "\xff"}, `header: the metadata key "k" or its value is not UTF-8`},
		{"header too long", nil, map[string]string{"k": strings.Repeat("x", LargestMaxHeader)}, "the format allows 100000000"},
	}
	for _, test := range tests {
		for _, write := range []func(io.Writer, []Tensor, map[string]string) error{Write, WriteChecked} {
			var b bytes.Buffer
			err := write(&b, test.tensors, test.meta)
			if test.want == "" {
				if err != nil {
					t.Errorf("%s: %v", test.name, err)
				}
				continue
			}
			var malformed *FormatError
			if err == nil || !strings.Contains(err.Error(), test.want) || !errors.As(err, &malformed) {
				t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
			}
			if b.Len() > 0 {
				t.Errorf("%s: %d bytes were written", test.name, b.Len())
			}
		}
	}
}

// short accepts a number of bytes and then fails.
type short struct{ left int }

func (w *short) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// TestWriteErrors fails the writer after each number of bytes.
func TestWriteErrors(t *testing.T) {
	tensors := []Tensor{
		FromFloat32("f", make([]float32, 5), 5),
		FromInt64("i", make([]int64, 3), 3),
		FromBytes("b", U8, make([]byte, 3), 3),
	}
	var all bytes.Buffer
	if err := WriteChecked(&all, tensors, nil); err != nil {
		t.Fatal(err)
	}
	for n := range all.Len() {
		if err := WriteChecked(&short{n}, tensors, nil); !errors.Is(err, io.ErrShortWrite) || !strings.Contains(err.Error(), "writing ") {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
	if err := WriteChecked(&short{all.Len()}, tensors, nil); err != nil {
		t.Error(err)
	}
}

// TestLargeTensors goes beyond one chunk, with bits of every kind.
func TestLargeTensors(t *testing.T) {
	floats, ints := make([]float32, chunkSize/2+1), make([]int64, chunkSize/4+1)
	for i := range floats {
		floats[i] = math.Float32frombits(uint32(i) * 2654435761)
	}
	for i := range ints {
		ints[i] = int64(uint64(i) * 11400714819323198485)
	}
	var b bytes.Buffer
	if err := WriteChecked(&b, []Tensor{FromFloat32("f", floats, len(floats)), FromInt64("i", ints, len(ints))}, nil); err != nil {
		t.Fatal(err)
	}
	f, err := openBytes(b.Bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	gotFloats, _, err := f.Float32("f")
	if err != nil {
		t.Fatal(err)
	}
	gotInts, _, err := f.Int64("i")
	if err != nil {
		t.Fatal(err)
	}
	for i := range floats {
		if math.Float32bits(gotFloats[i]) != math.Float32bits(floats[i]) {
			t.Fatalf("float %d: %v, want %v", i, gotFloats[i], floats[i])
		}
	}
	for i := range ints {
		if gotInts[i] != ints[i] {
			t.Fatalf("int %d: %v, want %v", i, gotInts[i], ints[i])
		}
	}
}
