package unpickle

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzDecode holds that no bytes make a panic, and that what comes out is of the kinds
// that are promised.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.pickle")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, h := range hostile {
		f.Add([]byte(h.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := DecodeBytes(text, Limits{String: 1 << 16, Opcodes: 1 << 16})
		if err == nil {
			walkPlain(t, v, 0)
			return
		}
		var e *Error
		if !errors.As(err, &e) || len(err.Error()) > 2000 {
			t.Errorf("%T of %d bytes", err, len(err.Error()))
		}
	})
}

func walkPlain(t *testing.T, v any, depth int) {
	if depth > 64 {
		t.Fatal("too deep")
	}
	switch v := v.(type) {
	case nil, bool, int, float64, string:
	case List:
		for _, e := range v {
			walkPlain(t, e, depth+1)
		}
	case Tuple:
		for _, e := range v {
			walkPlain(t, e, depth+1)
		}
	case Dict:
		for _, e := range v {
			walkPlain(t, e.Key, depth+1)
			walkPlain(t, e.Value, depth+1)
		}
	case *Array:
		n := 1
		for _, s := range v.Shape {
			n *= s
		}
		if v.Len() != n {
			t.Fatalf("%d elements in shape %v", v.Len(), v.Shape)
		}
		for i := range v.Len() {
			_, _ = v.Int(i), v.Float(i)
		}
	case *Sparse:
		for i := range v.Rows {
			for k := v.Offsets.Int(i); k < v.Offsets.Int(i+1); k++ {
				_, _ = v.Indices.Int(int(k)), v.Data.Float(int(k))
			}
		}
	default:
		t.Fatalf("a value of type %T", v)
	}
}
