package files

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestParseSchemaErrors(t *testing.T) {
	const good = `{"version":1,"kind":"graphs","task":"regression","nodes":{"columns":[{"name":"a","categories":["x"],"common":0},{"name":"b","sd":2}]},"edges":{},"targets":[{"name":"y","mean":0,"sd":1}],"files":null}`
	s, err := ParseSchema([]byte(good))
	if err != nil || len(s.Nodes.Types()) != 1 || s.Nodes.Numbers() != 1 || s.Nodes.String() != "a (1 categories), b (number)" {
		t.Fatalf("%+v, %v", s, err)
	}
	for _, c := range []struct{ old, new, want string }{
		{good, "", "files: schema: unexpected end of JSON input"},
		{good, good + "{}", "files: schema: invalid character '{' after top-level value"},
		{`"version":1`, `"version":2`, "files: schema: version 2, this program reads version 1"},
		{`"version":1`, `"version":1,"x":1`, `files: schema: json: unknown field "x"`},
		{`"graphs"`, `"grahps"`, `files: schema: unknown kind of file "grahps"; did you mean "graphs"`},
		{`[{"name":"y","mean":0,"sd":1}]`, `[]`, "files: schema: there are no targets"},
		{`"mean":0,"sd":1`, `"mean":0,"sd":0`, `files: schema: target "y": mean 0 and deviation 0`},
		{`"mean":0,"sd":1`, `"classes":["a","b"],"sd":1`, `files: schema: target "y" does not fit a regression`},
		{`"sd":2`, `"sd":-2`, `files: schema: column "b": mean 0 and deviation -2`},
		{`"common":0`, `"common":1`, `files: schema: column "a": 1 categories, the most frequent being number 1`},
		{`["x"]`, `[]`, `files: schema: column "a": 0 categories`},
		{`["x"]`, `["x","x"]`, `files: schema: column "a": the category "x" comes twice`},
		{`"name":"b"`, `"name":"a"`, `files: schema: the column "a" comes twice`},
	} {
		if _, err := ParseSchema([]byte(strings.Replace(good, c.old, c.new, 1))); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.new, err, c.want)
		}
	}
	if _, err := ParseSchema(bytes.Repeat([]byte(" "), mostSchema+1)); err == nil {
		t.Error("a schema of any size is read")
	}
	big := &Schema{Targets: []Target{{Name: strings.Repeat("y", mostSchema), SD: 1}}}
	if _, err := big.Marshal(); err == nil || !strings.Contains(err.Error(), "at most 4194304 can be stored with a model") {
		t.Errorf("a large schema: %v", err)
	}
}

// FuzzSchema: what is read is written alike.
func FuzzSchema(f *testing.F) {
	f.Add([]byte(`{"version":1,"kind":"csv","task":"classification","nodes":{},"edges":{},"targets":[{"name":"y","classes":["a","b"],"mean":0,"sd":1}],"files":[{"name":"m.csv","bytes":1,"sha256":"00"}]}`))
	f.Add([]byte(`{"version":1,"nodes":{"columns":[{"name":"<&>","categories":[],"unknown":true}]},"targets":[{"name":"y","sd":1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := ParseSchema(text)
		if err != nil {
			return
		}
		once, err := s.Marshal()
		if err != nil {
			return // too large
		}
		again, err := ParseSchema(once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if twice, err := again.Marshal(); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s, then %s (%v)", once, twice, err)
		}
	})
}

func TestPredict(t *testing.T) {
	nan := float32(math.NaN())
	two := Target{Name: "t", Classes: []string{"no", "yes"}, SD: 1}
	for _, c := range []struct {
		targets []Target
		scores  []float32
		want    string
	}{
		{[]Target{{Name: "y", Mean: 10, SD: 2}}, []float32{-1}, "[8]"},
		{[]Target{{Name: "y", Mean: 10, SD: 2}, {Name: "z", Mean: 0, SD: 1}}, []float32{0, 0.25}, "[10 0.25]"},
		{[]Target{{Name: "y", SD: 1}}, []float32{nan}, "[NaN]"},
		{[]Target{two}, []float32{-1000}, "[no 1 0]"},
		{[]Target{two}, []float32{0}, "[no 0.5 0.5]"},
		{[]Target{two}, []float32{nan}, "[NaN NaN NaN]"},
		{[]Target{two}, []float32{0, 0}, "[no 0.5 0.5]"}, // a score a class
		{[]Target{two, two}, []float32{1000, -1000}, "[yes 0 1 no 1 0]"},
		{[]Target{{Name: "t", Classes: []string{"a", "b", "c"}, SD: 1}}, []float32{0, 1000, 0}, "[b 0 1 0]"},
		{[]Target{{Name: "t", Classes: []string{"a", "b", "c"}, SD: 1}}, []float32{1, nan, 0}, "[NaN NaN NaN NaN]"},
	} {
		s := &Schema{Targets: c.targets}
		if got := fmt.Sprint(s.Answer(c.scores)); got != c.want {
			t.Errorf("%v of %v: %s, want %s", c.scores, c.targets, got, c.want)
		}
		if len(s.Answer(c.scores)) != len(s.AnswerColumns()) {
			t.Errorf("columns %v", s.AnswerColumns())
		}
	}
}
