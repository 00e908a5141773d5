package imagesets

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/vision/images"
)

// Element is the type of the numbers of an IDX file.
type Element uint8

// The types, as the third byte of a file has them.
const (
	Uint8   Element = 0x08
	Int8    Element = 0x09
	Int16   Element = 0x0b
	Int32   Element = 0x0c
	Float32 Element = 0x0d
	Float64 Element = 0x0e
)

var elementNames = []string{Uint8: "uint8", Int8: "int8", Int16: "int16", Int32: "int32", Float32: "float32", Float64: "float64"}

// String names the type.
func (e Element) String() string {
	if e.size() == 0 {
		return fmt.Sprintf("Element(%#02x)", uint8(e))
	}
	return nearest.Name("Element", int(e), elementNames)
}

// size is the bytes of a number; 0 for a type that does not exist.
func (e Element) size() int {
	switch e {
	case Uint8, Int8:
		return 1
	case Int16:
		return 2
	case Int32, Float32:
		return 4
	case Float64:
		return 8
	}
	return 0
}

// IDX is an array of numbers in the form of MNIST's files: images [n, height, width] or
// [n, height, width, channels], labels [n].
type IDX struct {
	Name    string // of the file
	Element Element
	Shape   []int
	data    []byte // row-major, big-endian
}

// maxRank is the most dimensions of an IDX file.
const maxRank = 8

// ReadIDXFile reads an IDX file, unpacked where its name ends in .gz. The error is a
// *datasets.FileError.
func ReadIDXFile(path string) (*IDX, error) {
	var x *IDX
	err := readOpen(path, func(in io.Reader) (err error) {
		x, err = ReadIDX(in, path)
		return err
	})
	return x, err
}

// ReadIDX reads an IDX array, which messages call name. The sizes must be those of what
// follows, floats finite. The error is a *datasets.FileError.
func ReadIDX(in io.Reader, name string) (*IDX, error) {
	var magic [4]byte
	if _, err := io.ReadFull(in, magic[:]); err != nil {
		return nil, damaged(name, err)
	}
	x := &IDX{Name: name, Element: Element(magic[2]), Shape: make([]int, magic[3])}
	const hint = "expected an IDX file, as MNIST's are"
	if magic[0] != 0 || magic[1] != 0 || x.Element.size() == 0 {
		return nil, refused(name, 0, hint, "the first bytes are % x", magic)
	}
	if len(x.Shape) == 0 || len(x.Shape) > maxRank {
		return nil, refused(name, 0, hint, "it has %d dimensions, expected 1..%d", len(x.Shape), maxRank)
	}
	want := int64(x.Element.size())
	for d := range x.Shape {
		var n [4]byte
		if _, err := io.ReadFull(in, n[:]); err != nil {
			return nil, damaged(name, err)
		}
		size := int64(binary.BigEndian.Uint32(n[:]))
		if size == 0 && d > 0 {
			return nil, refused(name, 0, again, "its items are empty: dimension %d is 0", d)
		}
		if size > 0 && want > maxUnpacked/size {
			return nil, refused(name, 0, again, "its header says more than %d bytes", maxUnpacked)
		}
		x.Shape[d], want = int(size), want*size
	}
	var err error
	if x.data, err = io.ReadAll(io.LimitReader(in, want+1)); err != nil {
		return nil, damaged(name, err)
	}
	switch {
	case int64(len(x.data)) < want:
		return nil, refused(name, 0, "the file is cut off: copy it again", "%d bytes follow the header, which says %d: %v of %v", len(x.data), want, x.Element, x.Shape)
	case int64(len(x.data)) > want:
		return nil, refused(name, 0, again, "more bytes follow the header than it says: %v of %v", x.Element, x.Shape)
	}
	return x, x.checkFinite()
}

// checkFinite refuses floats that are no numbers, and those beyond float32.
func (x *IDX) checkFinite() error {
	if x.Element != Float32 && x.Element != Float64 {
		return nil
	}
	for i := range len(x.data) / x.Element.size() {
		if v := x.at(i); math.IsNaN(v) || math.Abs(v) > math.MaxFloat32 {
			return refused(x.Name, 0, "repair the data", "number %d of item %d is %v", i%x.each(), i/x.each(), v)
		}
	}
	return nil
}

// at is number i of the array.
func (x *IDX) at(i int) float64 {
	b := x.data[i*x.Element.size():]
	switch x.Element {
	case Int8:
		return float64(int8(b[0]))
	case Int16:
		return float64(int16(binary.BigEndian.Uint16(b)))
	case Int32:
		return float64(int32(binary.BigEndian.Uint32(b)))
	case Float32:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case Float64:
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return float64(b[0])
}

// each is the numbers of an item.
func (x *IDX) each() int {
	n := 1
	for _, s := range x.Shape[1:] {
		n *= s
	}
	return n
}

// Len is the number of items.
func (x *IDX) Len() int { return x.Shape[0] }

// Images gives the array as images: of bytes where it is of uint8, else of floats as they
// are, which a normalisation may bring to scale. The error is a *datasets.FileError about
// another shape than that of images with 1 to 4 channels.
func (x *IDX) Images() (images.Source, error) {
	p := packed{channels: 1}
	switch {
	case len(x.Shape) == 3:
	case len(x.Shape) == 4 && x.Shape[3] <= 4:
		p.channels = x.Shape[3]
	default:
		return nil, refused(x.Name, 0, "name a file of images", "its shape is %v, expected [images, height, width] or the same with up to four channels", x.Shape)
	}
	p.height, p.width = x.Shape[1], x.Shape[2]
	if x.Element == Uint8 {
		p.pixels = x.data
		return p, nil
	}
	return idxFloats{x, p}, nil
}

// idxFloats are images of numbers that are not bytes.
type idxFloats struct {
	*IDX
	shape packed // without its pixels
}

func (f idxFloats) Image(i int) (*images.Image, error) {
	m := images.NewFloat(f.shape.height, f.shape.width, f.shape.channels)
	for k := range m.Floats {
		m.Floats[k] = float32(f.at(i*len(m.Floats) + k))
	}
	return m, nil
}

// Labels gives the array as classes. The error is a *datasets.FileError about another shape
// than [labels], or the item whose label is no whole number from 0.
func (x *IDX) Labels() ([]int, error) {
	if len(x.Shape) != 1 {
		return nil, refused(x.Name, 0, "name a file of labels", "its shape is %v, expected [labels]", x.Shape)
	}
	labels := make([]int, x.Len())
	for i := range labels {
		v := x.at(i)
		if v < 0 || v != math.Trunc(v) || v > math.MaxInt32 {
			return nil, refused(x.Name, 0, "repair the data", "the label of item %d is %v, expected a whole number from 0", i, v)
		}
		labels[i] = int(v)
	}
	return labels, nil
}

// OpenIDX gives the images of one IDX file with the labels of another, which must be below
// the number of classes; 0 classes allow any label. The error is a *datasets.FileError.
func OpenIDX(imageFile, labelFile string, classes int) (Source, error) {
	x, err := ReadIDXFile(imageFile)
	if err != nil {
		return nil, err
	}
	source, err := x.Images()
	if err != nil {
		return nil, err
	}
	y, err := ReadIDXFile(labelFile)
	if err != nil {
		return nil, err
	}
	labels, err := y.Labels()
	if err != nil {
		return nil, err
	}
	if len(labels) != source.Len() {
		return nil, refused(labelFile, 0, "the two files must belong together", "it has %d labels, %s has %d images", len(labels), imageFile, source.Len())
	}
	for i, label := range labels {
		if classes > 0 && label >= classes {
			return nil, refused(labelFile, 0, "the file must belong to the set", "the label of item %d is %d, expected 0..%d", i, label, classes-1)
		}
	}
	return Labelled(source, labels), nil
}
