package lengths_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
)

func TestNames(t *testing.T) {
	names := lengths.Names()
	for _, want := range strings.Fields("copy_cmc copy_cmc2x copy_rsc copy_rdc copy_rsc2x reverse_mc reverse_mc2x reverse_mcrv addition poly sum parity " +
		"sort_single sort_multi lego lego_perm scan pcfg locate") {
		if !slices.Contains(names, want) {
			t.Errorf("no %s among %v", want, names)
		}
	}
	for _, name := range names {
		task := byName(t, name, lengths.Options{})
		if task.Name() != name || !strings.HasPrefix(name, task.Family()) || !strings.HasSuffix(name, task.Variant()) || !strings.Contains(task.About(), "lengths count") {
			t.Errorf("%s: %q %q %q %q", name, task.Name(), task.Family(), task.Variant(), task.About())
		}
		if task.Generated() == (name == "scan" || name == "pcfg") {
			t.Errorf("%s: Generated is %v", name, task.Generated())
		}
	}
	_, err := lengths.ByName("aditon", lengths.Options{})
	var unknown *lengths.UnknownError
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), `did you mean "addition"?`) {
		t.Errorf("got %v", err)
	}
}

// TestPublishedLengths are those of the paper.
func TestPublishedLengths(t *testing.T) {
	for name, want := range map[string]string{
		"copy_rdc": "2-20 21-40", "reverse_mcrv": "2-20 21-40", "addition": "1-8 9-16", "poly": "1-8 9-16", "sum": "2-8 9-16",
		"parity": "4-8 9-16", "sort_multi": "2-8 9-16", "lego_perm": "4-8 9-16", "scan": "1-25 26-48", "pcfg": "1-8 9-35",
	} {
		task := byName(t, name, lengths.Options{})
		if got := task.Lengths(lengths.Train).String() + " " + task.Lengths(lengths.Test).String(); got != want || task.Lengths(lengths.Val) != task.Lengths(lengths.Train) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestOptionsRefused(t *testing.T) {
	between := func(low, high int) lengths.Range { return lengths.Range{Min: low, Max: high} }
	for _, c := range []struct {
		name string
		o    lengths.Options
		want string
	}{
		{"sum", lengths.Options{Train: between(5, 3)}, "train lengths 5-3"},
		{"sum", lengths.Options{Train: between(-1, 3)}, "within 1-4096"},
		{"sum", lengths.Options{Train: between(1, 1<<62)}, "within 1-4096"},
		{"addition", lengths.Options{Train: between(1, 10), Test: between(11, 20)}, "within 1-18"},
		{"lego", lengths.Options{Train: between(1, 4)}, "within 2-26"},
		{"lego", lengths.Options{Train: between(4, 26)}, "test lengths 27-26"},
		{"copy_cmc", lengths.Options{Test: between(20, 30)}, "let them begin at 21"},
		{"copy_cmc", lengths.Options{Symbols: 101}, "choose 2 to 100"},
		{"copy_rdc", lengths.Options{Symbols: 1}, "choose 2 to 100"},
		{"addition", lengths.Options{Symbols: 5}, "leave Symbols 0"},
		{"locate", lengths.Options{Symbols: 50}, "at least 255"},
		{"copy_cmc", lengths.Options{Scratchpad: lengths.MinimalScratchpad()}, "no scratchpad"},
		{"sum", lengths.Options{Scratchpad: lengths.Scratchpad{Verbose: true}}, "without any component"},
	} {
		if _, err := lengths.ByName(c.name, c.o); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "lengths: "+c.name) {
			t.Errorf("%s %+v: got %v, want %q", c.name, c.o, err, c.want)
		}
	}
	for name, o := range map[string]lengths.Options{
		"addition": {Train: between(1, 9)}, "lego": {Train: between(2, 13)}, "locate": {Train: between(2, 3), Symbols: 35},
		"poly": {Train: between(1, 1), Test: between(2, 2)},
	} {
		task := byName(t, name, o)
		for i := range 40 {
			task.At(1, lengths.Test, i)
		}
	}
}

func TestMisuse(t *testing.T) {
	sum, scan := byName(t, "sum", lengths.Options{}), byName(t, "scan", lengths.Options{})
	for _, c := range []struct {
		want string
		call func()
	}{
		{"length 9", func() { sum.Generate(1, lengths.Train, 9, 0) }},
		{"length 8", func() { sum.Generate(1, lengths.Test, 8, 0) }},
		{"index -1", func() { sum.Generate(1, lengths.Test, 9, -1) }},
		{"number -1", func() { sum.At(1, lengths.Test, -1) }},
		{"no generator", func() { scan.Generate(1, lengths.Train, 9, 0) }},
		{"no generator", func() { scan.At(1, lengths.Train, 9) }},
		{"Split(7)", func() { sum.Lengths(7) }},
		{"id 99999", func() { sum.Vocabulary().Decode([]int32{99999}) }},
		{"id -1", func() { sum.Vocabulary().Token(-1) }},
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "lengths: ") || !strings.Contains(text, c.want) {
					t.Errorf("panic %q, want %q", text, c.want)
				}
			}()
			c.call()
		}()
	}
	for _, r := range []lengths.Record{nil, (*lengths.SumRecord)(nil), &lengths.ParityRecord{}} {
		if _, err := sum.Process(r); err == nil || !strings.Contains(err.Error(), "*lengths.SumRecord") {
			t.Errorf("%T: %v", r, err)
		}
	}
}

func TestScratchpadNames(t *testing.T) {
	for bits := range 64 {
		var s lengths.Scratchpad
		for i, on := range []*bool{&s.Input, &s.Computation, &s.Output, &s.Variables, &s.Remaining, &s.Verbose} {
			*on = bits>>i&1 == 1
		}
		got, err := lengths.ParseScratchpad(s.String())
		if err != nil || got != s {
			t.Errorf("%v: %+v, %v", s, got, err)
		}
	}
	for name, want := range map[string]string{"none": "none", "full": "i1_c1_o1_v1_r1", "minimal": "i0_c1_o1_v0_r0"} {
		if s, err := lengths.ParseScratchpad(name); err != nil || s.String() != want {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	for _, bad := range []string{"", "all", "i1_c1_o1_v1", "i1_c1_o1_v1_r2", "c1_i1_o1_v1_r1", "i1_c1_o1_v1_r1_r1", "i1_c1_o1_v1_r1_verbos", "i_c_o_v_r"} {
		if s, err := lengths.ParseScratchpad(bad); err == nil || !strings.Contains(err.Error(), "i1_c1_o1_v0_r1") {
			t.Errorf("%q: %v, %v", bad, s, err)
		}
	}
	// Sort and lego carry no variables, so all components are all but these.
	full := byName(t, "lego", lengths.Options{Scratchpad: lengths.FullScratchpad()})
	without := byName(t, "lego", lengths.Options{Scratchpad: lengths.Scratchpad{Input: true, Computation: true, Output: true, Remaining: true}})
	if a, b := full.At(1, lengths.Test, 5), without.At(1, lengths.Test, 5); a.Target != b.Target || !full.HasScratchpad() {
		t.Errorf("%q, %q", a.Target, b.Target)
	}
}
