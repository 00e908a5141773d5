package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// picturesCommand makes a folder of images of stripes, lying and standing: "pictures DIR N" makes N of each.
func picturesCommand(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for class, name := range []string{"lying", "standing"} {
		dir := filepath.Join(ts.MkAbs(args[0]), name)
		ts.Check(os.MkdirAll(dir, 0o777))
		for k := range n {
			m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
			for i := range 16 * 16 {
				at := [2]int{i / 16, i % 16}[class] + k
				v := uint8(20 + 5*(k%7) + 180*(at/3%2))
				m.SetNRGBA(i%16, i/16, color.NRGBA{v, 255 - v, v / 2, 255})
			}
			ts.Check(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.png", k)), pngOf(ts, m), 0o666))
		}
	}
}

// pictureCommand makes a PNG file of some kind: "picture FILE gray|cut|empty|bomb".
func pictureCommand(ts *testscript.TestScript, _ bool, args []string) {
	gray := image.NewGray(image.Rect(0, 0, 20, 12))
	for i := range gray.Pix {
		gray.Pix[i] = uint8(i)
	}
	file := pngOf(ts, gray)
	switch args[1] {
	case "gray":
	case "cut":
		file = file[:len(file)-20]
	case "empty":
		file = withSize(file, 0, 0)
	case "bomb":
		file = withSize(file, 60_000, 60_000)
	default:
		ts.Fatalf("no kind of picture: %s", args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), file, 0o666))
}

// cifarCommand makes a part of CIFAR-10 in binary form, a record a file, of class 3 and two colours: "cifar DIR".
func cifarCommand(ts *testscript.TestScript, _ bool, args []string) {
	dir := filepath.Join(ts.MkAbs(args[0]), "cifar-10-batches-bin")
	ts.Check(os.MkdirAll(dir, 0o777))
	record := append([]byte{3}, bytes.Repeat([]byte{200}, 32*32)...)
	record = append(record, make([]byte, 2*32*32)...)
	for _, name := range []string{"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"} {
		ts.Check(os.WriteFile(filepath.Join(dir, name+".bin"), record, 0o666))
	}
}

func pngOf(ts *testscript.TestScript, m image.Image) []byte {
	var b bytes.Buffer
	ts.Check(png.Encode(&b, m))
	return b.Bytes()
}

// withSize is a PNG file whose header tells another size.
func withSize(file []byte, width, height uint32) []byte {
	const header = 12 // behind the signature and the length: type and 13 bytes
	file = bytes.Clone(file)
	binary.BigEndian.PutUint32(file[header+4:], width)
	binary.BigEndian.PutUint32(file[header+8:], height)
	binary.BigEndian.PutUint32(file[header+17:], crc32.ChecksumIEEE(file[header:header+17]))
	return file
}
