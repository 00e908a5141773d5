package recipes

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// FuzzParse holds the parser of configurations to never panic, and what it accepts
// to survive writing and reading.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		r, err := Lookup(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(r.Marshal())
	}
	for _, text := range []string{
		"", "{}", "---\n---\n", "base: zinc-grit\n", "model: {kind: grit, layers: 3}", "a: &a [*a]", "? x\n: y\n", "<<: {name: a}\n",
		"name: |\n  two\n  lines\n", "name: 'it''s'\n", "name: \"\\u2028\\n\"\n", "name: !!str 1\n", "optim: {lr: 0x10}\n", "train: {seed: 0b1}\n",
		"train: {epochs: 1_000}\n", "\xff\xfe", "name: a: b\n", "\tname: x\n", "name: [[[[[[[[[[\n", "model:\n- kind\n", "name: \"\n", "%YAML 1.2\n---\nname: x\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(bytes.NewReader(data), "f.yaml")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "recipes: f.yaml") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		again, err := Parse(bytes.NewReader(r.Marshal()), "f.yaml")
		if err != nil {
			t.Fatalf("written as\n%s\n%v", r.Marshal(), err)
		}
		if !reflect.DeepEqual(r, again) {
			t.Errorf("got  %+v\nwant %+v", again, r)
		}
	})
}

// TestMarshalAnyText writes and reads texts of all kinds.
func TestMarshalAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Default()
		r.Name = rapid.StringN(1, -1, 40).Draw(t, "name")
		r.About = rapid.StringMatching(`[-:#'"\\{}\[\], \n\ta-z0-9.~?!&*|>%@]*`).Draw(t, "about")
		r.Data.Dir = rapid.SampledFrom([]string{"", "true", "null", "~", "1", "1e5", ".5", "a b", "../x", "- a", "#", "a #b", "y", "0x1", "2001-01-01", " a", "a "}).Draw(t, "dir")
		r.Optim.LR = rapid.Float64Range(0, 10).Draw(t, "lr")
		r.Train.Seed = rapid.Uint64().Draw(t, "seed")
		again, err := Parse(bytes.NewReader(r.Marshal()), "f.yaml")
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Fatalf("%v\ngot  %+v\nwant %+v\n%s", err, again, r, r.Marshal())
		}
	})
}
