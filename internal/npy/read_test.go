package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// file is a file of version 1, 2 or 3.
func file(major byte, dictionary string, data ...byte) []byte {
	b := append([]byte(magic), major, 0)
	if major == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(dictionary)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(dictionary)))
	}
	return append(append(b, dictionary...), data...)
}

// header32 is what numpy.save writes of an array of float32.
func header32(shape string) string {
	return "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }    \n"
}

// ofFloats are the bytes of numbers.
func ofFloats(values ...float32) (b []byte) {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func TestRead(t *testing.T) {
	double := binary.BigEndian.AppendUint64(nil, math.Float64bits(0.1))
	for name, c := range map[string]struct {
		data   []byte
		shape  []int
		values []float32
	}{
		"matrix":      {file(1, header32("2, 3"), ofFloats(1, 2, 3, 4, 5, 6)...), []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}},
		"vector":      {file(2, header32("2,"), ofFloats(1, -2)...), []int{2}, []float32{1, -2}},
		"number":      {file(3, header32(""), ofFloats(7)...), []int{}, []float32{7}},
		"empty":       {file(1, header32("0, 22, 3")), []int{0, 22, 3}, []float32{}},
		"big doubles": {file(1, "{'descr': '>f8', 'fortran_order': False, 'shape': (1,)}", double...), []int{1}, []float32{0.1}},
	} {
		shape, values, err := Read(iotest.OneByteReader(bytes.NewReader(c.data)))
		if err != nil || !slices.Equal(shape, c.shape) || !slices.Equal(values, c.values) {
			t.Errorf("%s: shape %v, %v, error %v", name, shape, values, err)
		}
	}
}

// TestWrite reads back what is written, and has NumPy's own bytes of numpy.arange(6, dtype="float32").reshape(1, 2, 3).
func TestWrite(t *testing.T) {
	for _, shape := range [][]int{{}, {1}, {0}, {2, 3}, {0, 22, 3}, {1, 2, 3}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}} {
		count := 1
		for _, n := range shape {
			count *= n
		}
		want := make([]float32, count)
		for i := range want {
			want[i] = float32(i)
		}
		var b bytes.Buffer
		if err := Write(&b, shape, want); err != nil {
			t.Fatal(err)
		}
		if (b.Len()-4*count)%64 != 0 {
			t.Errorf("numbers begin at %d", b.Len()-4*count)
		}
		if len(shape) == 3 && shape[0] == 1 {
			head := "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }" + strings.Repeat(" ", 55) + "\n"
			if b.String() != head+string(ofFloats(want...)) {
				t.Errorf("%q", b.String())
			}
		}
		got, values, err := Read(&b)
		if err != nil || !slices.Equal(got, shape) || !slices.Equal(values, want) {
			t.Errorf("shape %v, %v, error %v", got, values, err)
		}
	}
}

func TestRefused(t *testing.T) {
	good := file(1, header32("2,"), ofFloats(1, 2)...)
	for want, data := range map[string][]byte{
		"the file ends within the header":       good[:20],
		"ends within the header; was":           {},
		"it is no array of NumPy":               []byte("PK\x03\x04 and more"),
		"version 9 of the format":               file(9, header32("2,")),
		"a header of 65537 bytes":               file(2, strings.Repeat(" ", 65537)),
		`the header "{}" is none`:               file(1, "{}"),
		`elements of type "<i8", want <f4`:      file(1, strings.Replace(header32("2,"), "<f4", "<i8", 1)),
		"in the order of Fortran":               file(1, strings.Replace(header32("2,"), "False", "True", 1)),
		"7 bytes of numbers of 4 bytes":         good[:len(good)-1],
		"shape [2] has 2 numbers":               append(slices.Clone(good), 0, 0, 0, 0),
		"shape (1,,2) is none":                  file(1, header32("1,,2")),
		"shape (1 2) is none":                   file(1, header32("1 2")),
		"shape (99999999, 99999999) is none":    file(1, header32("99999999, 99999999")),
		"shape (99999999999999999999) is none":  file(1, header32("99999999999999999999")),
		"0 bytes of numbers of 4 bytes, and sh": file(1, header32("1000000, 22, 3")),
	} {
		if _, _, err := Read(bytes.NewReader(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	broken := errors.New("broken")
	for _, n := range []int{3, 9, 20, len(good) - 2} {
		if _, _, err := Read(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(good[:n])))); err == nil {
			t.Errorf("cut at %d: no error", n)
		}
		if _, _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
			t.Error(err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(1, header32("2, 3"), ofFloats(1, 2, 3, 4, 5, 6)...))
	f.Add(file(2, header32("2,"), ofFloats(1, 2)...))
	f.Add(file(2, header32("9999999999, 99999"), ofFloats(1)...))
	f.Add(file(1, "{'descr': '>f8', 'fortran_order': True, 'shape': ()}", 0, 0, 0, 0, 0, 0, 0, 0))
	f.Add([]byte(magic + "\x02\x00\xff\xff\xff\xff{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		shape, values, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		count := 1
		for _, n := range shape {
			count *= n
		}
		if count != len(values) {
			t.Errorf("%d numbers of shape %v", len(values), shape)
		}
	})
}
