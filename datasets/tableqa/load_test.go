package tableqa

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

func TestNames(t *testing.T) {
	if names := Names(); !slices.IsSorted(names) || len(names) != len(List()) {
		t.Errorf("names %v are not in order", names)
	}
	for _, info := range List() {
		got, err := Describe(info.Name)
		if err != nil || got.Title != info.Title || got.Licence == "" || got.Origin == "" || len(got.Protocols) == 0 || got.SplitRule == "" {
			t.Errorf("%s: %+v, %v", info.Name, got, err)
		}
		if got.Generated != (len(got.Files) == 0) {
			t.Errorf("%s: generated %v, files %v", info.Name, got.Generated, got.Files)
		}
		for _, f := range got.Published {
			if f.Value <= 0 || f.Value > 100 || f.Model == "" || f.Part == "" || f.Source == "" {
				t.Errorf("%s: the figure %+v", info.Name, f)
			}
		}
	}
	info, _ := Describe("tabfact")
	info.Protocols[0], info.Published[0].Value = PublishedSplit, 0
	if again, _ := Describe("tabfact"); again.Protocols[0] != ValAsTrain || again.Published[0].Value == 0 {
		t.Error("what one caller changed, another sees")
	}
}

func TestProtocols(t *testing.T) {
	for p, name := range ProtocolNames() {
		var got Protocol
		if err := got.UnmarshalText([]byte(name)); err != nil || got != Protocol(p) || got.String() != name {
			t.Errorf("%q is protocol %v, %v", name, got, err)
		}
	}
	var unknown *datasets.UnknownError
	if _, err := ParseProtocol("pair"); !errors.As(err, &unknown) || !strings.Contains(err.Error(), `did you mean "pairs"`) {
		t.Error(err)
	}
	if p, err := ParseProtocol(""); p != DefaultProtocol || err != nil {
		t.Error(p, err)
	}
}

func TestLoadRefused(t *testing.T) {
	ctx := context.Background()
	var unknown *datasets.UnknownError
	if _, err := Load(ctx, "tabfacts", Options{}); !errors.As(err, &unknown) || !strings.Contains(err.Error(), `did you mean "tabfact"`) {
		t.Error(err)
	}
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"tabfact", Options{Protocol: WholeTraining}, `no split protocol "whole-training"; choose one of [val-as-train pairs raw-pairs published]`},
		{"wikitables", Options{Fold: 5}, "fold 5 is out of range; choose one of 0..4"},
		{"wikitables", Options{Fold: 1, Protocol: WholeTraining}, "choose one of 0..0"},
		{"counting-stars", Options{Limit: datasets.Limit{Val: -1}}, "a limit of -1 questions"},
		{"counting-stars", Options{Proxy: ProxyOptions{Stars: 2}}, "probability of a star"},
	} {
		if _, err := Load(ctx, c.name, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, expected %q in it", c.name, err, c.want)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Load(ended, "counting-stars", Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestLoadMissing(t *testing.T) {
	dir := t.TempDir()
	for _, info := range List() {
		if info.Generated {
			continue
		}
		_, err := Load(context.Background(), info.Name, Options{Dir: dir})
		var missing *datasets.MissingError
		if !errors.As(err, &missing) || missing.Set != info.Name || !strings.Contains(err.Error(), info.Origin) {
			t.Errorf("%s: %v", info.Name, err)
		}
	}
	t.Setenv("GRAFT_DATA", dir)
	if _, err := Load(context.Background(), "wikitables", Options{}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Error(err)
	}
}

func TestLoadGenerated(t *testing.T) {
	for _, name := range []string{"locating-values", "counting-stars"} {
		set, err := Load(context.Background(), name, Options{Seed: 5, Limit: datasets.Limit{Train: 200_000, Val: 7}})
		if err != nil {
			t.Fatal(err)
		}
		if set.Train.Len() != 200_000 || set.Val.Len() != 7 || set.Test.Len() != 1_000 || set.Protocol != SeededSplit || len(set.Notes) != 1 {
			t.Errorf("%s: %d, %d, %d, %+v", name, set.Train.Len(), set.Val.Len(), set.Test.Len(), set)
		}
		checkQuestion(t, set.Train.At(199_999))
	}
}

// TestLoadZip loads a set from a zip file of it.
func TestLoadZip(t *testing.T) {
	files := map[string]string{}
	for name, text := range smallTabFact() {
		files["Table-Fact-Checking/"+name] = text
	}
	path := filepath.Join(t.TempDir(), "tabfact.zip")
	if err := os.WriteFile(path, zipped(t, files), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{path, filepath.Dir(path)} {
		set, err := Load(context.Background(), "tabfact", Options{Dir: dir, Limit: datasets.Limit{Train: 1}})
		if err != nil || set.Train.Len() != 1 || set.Train.At(0).Text != "two" || set.Info.Train != 2 {
			t.Error(set, err)
		}
	}
}
