package imagesets

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/vision/images"
)

func TestDescribe(t *testing.T) {
	if len(Names()) != len(List()) {
		t.Error("names and tables differ in number")
	}
	for _, info := range List() {
		got, err := Describe(info.Name)
		if err != nil || got.Title != info.Title || got.Licence == "" || got.Origin == "" || len(got.Protocols) == 0 || got.SplitRule == "" || len(got.Files) == 0 {
			t.Errorf("%s: %+v, %v", info.Name, got, err)
		}
		if err := got.Normalisation().Check(); err != nil || len(got.Mean) != got.Channels || !slices.Equal(got.Classes, info.Classes) || len(got.Classes) < 10 {
			t.Errorf("%s: %v, %d means, %d classes", info.Name, err, len(got.Mean), len(got.Classes))
		}
		for _, f := range got.Published {
			if f.Value <= 0 || f.Value > 100 || f.Model == "" || f.Source == "" {
				t.Errorf("%s: the figure %+v", info.Name, f)
			}
		}
		for _, f := range got.Files {
			if f.Name == "" || f.Size == 0 || f.MD5+f.SHA256 == "" {
				t.Errorf("%s: the file %+v", info.Name, f)
			}
		}
		got.Classes[0], got.Mean[0], got.Files[0].Name = "", 0, ""
		if again, _ := Describe(info.Name); again.Classes[0] == "" || again.Mean[0] == 0 || again.Files[0].Name == "" {
			t.Errorf("%s: what one caller changed, another sees", info.Name)
		}
	}
}

func TestProtocols(t *testing.T) {
	for p, name := range ProtocolNames() {
		var got Protocol
		if err := got.UnmarshalText([]byte(name)); err != nil || got != Protocol(p) || got.String() != name {
			t.Errorf("%q is protocol %v, %v", name, got, err)
		}
	}
	if p, err := ParseProtocol(""); p != DefaultProtocol || err != nil {
		t.Error(p, err)
	}
	var unknown *datasets.UnknownError
	if _, err := ParseProtocol("heldout"); !errors.As(err, &unknown) || !strings.Contains(err.Error(), `did you mean "held-out"`) {
		t.Error(err)
	}
}

func TestLoadRefused(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"fashion", Options{}, `unknown data set of images "fashion"`},
		{"mnist", Options{Protocol: 7}, "no split protocol"},
		{"mnist", Options{ValShare: 1}, "cannot be held out"},
		{"mnist", Options{Coarse: true}, "no superclasses"},
		{"mnist", Options{Limit: datasets.Limit{Val: -1}}, "a limit of -1 images"},
		{"cifar-10-jpeg", Options{Decode: images.DecodeOptions{Channels: 2}}, "Channels: 2"},
	} {
		if _, err := Load(ctx, c.name, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q in it", c.name, err, c.want)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Load(ended, "mnist", Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLoadMissing(t *testing.T) {
	dir := t.TempDir()
	for _, info := range List() {
		_, err := Load(context.Background(), info.Name, Options{Dir: dir})
		var missing *datasets.MissingError
		if !errors.As(err, &missing) || missing.Set != info.Name || !strings.Contains(err.Error(), cmp.Or(info.Files[0].SHA256, info.Files[0].MD5)) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", info.Name, err)
		}
		if want := info.Name == "fashion-mnist" || info.Name == "mnist" || info.Name == "cifar-10" || info.Name == "cifar-100"; info.Fetched() != want || (missing.Command != "") != want {
			t.Errorf("%s: fetched %v by %q, want %v", info.Name, info.Fetched(), missing.Command, want)
		}
	}
	t.Setenv("GRAFT_DATA", dir)
	if _, err := Load(context.Background(), "mnist", Options{}); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "images", "mnist")) {
		t.Error(err)
	}
}

// TestLoadOtherFiles takes files that belong together, but are not the published ones.
func TestLoadOtherFiles(t *testing.T) {
	dir := t.TempDir()
	for k, name := range mnistNames {
		shape, numbers := []int{2, 1, 1}, []float64{1, 2}
		if k%2 == 1 {
			shape = []int{2}
		}
		writeFile(t, filepath.Join(dir, "mnist", name+".gz"), idxBytes(Uint8, shape, numbers...))
	}
	_, err := Load(context.Background(), "mnist", Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "it has 2 images, expected 60000") || !strings.Contains(err.Error(), "OpenIDX") {
		t.Error(err)
	}
	e := entry{info: mnistInfo}
	if err := e.checkImages("x", Labelled(packed{1, 2, 3, make([]uint8, 6)}, []int{0}), 1); err == nil || !strings.Contains(err.Error(), "1 high, 2 wide, with 3 channels") {
		t.Error(err)
	}
}

func TestHoldOut(t *testing.T) {
	labels := make([]int, 0, 137)
	for class, n := range []int{100, 30, 6, 1} {
		labels = append(labels, slices.Repeat([]int{class}, n)...)
	}
	source := Labelled(packed{1, 1, 1, make([]uint8, len(labels))}, labels)
	for _, share := range []float64{0.01, 0.1, 0.25, 0.5, 0.99} {
		kept, held := holdOut(source, share, 3)
		both := append(slices.Clone(kept), held...)
		slices.Sort(both)
		if len(slices.Compact(both)) != len(labels) || len(kept)+len(held) != len(labels) {
			t.Errorf("share %v: %d kept and %d held out of %d", share, len(kept), len(held), len(labels))
		}
		if want := share * float64(len(labels)); len(held) < int(want-0.5) || len(held) > int(want+0.5)+1 {
			t.Errorf("share %v: %d held out, expected %v", share, len(held), want)
		}
		for class, n := range tally(part{source, held}, 4) {
			exact := share * float64(tally(source, 4)[class])
			if float64(n) < exact-1 || float64(n) > exact+1 {
				t.Errorf("share %v, class %d: %d held out, expected %v", share, class, n, exact)
			}
		}
	}
	if kept, held := cut(source, 0, 1); kept.Len() != len(labels) || held.Len() != 0 {
		t.Error("a share of nothing holds something out")
	}
}

func TestSpread(t *testing.T) {
	source := Labelled(packed{1, 1, 1, make([]uint8, 10)}, []int{0, 0, 0, 0, 0, 1, 1, 1, 1, 1})
	if got := tally(spread(source, 4), 2); !slices.Equal(got, []int{2, 2}) {
		t.Error(got)
	}
	for _, n := range []int{0, 10, 11} {
		if spread(source, n).Len() != 10 {
			t.Error(n)
		}
	}
}
