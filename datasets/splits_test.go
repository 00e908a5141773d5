package datasets

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestSplitCheck(t *testing.T) {
	skip := func(i int32) bool { return i == 2 }
	for _, c := range []struct {
		s    split3
		want string
	}{
		{split3{[]int32{0, 1}, nil, []int32{3}}, ""},
		{split3{[]int32{0, 4}, nil, []int32{3}}, "train: graph 4 is out of range, expected 0..3"},
		{split3{[]int32{0}, []int32{-1}, []int32{3}}, "val: graph -1 is out of range, expected 0..3"},
		{split3{[]int32{0, 1}, nil, []int32{1}}, "test: graph 1 comes twice"},
		{split3{[]int32{0, 1, 2}, nil, []int32{3}}, "train: graph 2 is one that is left out"},
		{split3{[]int32{0}, nil, []int32{3}}, "graph 1 is in no split"},
	} {
		if got := c.s.check(4, true, skip); got != c.want {
			t.Errorf("%v: %q, expected %q", c.s, got, c.want)
		}
	}
}

func TestRandomSplit(t *testing.T) {
	items := firstNumbers(1128)
	s, again, other := randomSplit(items, 1), randomSplit(items, 1), randomSplit(items, 2)
	same(t, "sizes", [3]int{len(s.Train), len(s.Val), len(s.Test)}, [3]int{902, 113, 113}) // as DeepChem's of ESOL
	same(t, "check", s.check(1128, true, nil), "")
	if !slices.Equal(s.Train, again.Train) || slices.Equal(s.Train, other.Train) {
		t.Error("a seed must give one split, two seeds two")
	}
	same(t, "the items", items, firstNumbers(1128))
	for n := range 12 {
		if got := randomSplit(firstNumbers(n), 0).check(n, true, nil); got != "" {
			t.Errorf("%d graphs: %s", n, got)
		}
	}
}

func TestStratified(t *testing.T) {
	classes := make([]int32, 57)
	for i := range classes {
		classes[i] = int32(i % 3 % 2)
	}
	for fold := range 10 {
		s := stratified(classes, 10, fold, 9)
		same(t, "check", s.check(len(classes), true, nil), "")
		if len(s.Test) < 5 || len(s.Test) > 6 {
			t.Errorf("fold %d has %d graphs", fold, len(s.Test))
		}
		ones := 0
		for _, i := range s.Test {
			ones += int(classes[i])
		}
		if ones < 1 || ones > 2 { // 19 of 57
			t.Errorf("fold %d has %d graphs of class 1", fold, ones)
		}
		same(t, "validation is the next fold", s.Val, stratified(classes, 10, (fold+1)%10, 9).Test)
	}
	if slices.Equal(stratified(classes, 10, 0, 1).Test, stratified(classes, 10, 0, 2).Test) {
		t.Error("two seeds gave one split")
	}
}

func TestProtocols(t *testing.T) {
	for p, name := range protocolNames {
		got, err := ParseProtocol(name)
		if err != nil || got != Protocol(p) || got.String() != name {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	same(t, "names", ProtocolNames(), protocolNames[:])
	if p, err := ParseProtocol(""); err != nil || p != DefaultProtocol {
		t.Errorf("the empty name: %v, %v", p, err)
	}
	_, err := ParseProtocol("scafold")
	if want := `datasets: unknown split protocol "scafold"; did you mean "scaffold"?`; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v\nwant %s", err, want)
	}
	var p Protocol
	if text, err := json.Marshal(OGBSplit); err != nil || json.Unmarshal(text, &p) != nil || p != OGBSplit {
		t.Errorf("%s became %v, %v", text, p, err)
	}
	if err := p.UnmarshalText([]byte("x")); err == nil || p != OGBSplit || Protocol(99).String() != "Protocol(99)" {
		t.Errorf("protocol x: %v, %v", p, err)
	}
	for _, c := range []struct {
		name string
		p    Protocol
		want string
	}{
		{"esol", OGBSplit, `datasets: esol: it has no split protocol "ogb"; choose one of scaffold, random`},
		{"csl", ScaffoldSplit, `datasets: csl: it has no split protocol "scaffold"; choose one of published`},
	} {
		if _, err := Load(t.Context(), c.name, Options{Protocol: c.p}); err == nil || err.Error() != c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
	if set := load(t, "csl", Options{Protocol: PublishedSplit}); set.Train.Len() != 90 {
		t.Error("the published folds of csl are its only ones")
	}
}

func TestSplitByScaffold(t *testing.T) {
	parts := SplitByScaffold([]uint64{1, 2, 1, 3, 1, 1, 1, 1, 1, 1})
	if want := [3][]int{{0, 2, 4, 5, 6, 7, 8, 9}, {3}, {1}}; !slices.EqualFunc(parts[:], want[:], slices.Equal) {
		t.Errorf("got %v, want %v", parts, want)
	}
}
