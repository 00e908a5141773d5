package tables

import (
	"fmt"
	"io"
	"runtime"
	"testing"
)

// endless gives the same rows again and again, so many bytes or a little less.
type endless struct {
	rows []byte
	left int
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.at == 0 && e.left < len(e.rows) {
		return 0, io.EOF
	}
	n := copy(p, e.rows[e.at:])
	e.at, e.left = (e.at+n)%len(e.rows), e.left-n
	return n, nil
}

// TestStreaming reads 100 MB row by row and looks at the heap on the way: it must not
// grow with what was read.
func TestStreaming(t *testing.T) {
	size := 100 << 20
	if testing.Short() {
		size = 20 << 20
	}
	var some []byte
	names := make([]string, 1000)
	for row := range names {
		names[row] = fmt.Sprintf("a name, quoted, of row %d", row)
		some = fmt.Appendf(some, "%d,\"%s\",%d.5,text without quotes that goes on\n", row, names[row], row%97)
	}
	for name, d := range map[string]Dialect{"encoding/csv": {}, "own": {Comma: ',', Backslash: true}} {
		t.Run(name, func(t *testing.T) {
			in := &endless{rows: some, left: size}
			r, err := StreamCSV("big.csv", in, d, Options{NoHeader: true})
			if err != nil {
				t.Fatal(err)
			}
			var most, before uint64
			heap := func() uint64 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				return m.HeapAlloc
			}
			before = heap()
			rows := 0
			for ; ; rows++ {
				row, err := r.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if len(row) != 4 || row[1] != names[rows%1000] {
					t.Fatalf("row %d is %q", rows, row)
				}
				if rows%200000 == 0 {
					most = max(most, heap())
				}
			}
			if want := size / len(some) * 1000; rows != want {
				t.Errorf("%d rows, want %d", rows, want)
			}
			if grown := int64(most) - int64(before); grown > 4<<20 {
				t.Errorf("the heap grew by %d bytes while %d were read", grown, size)
			}
		})
	}
}
