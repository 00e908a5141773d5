package imagesets

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// idxBytes writes an IDX array of numbers.
func idxBytes(e Element, shape []int, numbers ...float64) []byte {
	out := []byte{0, 0, byte(e), byte(len(shape))}
	for _, n := range shape {
		out = binary.BigEndian.AppendUint32(out, uint32(n))
	}
	for _, v := range numbers {
		switch e {
		case Uint8, Int8:
			out = append(out, byte(int(v)))
		case Int16:
			out = binary.BigEndian.AppendUint16(out, uint16(int16(v)))
		case Int32:
			out = binary.BigEndian.AppendUint32(out, uint32(int32(v)))
		case Float32:
			out = binary.BigEndian.AppendUint32(out, math.Float32bits(float32(v)))
		case Float64:
			out = binary.BigEndian.AppendUint64(out, math.Float64bits(v))
		}
	}
	return out
}

func TestIDXElements(t *testing.T) {
	for _, c := range []struct {
		element Element
		numbers []float64
		want    []float32
	}{
		{Uint8, []float64{0, 51, 255, 102}, []float32{0, 0.2, 1, 0.4}},
		{Int8, []float64{0, -1, 127, -128}, []float32{0, -1, 127, -128}},
		{Int16, []float64{0, -1, 32767, -32768}, []float32{0, -1, 32767, -32768}},
		{Int32, []float64{0, -1, 70000, -70000}, []float32{0, -1, 70000, -70000}},
		{Float32, []float64{0, 0.5, -2, 1e30}, []float32{0, 0.5, -2, 1e30}},
		{Float64, []float64{0, 0.5, -2, 1e30}, []float32{0, 0.5, -2, 1e30}},
	} {
		x, err := ReadIDX(bytes.NewReader(idxBytes(c.element, []int{2, 1, 2}, c.numbers...)), "x")
		if err != nil {
			t.Fatal(err)
		}
		source, err := x.Images()
		if err != nil || source.Len() != 2 {
			t.Fatal(source, err)
		}
		var got []float32
		for i := range 2 {
			m, err := source.Image(i)
			if err != nil || m.Check() != nil {
				t.Fatal(err, m.Check())
			}
			got = append(got, m.At(0, 0, 0), m.At(0, 1, 0))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, expected %v", c.element, got, c.want)
		}
	}
	if got := Element(0x0a).String(); got != "Element(0x0a)" {
		t.Error(got)
	}
}

func TestIDXColour(t *testing.T) {
	x, err := ReadIDX(bytes.NewReader(idxBytes(Uint8, []int{1, 1, 2, 3}, 1, 2, 3, 4, 5, 6)), "x")
	if err != nil {
		t.Fatal(err)
	}
	source, err := x.Images()
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := source.Image(0); m.Channels != 3 || m.Bytes[3] != 4 {
		t.Errorf("%+v", m)
	}
}

func TestIDXRefused(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":        {nil, "the data ends too early"},
		"png":          {[]byte("\x89PNG\r\n"), "expected an IDX file"},
		"no type":      {idxBytes(0x0a, []int{1}, 1), "expected an IDX file"},
		"rank 0":       {idxBytes(Uint8, nil, 1), "0 dimensions"},
		"rank 9":       {idxBytes(Uint8, make([]int, 9)), "9 dimensions"},
		"header":       {[]byte{0, 0, 8, 3, 0, 0}, "the data ends too early"},
		"cut off":      {idxBytes(Uint8, []int{2, 2, 2}, 1, 2, 3), "3 bytes follow the header, which says 8"},
		"longer":       {idxBytes(Uint8, []int{2}, 1, 2, 3), "more bytes follow"},
		"huge":         {idxBytes(Float64, []int{1 << 31, 1 << 31, 1 << 31}), "more than 1073741824 bytes"},
		"huge claim":   {idxBytes(Uint8, []int{1 << 29}), "0 bytes follow the header"},
		"zero size":    {idxBytes(Uint8, []int{1, 0, 28}), "dimension 1 is 0"},
		"not a number": {idxBytes(Float32, []int{2, 1, 2}, 1, 2, 3, math.NaN()), "number 1 of item 1 is NaN"},
		"infinite":     {idxBytes(Float64, []int{1}, math.Inf(-1)), "number 0 of item 0 is -Inf"},
	} {
		_, err := ReadIDX(bytes.NewReader(c.data), "file")
		var file *datasets.FileError
		if !errors.As(err, &file) || file.Path != "file" || file.Hint == "" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q in it", name, err, c.want)
		}
	}
}

func TestIDXLabels(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"negative": {idxBytes(Int8, []int{2}, 3, -1), "the label of item 1 is -1"},
		"fraction": {idxBytes(Float32, []int{1}, 0.5), "the label of item 0 is 0.5"},
		"images":   {idxBytes(Uint8, []int{1, 1, 1}, 1), "expected [labels]"},
	} {
		x, err := ReadIDX(bytes.NewReader(c.data), "file")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Labels(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q in it", name, err, c.want)
		}
	}
	x, _ := ReadIDX(bytes.NewReader(idxBytes(Uint8, []int{2}, 1, 2)), "file")
	if _, err := x.Images(); err == nil || !strings.Contains(err.Error(), "its shape is [2]") {
		t.Error(err)
	}
}

// writeFile puts a file into a folder of the test, packed where its name says so.
func writeFile(t testing.TB, path string, data []byte) string {
	t.Helper()
	if strings.HasSuffix(path, ".gz") {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(data)
		w.Close()
		data = b.Bytes()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenIDX(t *testing.T) {
	dir := t.TempDir()
	pixels := writeFile(t, filepath.Join(dir, "x.gz"), idxBytes(Uint8, []int{2, 1, 1}, 7, 9))
	labels := writeFile(t, filepath.Join(dir, "y"), idxBytes(Uint8, []int{2}, 0, 3))
	s, err := OpenIDX(pixels, labels, 0)
	if err != nil || s.Len() != 2 || s.Label(1) != 3 {
		t.Fatal(s, err)
	}
	for want, open := range map[string]func() (Source, error){
		"the label of item 1 is 3, expected 0..2": func() (Source, error) { return OpenIDX(pixels, labels, 3) },
		"expected [labels]":                       func() (Source, error) { return OpenIDX(pixels, pixels, 0) },
		"there is no such file":                   func() (Source, error) { return OpenIDX(pixels, filepath.Join(dir, "z"), 0) },
		"it has 3 labels": func() (Source, error) {
			return OpenIDX(pixels, writeFile(t, filepath.Join(dir, "three"), idxBytes(Uint8, []int{3}, 0, 0, 0)), 0)
		},
		"not sound gzip data": func() (Source, error) {
			path := filepath.Join(dir, "bad.gz")
			os.WriteFile(path, []byte("not gzip, certainly"), 0o644)
			return OpenIDX(path, labels, 0)
		},
	} {
		if _, err := open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
}
