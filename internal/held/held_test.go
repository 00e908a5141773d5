package held_test

import (
	"fmt"
	"sync"
	"testing"
	"unsafe"

	"github.com/graft-ml/graft/internal/held"
)

type node struct {
	next  *node
	value [3]int64
	name  string
}

type hidden struct {
	rows  [][]float32
	any   any
	pool  sync.Pool
	f     func()
	ch    chan int
	table map[int32]float32
}

func TestBytes(t *testing.T) {
	shared := make([]float32, 10, 100)
	ring := &node{value: [3]int64{1, 2, 3}}
	ring.next = &node{next: ring, name: "four"}
	const word, text, slice, ofNode = 8, 16, 24, 8 + 24 + 16
	for name, c := range map[string]struct {
		v    any
		want int64
	}{
		"nothing":              {nil, 0},
		"a number":             {7, 0}, // the value itself is the caller's
		"length, not capacity": {shared, 40},
		"the same twice":       {[][]float32{shared, shared}, 2*slice + 40},
		"empty":                {[]float32{}, 0},
		"strings":              {[]string{"one", "", "three"}, 3*text + 8},
		"a ring":               {ring, 2*ofNode + 4},
		"no pointer":           {(*node)(nil), 0},
		"fields not exported":  {&hidden{rows: [][]float32{shared}, any: [2]int64{}, f: func() {}, pool: sync.Pool{New: func() any { return nil }}, table: map[int32]float32{}, ch: make(chan int, 100)}, int64(unsafe.Sizeof(hidden{})) + slice + 40 + 16},
		"a map":                {map[int32]float32{1: 2, 3: 4}, 16},
		"a pointer in any":     {[]any{&[4]int64{}}, text + 32},
		"arrays with pointers": {&[2]*int64{new(int64), nil}, 2*word + 8},
	} {
		if got := held.Bytes(c.v); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
}

func ExampleBytes() {
	type batch struct{ rows []float32 }
	fmt.Println(held.Bytes(batch{rows: make([]float32, 1000)}))
	// Output: 4000
}
