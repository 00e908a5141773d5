package unpickle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// The files of testdata were written by Python 3 with torch 1.13 and numpy 1.24, in the
// protocol that their names end in.

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decodeFixture(t testing.TB, name string) any {
	t.Helper()
	v, err := DecodeBytes(fixture(t, name), Limits{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

func TestPlain(t *testing.T) {
	want := map[string]any{
		"none": nil, "yes": true, "no": false, "zero": 0, "small": -7, "byte": 255, "word": 65535, "int": -2147483648,
		"long": 1 << 40, "minus": -1 << 40, "float": 0.1, "text": "Grüße", "bytes": "\x00\xff", "empty": "",
		"list": List{1, List{2, List{3}}, List{}}, "same": List{1, List{2, List{3}}, List{}},
		"tuple": Tuple{1, Tuple{2}, Tuple{}, Tuple{1, 2, 3, 4}},
		"dict":  Dict{{"a", List{1}}}, "ordered": Dict{{"k", 1}}, "default": Dict{{3, List{4}}},
	}
	for p := range 6 {
		d := decodeFixture(t, fmt.Sprintf("plain_%d.pickle", p)).(Dict)
		if len(d) != len(want) {
			t.Errorf("protocol %d: %d entries", p, len(d))
		}
		for key, w := range want {
			if got, ok := d.Get(key); !ok || !reflect.DeepEqual(got, w) {
				t.Errorf("protocol %d: %s is %#v, want %#v", p, key, got, w)
			}
		}
	}
	if _, ok := (Dict{}).Get("a"); ok {
		t.Error("an empty dict has something")
	}
}

// flat lists the elements of an array.
func flat(a *Array) []float64 {
	values := make([]float64, a.Len())
	for i := range values {
		values[i] = a.Float(i)
	}
	return values
}

// series is begin, begin+step, ...
func series(begin, step, n int) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(begin + i*step)
	}
	return values
}

func TestArrays(t *testing.T) {
	transposed := []float64{0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23}
	want := map[string]struct {
		kind   Kind
		shape  []int
		values []float64
	}{
		"int8": {Int8, []int{2, 2}, []float64{-1, 2, 3, -128}}, "uint8": {Int16, []int{2}, []float64{0, 255}}, "bool": {Int8, []int{2}, []float64{1, 0}},
		"int16": {Int16, []int{2}, []float64{-300, 300}}, "int32": {Int32, []int{2}, []float64{70000, -70000}},
		"int64": {Int64, []int{2}, []float64{1 << 40, -1 << 40}}, "narrow": {Int8, []int{2}, []float64{5, -5}},
		"float32": {Float32, []int{2}, []float64{0.5, -1.25}}, "float64": {Float64, []int{1}, []float64{0.1}},
		"scalar": {Int8, []int{}, []float64{7}}, "empty": {Int8, []int{0, 3}, []float64{}},
		"view": {Int8, []int{2, 3}, []float64{8, 9, 10, 14, 15, 16}}, "transposed": {Int8, []int{6, 4}, transposed},
		"every":   {Int8, []int{5}, series(1, 5, 5)},
		"fortran": {Int8, []int{2, 3}, series(0, 1, 6)}, "big": {Int8, []int{2}, []float64{1, -2}}, "bigfloat": {Float64, []int{1}, []float64{0.5}},
	}
	numbers := map[string]any{"number": -3, "real": 0.25, "flag": 1}
	for _, file := range []string{"torch_2", "torch_3", "torch_4", "torch_5", "numpy_0", "numpy_2", "numpy_3", "numpy_4"} {
		d := decodeFixture(t, file+".pickle").(Dict)
		for _, e := range d {
			key := e.Key.(string)
			if n, ok := numbers[key]; ok {
				if e.Value != n {
					t.Errorf("%s: %s is %#v, want %#v", file, key, e.Value, n)
				}
				continue
			}
			w := want[key]
			a, ok := e.Value.(*Array)
			if !ok || a.Kind != w.kind || !reflect.DeepEqual(a.Shape, w.shape) || !reflect.DeepEqual(flat(a), w.values) {
				t.Errorf("%s: %s is %v %v of %+v, want %v", file, key, a.Kind, a.Shape, flat(a), w)
				continue
			}
			for i := range a.Len() {
				if a.Whole() && float64(a.Int(i)) != a.Float(i) {
					t.Errorf("%s: %s: element %d is %d and %v", file, key, i, a.Int(i), a.Float(i))
				}
			}
			if fraction := key == "float32" || key == "float64" || key == "bigfloat"; a.Whole() == fraction {
				t.Errorf("%s: %s: whole is %v", file, key, a.Whole())
			}
		}
		if got := len(d); got != 14 && got != 20 {
			t.Errorf("%s: %d entries", file, got)
		}
	}
	if Kind(9).String() != "Kind(9)" || Float32.String() != "float32" {
		t.Error("names of kinds")
	}
}

func TestSparse(t *testing.T) {
	for _, p := range []int{0, 2, 4} {
		m, ok := decodeFixture(t, fmt.Sprintf("scipy_%d.pickle", p)).(*Sparse)
		if !ok || m.Rows != 3 || m.Cols != 4 || !reflect.DeepEqual(flat(m.Offsets), []float64{0, 2, 2, 3}) ||
			!reflect.DeepEqual(flat(m.Indices), []float64{0, 2, 1}) || !reflect.DeepEqual(flat(m.Data), []float64{1, 1, 1}) {
			t.Errorf("protocol %d: %+v", p, m)
		}
	}
}

// TestPython2 reads an array as numpy under Python 2 wrote it, whose bytes are a string.
func TestPython2(t *testing.T) {
	text := "\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03(K\x01K\x02\x85cnumpy\ndtype\nq\x04U\x02i4K\x00K\x01\x87Rq\x05" +
		"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x08\x01\x00\x00\x00\xfe\xff\xff\xfftb."
	v, err := DecodeBytes([]byte(text), Limits{})
	if a, ok := v.(*Array); !ok || err != nil || !reflect.DeepEqual(flat(a), []float64{1, -2}) {
		t.Errorf("%v, %v", v, err)
	}
}

// TestCut holds that a pickle that ends too early says so, wherever it does.
func TestCut(t *testing.T) {
	for _, name := range []string{"plain_0.pickle", "plain_2.pickle", "plain_4.pickle", "torch_2.pickle", "numpy_3.pickle"} {
		text := fixture(t, name)
		for n := 0; n < len(text); n += 1 + len(text)/500 {
			_, err := DecodeBytes(text[:n], Limits{})
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
		}
		if _, err := DecodeBytes(append(bytes.Clone(text), "more"...), Limits{}); err != nil {
			t.Errorf("%s with something behind: %v", name, err)
		}
	}
}

// TestFlipped holds that no damage of a byte does worse than an error or another value.
func TestFlipped(t *testing.T) {
	for _, name := range []string{"plain_0.pickle", "plain_4.pickle", "torch_2.pickle", "numpy_2.pickle", "scipy_2.pickle"} {
		text := fixture(t, name)
		for i := 0; i < len(text); i += 1 + len(text)/500 {
			for _, bit := range []byte{1, 0x10, 0x80} {
				damaged := bytes.Clone(text)
				damaged[i] ^= bit
				_, _ = DecodeBytes(damaged, Limits{})
			}
		}
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	opened, closed := 0, 0
	open := func() (io.ReadCloser, error) {
		if opened++; opened == 2 {
			cancel()
		}
		return closing{bytes.NewReader(fixture(t, "torch_2.pickle")), &closed}, nil
	}
	if _, err := Decode(ctx, open, Limits{}); !errors.Is(err, context.Canceled) || opened != 2 || closed != 2 {
		t.Errorf("%v, opened %d times, closed %d times", err, opened, closed)
	}
	gone := errors.New("gone")
	if _, err := Decode(context.Background(), func() (io.ReadCloser, error) { return nil, gone }, Limits{}); err != gone {
		t.Error(err)
	}
	broken := func() (io.ReadCloser, error) {
		return closing{io.MultiReader(strings.NewReader("\x80\x02]"), failing{gone}), &closed}, nil
	}
	if _, err := Decode(context.Background(), broken, Limits{}); !errors.Is(err, gone) {
		t.Error(err)
	}
}

type closing struct {
	io.Reader
	count *int
}

func (c closing) Close() error { *c.count++; return nil }

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
