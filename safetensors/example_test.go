package safetensors_test

import (
	"bytes"
	"fmt"

	"github.com/graft-ml/graft/safetensors"
)

func Example() {
	var file bytes.Buffer
	err := safetensors.WriteChecked(&file, []safetensors.Tensor{
		safetensors.FromFloat32("weight", []float32{1, 2, 3, 4, 5, 6}, 2, 3),
		safetensors.FromInt64("steps", []int64{120}, 1),
	}, map[string]string{"note": "a small model"})
	if err != nil {
		fmt.Println(err)
		return
	}

	read := func(b []byte) error {
		f, err := safetensors.NewReader(bytes.NewReader(b), int64(len(b)), safetensors.Options{})
		if err != nil {
			return err
		}
		values, shape, err := f.Float32("weight")
		if err != nil {
			return err
		}
		fmt.Println(f.Names(), f.Metadata()["note"], shape, values)
		return nil
	}
	fmt.Println(read(file.Bytes()))
	file.Bytes()[file.Len()-1] ^= 1 // one bit of the last tensor
	fmt.Println(read(file.Bytes()))
	// Output:
	// [steps weight] a small model [2 3] [1 2 3 4 5 6]
	// <nil>
	// safetensors: tensor "weight": its bytes have the CRC-32C 723a87ba, stated is "805104b9": checksum does not match; the file was damaged: take another copy
}

func ExampleWrite() {
	var file bytes.Buffer
	err := safetensors.Write(&file, []safetensors.Tensor{safetensors.FromFloat32("x", []float32{1}, 1)}, nil)
	fmt.Printf("%v %q\n", err, file.Bytes())
	// Output:
	// <nil> "8\x00\x00\x00\x00\x00\x00\x00{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}  \x00\x00\x80?"
}
