package safetensors

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// allTypes are the types of the format.
var allTypes = []DType{Bool, U8, I8, U16, I16, U32, I32, U64, I64, F16, BF16, F32, F64, C64, F8E5M2, F8E4M3, F8E8M0, F6E2M3, F6E3M2, F4}

// drawContent draws a file's content: names and metadata of any text, all types, shapes with zeros and scalars.
func drawContent(t *rapid.T) content {
	c := content{metadata: rapid.MapOfN(rapid.String(), rapid.String(), 0, 4).Draw(t, "metadata")}
	for key := range c.metadata {
		if reserved(key) {
			delete(c.metadata, key)
		}
	}
	names := rapid.SliceOfNDistinct(rapid.String().Filter(func(s string) bool { return s != metadataKey }), 0, 6, rapid.ID).Draw(t, "names")
	slices.Sort(names)
	for _, name := range names {
		d := rapid.SampledFrom(allTypes).Draw(t, "dtype")
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 3).Draw(t, "shape")
		if d.Bits()%8 != 0 {
			shape = append(shape, 4) // fill whole bytes
		}
		bits := d.Bits()
		for _, n := range shape {
			bits *= n
		}
		data := rapid.SliceOfN(rapid.Byte(), bits/8, bits/8).Draw(t, "data")
		c.tensors = append(c.tensors, FromBytes(name, d, append([]byte{}, data...), append([]int{}, shape...)...))
	}
	return c
}

// TestRoundTrip holds decode(encode(x)) == x and that the bytes depend neither on the order of the tensors nor on the run.
func TestRoundTrip(t *testing.T) {
	for _, checked := range []bool{false, true} {
		rapid.Check(t, func(t *rapid.T) {
			c := drawContent(t)
			var first bytes.Buffer
			if err := write(&first, c.tensors, c.metadata, checked); err != nil {
				t.Fatal(err)
			}
			f, err := openBytes(first.Bytes(), Options{RequireChecksums: checked})
			if err != nil {
				t.Fatal(err)
			}
			if f.HasChecksums() != checked {
				t.Fatalf("HasChecksums %v", f.HasChecksums())
			}
			got := content{metadata: f.Metadata()}
			for _, name := range f.Names() {
				info, err := f.Info(name)
				if err != nil {
					t.Fatal(err)
				}
				data, err := f.Bytes(name)
				if err != nil {
					t.Fatal(err)
				}
				got.tensors = append(got.tensors, FromBytes(name, info.DType, data, info.Shape...))
			}
			if !reflect.DeepEqual(got, c) {
				t.Fatalf("got %+v\nwant %+v", got, c)
			}
			if f.data%8 != 0 {
				t.Fatalf("the data begin at byte %d", f.data)
			}
			shuffled := slices.Clone(c.tensors)
			rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			var second bytes.Buffer
			if err := write(&second, shuffled, c.metadata, checked); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Fatal("the bytes depend on the order of the tensors")
			}
		})
	}
}

// damagedExample is the file whose bits are flipped below.
func damagedExample(t testing.TB) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	weight := make([]float32, 70*300) // more than one chunk
	for i := range weight {
		weight[i] = random.Float32()
	}
	var b bytes.Buffer
	err := WriteChecked(&b, []Tensor{
		FromFloat32("layer.0.weight", weight, 70, 300),
		FromFloat32("layer.0.bias", weight[:33], 33),
		FromInt64("count", []int64{-3}, 1),
		FromBytes("mask", Bool, []byte{0, 1, 1}, 3),
		FromFloat32("empty", nil, 0, 7),
	}, map[string]string{"format": "1", "note": "crc32"})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFlippedHeaderBytes changes each byte of the header, length and padding included, in each bit.
func TestFlippedHeaderBytes(t *testing.T) {
	b := damagedExample(t)
	f, err := openBytes(b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int(f.data) {
		for bit := range 8 {
			b[i] ^= 1 << bit
			_, err := openBytes(b, Options{RequireChecksums: true})
			b[i] ^= 1 << bit
			if err == nil {
				t.Fatalf("bit %d of header byte %d (%q) flipped: not noticed", bit, i, b[i])
			}
			if s := err.Error(); !strings.Contains(s, "header: ") && !strings.Contains(s, "tensor ") {
				t.Errorf("byte %d: %v", i, err)
			}
		}
	}
}

// TestFlippedPayloadBits changes 1,000 random bits of the data, and sees that the right tensor is named.
func TestFlippedPayloadBits(t *testing.T) {
	b := damagedExample(t)
	f, err := openBytes(b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		at := random.IntN(len(b) - int(f.data))
		bit := byte(1) << random.IntN(8)
		b[int(f.data)+at] ^= bit
		for _, name := range f.Names() {
			info, err := f.Info(name)
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.Bytes(name)
			hit := int64(at) >= info.Begin && int64(at) < info.End
			if hit != (err != nil) {
				t.Fatalf("bit flipped at data byte %d, tensor %s at [%d, %d]: %v", at, name, info.Begin, info.End, err)
			}
			if !hit {
				continue
			}
			want := "tensor " + quote(name) + ": its bytes have the CRC-32C"
			if !strings.Contains(err.Error(), want) {
				t.Fatalf("error %q, want %q in it", err, want)
			}
			if err := f.Verify(); err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("Verify: %v, want %q in it", err, want)
			}
		}
		b[int(f.data)+at] ^= bit
	}
	if err := f.Verify(); err != nil {
		t.Fatal(err)
	}
}
