package graphs

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// FuzzReader holds the reader to: no panic, typed errors only, every graph it
// gives is valid, and decode-encode-decode changes nothing.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		`{"i":912,"x":[6,0,0],"e":[[0,1,1],[1,2,2]],"y":1.9973258}`,
		`{"n":41,"e":[[0,1],[0,2],[0,39],[0,40]],"y":0}`,
		`{"i":0,"x":[0,1],"e":[[0,1,0]],"y":[0,0,0,0,1,0,0,0,0,1]}`,
		`{"i":"s","x":[[0.5,-1e-9],[3,4]],"xt":[[1,2],[3,4]],"e":[[0,1,5,6],[1,1,7,8]],"w":[0.5,2],"ef":[[1],[2]],"l":[0,1],"y":[null,1]}`,
		`{"n":3,"e":[[0,1],[2,2]],"el":[0,-1]}`, `{"n":3,"l":[0,-1,2]}`, `{"n":1,"l":[-2]}`, `{"n":3,"directed":true,"e":[[0,1],[2,1]],"w":[1,1]}`,
		"\n\r\n{\"n\":1}\r\n",
		// Attacks: numbers that lie, ends that are missing, types that differ.
		`{"n":2147483647}`, `{"n":99999999999999999999}`, `{"n":1e9}`, `{"n":-0}`,
		`{"x":[`, `{"x":[[`, `{"x":[[],[]]}`, `{"x":[[],[1]]}`, `{"x":[0],"e":[[0,0],[0,0]]}`,
		`{"x":[[1e-60]]}`, `{"x":[[1e60]]}`, `{"x":[NaN]}`, `{"y":nul,"n":1}`, `{"n":1,"y":{}}`,
		`{"i":"\ud800","n":1}`, "{\"i\":\"\x00\",\"n\":1}", "{\"i\":\"\xff\",\"n\":1}", `{"i":-0,"n":1}`, `{"i":"-0","n":1}`,
		`{"n":1,"z":` + strings.Repeat("[", 100), `{"n":1}{"n":1}`, "\xef\xbb\xbf{\"n\":1}", `{"":1}`, `{"n":1,}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, extra := range []bool{false, true} {
			r := NewReader(bytes.NewReader(data))
			r.Name, r.ExtraKeys, r.MaxLine = "fuzz", extra, 1<<20
			for {
				g, err := r.Read()
				if err == io.EOF {
					break
				}
				if err != nil {
					var parse *ParseError
					if !errors.As(err, &parse) || parse.Line != r.Line() {
						t.Fatalf("error %v on line %d", err, r.Line())
					}
					continue
				}
				if err := g.Validate(); err != nil {
					t.Fatalf("read an invalid graph: %v", err)
				}
				again(t, g)
			}
		}
	})
}

func again(t *testing.T, g *Graph) {
	var out bytes.Buffer
	if err := NewWriter(&out).Write(g); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	r := NewReader(&out)
	back, err := r.Read()
	if err != nil {
		t.Fatalf("cannot read back %q: %v", text, err)
	}
	if g.ID == "" { // an empty ID is not written, so the reader names the line
		back.ID = ""
	}
	if !same(g, back) {
		t.Fatalf("%+v became %+v through %q", g, back, text)
	}
}
