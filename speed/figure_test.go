package speed

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	names := Names()
	for _, want := range []string{"fma_peak", "stream_triad", "gemm_1024x1024x1024", "gemm_18000x64x64", "gemm_18000x128x64", "gemm_512x64x64",
		"gemm_tn_64x64x18000", "gemm_nt_18000x64x64", "grit_zinc_train_step", "grit_zinc_forward", "grit_zinc_train_fraction_of_peak",
		"grit_zinc_peak_rss", "rrwp_zinc12k", "cswin_t_forward", "cswin_t_forward_4", "vit_s_train", "allocs_per_step", "gc_share"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no figure %s", want)
		}
	}
	seen := map[string]bool{}
	for _, e := range List() {
		if seen[e.Name] || e.Unit == "" || e.About == "" {
			t.Errorf("figure %+v: want a name of its own, a unit and a description", e)
		}
		seen[e.Name] = true
	}
	for _, k := range kinds() {
		ways := 0
		for _, is := range []bool{k.sample != nil, k.derive != nil, k.alone != nil} {
			if is {
				ways++
			}
		}
		if ways != 1 {
			t.Errorf("%s is measured in %d ways", k.Name, ways)
		}
		for _, need := range k.needs {
			if !seen[need] {
				t.Errorf("%s needs %s, which there is not", k.Name, need)
			}
		}
	}
}

func TestSelect(t *testing.T) {
	for _, c := range []struct {
		patterns []string
		want     string // names, or a part of the error
	}{
		{nil, strings.Join(Names(), " ")},
		{[]string{"*"}, strings.Join(Names(), " ")},
		{[]string{"stream_triad", "fma_peak", "fma_peak"}, "fma_peak stream_triad"},
		{[]string{"gemm_[tn]*"}, "gemm_tn_64x64x18000 gemm_nt_18000x64x64"},
		{[]string{"grit_zinc_*rss"}, "grit_zinc_peak_rss grit_zinc_forward_peak_rss"},
		{[]string{"fma_peek"}, `unknown figure "fma_peek"; did you mean "fma_peak"?`},
		{[]string{"fma_peak", "gemm_512x64"}, `unknown figure "gemm_512x64"; did you mean "gemm_512x64x64"?`},
		{[]string{""}, `unknown figure ""; did you mean`},
		{[]string{"q*"}, `pattern "q*": no figure fits it`},
		{[]string{"[q"}, `pattern "[q": the pattern is malformed`},
	} {
		list, err := Select(c.patterns)
		var names []string
		for _, e := range list {
			names = append(names, e.Name)
		}
		got := strings.Join(names, " ")
		if err != nil {
			if unknown := (*UnknownError)(nil); !errors.As(err, &unknown) {
				t.Errorf("Select(%q): error %T, want an *UnknownError", c.patterns, err)
			}
			got = err.Error()
		}
		if err == nil && got != c.want || !strings.Contains(got, c.want) {
			t.Errorf("Select(%q): %s, want %s", c.patterns, got, c.want)
		}
	}
}

func TestSeries(t *testing.T) {
	for _, c := range []struct {
		s                series
		value, low, high float64
	}{
		{series{3}, 3, 3, 3}, {series{3, 1, 2}, 2, 1, 3}, {series{4, 1, 8, 2}, 3, 1, 8},
	} {
		f := c.s.figure(kind{Entry: Entry{Name: "a", Unit: "b"}})
		if want := (Figure{Name: "a", Unit: "b", Value: c.value, Low: c.low, High: c.high, Repeats: len(c.s)}); f != want {
			t.Errorf("%v: %+v, want %+v", c.s, f, want)
		}
	}
}
