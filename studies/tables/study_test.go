package tables

import (
	"testing"

	"github.com/graft-ml/graft/tables/decoder"
)

// tiny is a study that takes a fraction of a second.
func tiny() Study {
	return Study{
		Sizes: []int{2, 3}, TestSizes: []int{3, 4}, Seeds: []uint64{1}, Steps: 6, BatchTokens: 300, Tests: 4,
		Model: decoder.Config{Layers: 1, Width: 16, Heads: 2},
	}
}

func TestStudy(t *testing.T) {
	cells, err := tiny().Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cells {
		t.Logf("%+v", c)
	}
	t.Logf("%+v", Compare(Rows(cells)))
	st, err := Study{}.prepare()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range st.openings {
		n, _ := parameters(o.task, o.config)
		t.Log(o.task.Name(), o.reader, o.config.FeedForwardWidth, n)
	}
	t.Logf("%s", st.settings())
}
