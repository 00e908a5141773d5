package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
)

const (
	magic      = "\x93NUMPY"
	mostHeader = 64 << 10 // bytes; NumPy itself pads a header of usual arrays to 128
	mostAxes   = 32       // NumPy had no more until version 2
)

// header is the literal of a dictionary as NumPy writes it, keys in the order of the alphabet.
var header = regexp.MustCompile(`^\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\),? *\} *\n?$`)

// Read reads an array of numbers of 4 or 8 bytes with a point, [descr] <f4, <f8, >f4 or >f8, whose last axis runs fastest.
// It reads to the end and wants as many numbers as the shape says. Numbers of 8 bytes are rounded.
//
// [descr]: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
func Read(in io.Reader) (shape []int, values []float32, err error) {
	text, err := readHeader(in)
	if err != nil {
		return nil, nil, err
	}
	parts := header.FindStringSubmatch(text)
	if parts == nil {
		return nil, nil, fmt.Errorf("the header %s is none that NumPy writes", quoted(text))
	}
	size, order, err := element(parts[1])
	if err != nil {
		return nil, nil, err
	}
	if parts[2] == "True" {
		return nil, nil, errors.New("the array lies in the order of Fortran; save numpy.ascontiguousarray of it")
	}
	shape, count, err := dimensions(parts[3])
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, nil, err
	}
	if len(data)%size != 0 || len(data)/size != count {
		return nil, nil, fmt.Errorf("%d bytes of numbers of %d bytes, and shape %v has %d numbers; was the file cut off?", len(data), size, shape, count)
	}
	values = make([]float32, count)
	for i := range values {
		if size == 4 {
			values[i] = math.Float32frombits(order.Uint32(data[4*i:]))
		} else {
			values[i] = float32(math.Float64frombits(order.Uint64(data[8*i:])))
		}
	}
	return shape, values, nil
}

// readHeader reads what comes before the numbers, and returns the dictionary.
func readHeader(in io.Reader) (string, error) {
	start := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(in, start); err != nil {
		return "", cut(err)
	}
	if string(start[:len(magic)]) != magic {
		return "", errors.New("it is no array of NumPy")
	}
	length := make([]byte, 4)
	major := start[len(magic)]
	switch major {
	case 1:
		length = length[:2]
	case 2, 3:
	default:
		return "", fmt.Errorf("version %d of the format, those known are 1 to 3", major)
	}
	if _, err := io.ReadFull(in, length); err != nil {
		return "", cut(err)
	}
	n := uint32(binary.LittleEndian.Uint16(length))
	if major > 1 {
		n = binary.LittleEndian.Uint32(length)
	}
	if n > mostHeader {
		return "", fmt.Errorf("a header of %d bytes, at most %d are read", n, mostHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(in, text); err != nil {
		return "", cut(err)
	}
	return string(text), nil
}

// element is the size of a number in bytes, and their order.
func element(descr string) (size int, order binary.ByteOrder, err error) {
	switch descr {
	case "<f4", "<f8":
		order = binary.LittleEndian
	case ">f4", ">f8":
		order = binary.BigEndian
	default:
		return 0, nil, fmt.Errorf("elements of type %s, want <f4 or <f8; save the array as float32", quoted(descr))
	}
	return int(descr[2] - '0'), order, nil
}

// dimensions reads a shape such as "3, 4" or "3,".
func dimensions(text string) (shape []int, count int, err error) {
	shape, count = []int{}, 1
	for part := range strings.SplitSeq(strings.TrimSuffix(strings.TrimSpace(text), ","), ",") {
		if part = strings.TrimSpace(part); part == "" && len(shape) == 0 {
			break // a number without axes
		}
		n, err := strconv.Atoi(part)
		if err != nil || len(shape) == mostAxes || n > 0 && count > math.MaxInt32/n {
			return nil, 0, fmt.Errorf("shape (%s) is none that can be read", text)
		}
		shape, count = append(shape, n), count*n
	}
	return shape, count, nil
}

// cut tells of a file that ends too early.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends within the header; was it cut off?")
	}
	return err
}

// quoted shortens text from a file for a message.
func quoted(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most]
	}
	return strconv.Quote(s)
}
