package baseline

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
)

// load gives a set from the shared data: under $GRAFT_DATA, else beside the module. The test
// is skipped where there is none.
func load(t *testing.T, name string, p tableqa.Protocol) *tableqa.Set {
	t.Helper()
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(root, "tables")); err != nil {
		t.Skipf("no folder tables under %s; set GRAFT_DATA to the data folder", root)
	}
	set, err := tableqa.Load(context.Background(), name, tableqa.Options{Dir: root, Protocol: p})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// report measures on two splits and logs the figures. Shares that are not within half a
// point of those measured first are errors.
func report(t *testing.T, set *tableqa.Set, name string, a Answerer, val, test float64) {
	t.Helper()
	for _, c := range []struct {
		split datasets.Split
		want  float64
	}{{datasets.Val, val}, {datasets.Test, test}} {
		tally := Measure(set.Info.Metric, set.Split(c.split), a)
		t.Logf("%s, %v, %s, %v: %v", set.Info.Name, set.Protocol, name, c.split, &tally)
		if math.Abs(tally.All.Percent()-c.want) > 0.5 {
			t.Errorf("%s, %v: %.2f %% of the answers of %s are right, expected about %.1f", set.Protocol, c.split, tally.All.Percent(), name, c.want)
		}
	}
}

func TestPublishedStatements(t *testing.T) {
	for _, c := range []struct {
		protocol      tableqa.Protocol
		majority, bag [2]float64 // on val and test
	}{
		{tableqa.ValAsTrain, [2]float64{50.3, 50.3}, [2]float64{58.5, 60.3}},
		{tableqa.Pairs, [2]float64{50.6, 50.3}, [2]float64{59.3, 59.6}},
		{tableqa.RawPairs, [2]float64{50, 50}, [2]float64{59.6, 61.3}},
	} {
		set := load(t, "tabfact", c.protocol)
		majority, err := FitMajority(set.Train)
		if err != nil {
			t.Fatal(err)
		}
		report(t, set, "majority", majority, c.majority[0], c.majority[1])
		model, err := FitStatements(context.Background(), set.Train, Options{})
		if err != nil {
			t.Fatal(err)
		}
		report(t, set, "bag of words", model, c.bag[0], c.bag[1])
	}
}

func TestPublishedCells(t *testing.T) {
	set := load(t, "wikitables", tableqa.DefaultProtocol)
	majority, err := FitMajority(set.Train)
	if err != nil {
		t.Fatal(err)
	}
	report(t, set, "majority ("+majority.Most+")", majority, 4.2, 4.4)
	model, err := FitCells(context.Background(), set.Train, Options{})
	if err != nil {
		t.Fatal(err)
	}
	report(t, set, "bag of words", model, 19.5, 18.3)
}
