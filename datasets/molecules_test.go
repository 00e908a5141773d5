package datasets

import (
	"fmt"
	"testing"
)

// The figures are those that the definition of the workload states for seed 1.
func TestMoleculesAreTheWorkload(t *testing.T) {
	m := NewMolecules(1)
	wantNodes, wantBonds := []int{26, 13, 25, 20, 23, 18, 22, 20}, []int{28, 15, 28, 21, 25, 21, 24, 22}
	batchNodes, batchPairs := [4]int{731, 775, 707, 749}, [4]int{17405, 19365, 16345, 18235}
	for b := range batchNodes {
		nodes, pairs := 0, 0
		for k := range 32 {
			g := m.Next()
			if err := g.Validate(); err != nil {
				t.Fatal(err)
			}
			if at := b*32 + k; at < len(wantNodes) && (g.Nodes != wantNodes[at] || len(g.Edges) != 2*wantBonds[at]) {
				t.Errorf("molecule %d: %d nodes and %d bonds, want %d and %d", at, g.Nodes, len(g.Edges)/2, wantNodes[at], wantBonds[at])
			}
			if b == 0 && k == 0 && g.Target[0] != 0.711918955088992 {
				t.Errorf("first target %v, want 0.711918955088992", g.Target[0])
			}
			nodes += g.Nodes
			pairs += g.Nodes * g.Nodes
		}
		if nodes != batchNodes[b] || pairs != batchPairs[b] {
			t.Errorf("batch %d: %d nodes and %d pairs, want %d and %d", b, nodes, pairs, batchNodes[b], batchPairs[b])
		}
	}
}

func ExampleMolecules() {
	m := NewMolecules(1)
	for range 3 {
		g := m.Next()
		fmt.Println(g.Nodes, "atoms,", len(g.Edges)/2, "bonds")
	}
	// Output:
	// 26 atoms, 28 bonds
	// 13 atoms, 15 bonds
	// 25 atoms, 28 bonds
}
