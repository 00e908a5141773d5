package unpickle_test

import (
	"fmt"

	"github.com/graft-ml/graft/datasets/unpickle"
)

func Example() {
	// What Python writes of {'sizes': [3, 1, 2], 'name': 'toy'}.
	text := "\x80\x03}q\x00(X\x05\x00\x00\x00sizesq\x01]q\x02(K\x03K\x01K\x02eX\x04\x00\x00\x00nameq\x03X\x03\x00\x00\x00toyq\x04u."
	value, err := unpickle.DecodeBytes([]byte(text), unpickle.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range value.(unpickle.Dict) {
		fmt.Println(e.Key, e.Value)
	}

	// And of something that would run a command.
	_, err = unpickle.DecodeBytes([]byte("cos\nsystem\n(S'ls'\ntR."), unpickle.Limits{})
	fmt.Println(err)
	// Output:
	// sizes [3 1 2]
	// name toy
	// unpickle: byte 0: class "os.system" is not known: only plain data, numpy, scipy.sparse and torch tensors are read
}
