package safetensors

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// dense are headers of about n bytes that hold as many entries as possible.
func dense(n int) map[string]string {
	build := func(open, end string, item func(b *strings.Builder, i int)) string {
		var b strings.Builder
		b.WriteString(open)
		for i := 0; b.Len() < n-100; i++ {
			if i > 0 {
				b.WriteByte(',')
			}
			item(&b, i)
		}
		return b.String() + end
	}
	return map[string]string{
		"tensors": build("{", "}", func(b *strings.Builder, i int) {
			fmt.Fprintf(b, `"%x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, i*7919%0xfffff)
		}),
		"escaped names": build("{", "}", func(b *strings.Builder, i int) {
			fmt.Fprintf(b, `"\u0030%x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, i)
		}),
		"metadata": build(`{"__metadata__":{`, "}}", func(b *strings.Builder, i int) {
			fmt.Fprintf(b, `"%x":""`, i)
		}),
		"duplicates": build("{", "}", func(b *strings.Builder, i int) {
			b.WriteString(`"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`)
		}),
		"dimensions": build(`{"a":{"dtype":"U8","shape":[`, `],"data_offsets":[0,1]}}`, func(b *strings.Builder, i int) {
			b.WriteByte('1')
		}),
		"one long name": `{"` + strings.Repeat("n", n-100) + `":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`,
		"blanks":        `{}` + strings.Repeat(" ", n-100),
		"open brackets": strings.Repeat(`{"a":`, n/5),
	}
}

// TestMemory holds that opening a file allocates no more than twice its header and 1 MiB, all garbage counted, and takes
// less than a second per MiB of it.
func TestMemory(t *testing.T) {
	size := 4 << 20
	if testing.Short() {
		size = 1 << 20
	}
	for name, text := range dense(size) {
		file := assemble(text, 0)
		r := bytes.NewReader(file)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, err := NewReader(r, int64(len(file)), Options{})
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		got, most := after.TotalAlloc-before.TotalAlloc, uint64(2*len(text)+1<<20)
		t.Logf("%-14s %4.2f times the header, %v per MiB (%.60v)", name, float64(got)/float64(len(text)), took*(1<<20)/time.Duration(len(text)), err)
		if got > most {
			t.Errorf("%s: %d bytes allocated for a header of %d, at most %d are allowed", name, got, len(text), most)
		}
		if took > time.Duration(len(text))*time.Second/(1<<20) {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

// TestUncheckedLength holds that a lying length takes no memory.
func TestUncheckedLength(t *testing.T) {
	file := assemble("{}", 0)
	copy(file, []byte{0, 0, 0xff, 0, 0, 0, 0, 0}) // 16 MB
	allocated := testing.AllocsPerRun(10, func() {
		if _, err := openBytes(file, Options{}); err == nil {
			t.Fatal("accepted")
		}
	})
	if allocated > 20 {
		t.Errorf("%v allocations", allocated)
	}
}
