package imagesets

import (
	"errors"
	"io"

	"github.com/graft-ml/graft/vision/images"
)

// cifarForm is how a record of CIFAR looks.
type cifarForm struct {
	labels int    // bytes in front of the pixels
	most   [2]int // the classes that each may have
}

var (
	cifar10Form  = cifarForm{1, [2]int{10}}
	cifar100Form = cifarForm{2, [2]int{20, 100}} // coarse, fine
)

const (
	cifarSide  = 32
	cifarPlane = cifarSide * cifarSide
)

// CIFAR is records of the binary form of CIFAR-10 or CIFAR-100.
type CIFAR struct {
	packed
	Labels []int // [records], the fine classes of CIFAR-100
	Coarse []int // [records], the superclasses of CIFAR-100; nil in CIFAR-10
}

// ReadCIFAR10 reads records of CIFAR-10, any number of them: a label, 1,024 bytes of red, of
// green, of blue. The error is a *datasets.FileError that names the record.
func ReadCIFAR10(in io.Reader, name string) (*CIFAR, error) {
	c := new(CIFAR)
	return c, c.read(in, name, cifar10Form)
}

// ReadCIFAR100 reads records of CIFAR-100, which have a coarse and a fine label.
func ReadCIFAR100(in io.Reader, name string) (*CIFAR, error) {
	c := new(CIFAR)
	return c, c.read(in, name, cifar100Form)
}

// read appends the records of a file.
func (c *CIFAR) read(in io.Reader, name string, f cifarForm) error {
	c.packed.height, c.packed.width, c.packed.channels = cifarSide, cifarSide, 3
	record := make([]byte, f.labels+3*cifarPlane)
	for n := 0; ; n++ {
		_, err := io.ReadFull(in, record)
		if err == io.EOF {
			return nil
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return refused(name, 0, "the file is cut off: copy it again", "it ends within record %d; every record has %d bytes", n, len(record))
		}
		if err != nil {
			return damaged(name, err)
		}
		for k, most := range f.most[:f.labels] {
			if int(record[k]) >= most {
				return refused(name, 0, again, "record %d has the label %d, expected 0..%d", n, record[k], most-1)
			}
		}
		c.add(record, f)
	}
}

// add appends a record, its pixels with their channels together.
func (c *CIFAR) add(record []byte, f cifarForm) {
	c.Labels = append(c.Labels, int(record[f.labels-1]))
	if f.labels == 2 {
		c.Coarse = append(c.Coarse, int(record[0]))
	}
	planes := record[f.labels:]
	for i := range cifarPlane {
		c.pixels = append(c.pixels, planes[i], planes[cifarPlane+i], planes[2*cifarPlane+i])
	}
}

// Label is the class of record i.
func (c *CIFAR) Label(i int) int { return c.Labels[i] }

var _ Source = (*CIFAR)(nil)

// Len is the number of records.
func (c *CIFAR) Len() int { return len(c.Labels) }

// Image gives the pixels of record i; the error is always nil.
func (c *CIFAR) Image(i int) (*images.Image, error) { return c.packed.Image(i) }
