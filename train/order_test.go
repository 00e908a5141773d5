package train

import (
	"fmt"
	"testing"
)

// TestShuffle: orders are permutations, each epoch and seed has its own, and they do not change between versions.
func TestShuffle(t *testing.T) {
	seen := map[string]string{}
	for _, n := range []int{0, 1, 2, 100} {
		for seed := uint64(0); seed < 4; seed++ {
			for epoch := 0; epoch < 4; epoch++ {
				order := make([]int, n)
				shuffle(order, seed, epoch)
				there := make([]bool, n)
				for _, i := range order {
					if there[i] {
						t.Fatalf("%d stands twice in %v", i, order)
					}
					there[i] = true
				}
				if n == 100 {
					name := fmt.Sprintf("seed %d, epoch %d", seed, epoch)
					if other := seen[fmt.Sprint(order)]; other != "" {
						t.Errorf("%s has the order of %s", name, other)
					}
					seen[fmt.Sprint(order)] = name
				}
			}
		}
	}
	order := make([]int, 10)
	shuffle(order, 1, 2)
	if got, want := fmt.Sprint(order), "[6 4 1 9 0 7 3 2 8 5]"; got != want {
		t.Errorf("order %s, want %s: runs begun earlier could not be resumed with the same bits", got, want)
	}
}

// TestShuffleIsFair: every item comes to every place about equally often.
func TestShuffleIsFair(t *testing.T) {
	const n, trials = 5, 20000
	var count [n][n]int
	order := make([]int, n)
	for epoch := 0; epoch < trials; epoch++ {
		shuffle(order, 9, epoch)
		for place, item := range order {
			count[item][place]++
		}
	}
	for item := range count {
		for place, k := range count[item] {
			if d := float64(k) - trials/n; d*d > 25*trials/n { // five standard deviations
				t.Errorf("item %d came to place %d %d times, want about %d", item, place, k, trials/n)
			}
		}
	}
}
