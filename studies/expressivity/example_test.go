package expressivity_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/studies/expressivity"
)

// The random-walk probabilities of GRIT see what 1-WL does not, but less than 3-WL.
func ExampleStudy() {
	ctx := context.Background()
	set, err := expressivity.Load(ctx, "textbook", datasets.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	study := expressivity.Study{Sets: []*expressivity.Set{set}}
	for _, name := range []string{"wl", "rrwp", "wl2"} {
		tests, err := expressivity.TestsByName(name, expressivity.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		study.Tests = append(study.Tests, tests...)
	}
	rows, err := study.Run(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	apart := map[string][]string{}
	for _, r := range rows {
		if r.Apart == 1 {
			apart[r.Test] = append(apart[r.Test], r.Category)
		}
	}
	for _, t := range study.Tests {
		fmt.Println(t.Name, apart[t.Name])
	}
	// Output:
	// wl []
	// rrwp [hexagon decalin skip dodecahedron ladder]
	// wl2 [hexagon decalin skip dodecahedron ladder fan]
}
