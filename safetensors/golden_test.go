package safetensors

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// goldenFiles returns every file under testdata/golden, and under GRAFT_GOLDEN where that is set.
func goldenFiles(t testing.TB) []string {
	t.Helper()
	roots := []string{filepath.Join("..", "testdata", "golden")}
	if dir := os.Getenv("GRAFT_GOLDEN"); dir != "" {
		roots = append(roots, dir)
	}
	var paths []string
	for _, root := range roots {
		found, err := filepath.Glob(filepath.Join(root, "*", "*.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		t.Fatal("no golden files found")
	}
	return paths
}

// content is all that a file holds.
type content struct {
	metadata map[string]string
	tensors  []Tensor
}

func contentOf(t testing.TB, f *File) content {
	t.Helper()
	c := content{metadata: f.Metadata()}
	for _, name := range f.Names() {
		info, err := f.Info(name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := f.Bytes(name)
		if err != nil {
			t.Fatal(err)
		}
		c.tensors = append(c.tensors, FromBytes(name, info.DType, data, info.Shape...))
	}
	return c
}

func openBytes(b []byte, opt Options) (*File, error) {
	return NewReader(bytes.NewReader(b), int64(len(b)), opt)
}

// TestGoldenFiles reads every golden file, which the reference implementation wrote, and sees that decode(encode(x)) == x,
// with and without checksums, and that a second encoding has the same bytes.
func TestGoldenFiles(t *testing.T) {
	for _, path := range goldenFiles(t) {
		f, err := Open(path, Options{Convert: true})
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		want := contentOf(t, f)
		for _, name := range f.Names() {
			info, _ := f.Info(name)
			if info.DType == I64 {
				_, _, err = f.Int64(name)
			} else {
				_, _, err = f.Float32(name)
			}
			if err != nil {
				t.Error(err)
			}
		}
		for _, write := range []func(*bytes.Buffer) error{
			func(b *bytes.Buffer) error { return Write(b, want.tensors, want.metadata) },
			func(b *bytes.Buffer) error { return WriteChecked(b, want.tensors, want.metadata) },
		} {
			var first, second bytes.Buffer
			if err := write(&first); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			g, err := openBytes(first.Bytes(), Options{})
			if err != nil {
				t.Fatalf("%s written again: %v", path, err)
			}
			if got := contentOf(t, g); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: the file written again differs", path)
			}
			if err := write(&second); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Errorf("%s: written twice, the bytes differ", path)
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}
